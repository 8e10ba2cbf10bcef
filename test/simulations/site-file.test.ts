/** The nodes of a simulation, from options and files. */

import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/schema';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseSite, readSiteFile } from '../../simulations/site-file.js';
import { flatPool, parseNodes } from '../../simulations/site-options.js';
import { data, file } from './files.js';

const names = (site: ReturnType<typeof parseNodes>) => site.resources.map(({ name }) => name).join(' ');
const classes = (site: ReturnType<typeof parseNodes>) =>
  site.classes.map(({ first, count, capacity, exclusive }) => [first, count, capacity, exclusive]);

describe('--procs', () => {
  test('as many nodes of one cpu, each for one VM', () => {
    expect(flatPool(100)).toEqual({
      resources: [{ name: 'cpu', kind: 'amount' }],
      classes: [{ first: 1, count: 100, capacity: [1000], exclusive: true, labels: {}, names: null, units: {} }],
    });
  });
});

describe('--nodes', () => {
  test('several nodes of several resources', () => {
    const site = parseNodes(['16x cpu=8,memory=32GiB']);
    expect(names(site)).toBe('cpu memory');
    expect(classes(site)).toEqual([[1, 16, [8000, 32_768], false]]);
  });

  test('several classes, in one option or in several; what a class does not mention it has none of', () => {
    const expected = [
      [1, 2, [500, 100, 1_572_864, 0], false],
      [3, 1, [4000, 0, 0, 2], false],
    ];
    const first = '2 x disk = 1.5TiB, cpu=0.5, memory=100';
    for (const options of [[`${first}; gpu=2,cpu=4`], [first, 'gpu=2,cpu=4'], [`${first};`, '1xgpu=2,cpu=4']]) {
      const site = parseNodes(options);
      expect(names(site)).toBe('cpu memory disk gpu');
      expect(classes(site)).toEqual(expected);
    }
  });

  test('one cpu and nothing else is for one VM', () => {
    expect(classes(parseNodes(['100x cpu=1']))).toEqual([[1, 100, [1000], true]]);
    expect(classes(parseNodes(['2x cpu=1; 2x cpu=2']))).toEqual([
      [1, 2, [1000], true],
      [3, 2, [2000], false],
    ]);
    expect(classes(parseNodes(['2x cpu=1,memory=0MiB', 'cpu=1,memory=1']))).toEqual([
      [1, 2, [1000, 0], true],
      [3, 1, [1000, 1], false],
    ]);
  });
});

const SITE = `
resources: [memory, cpu, {name: gpu, kind: units}]
nodes:
  - count: 2
    capacity: {cpu: 8, memory: 32GiB}
    labels: {rack: a}
    names: [a1, a2]
  - capacity: {cpu: 0.25}
    exclusive: true
    units: {gpu: [gpu0, gpu1]}
`;

describe('--site', () => {
  test('a file in YAML', () => {
    expect(parseSite(SITE, 'site.yaml')).toEqual({
      resources: [
        { name: 'memory', kind: 'amount' },
        { name: 'cpu', kind: 'amount' },
        { name: 'gpu', kind: 'units' },
      ],
      classes: [
        {
          first: 1,
          count: 2,
          capacity: [32_768, 8000, 0],
          exclusive: false,
          labels: { rack: 'a' },
          names: ['a1', 'a2'],
          units: {},
        },
        {
          first: 3,
          count: 1,
          capacity: [0, 250, 2],
          exclusive: true,
          labels: {},
          names: null,
          units: { gpu: ['gpu0', 'gpu1'] },
        },
      ],
    });
  });

  test('resources that are not declared are those mentioned, the usual ones first', () => {
    const site = parseSite(
      'nodes: [{capacity: {slots: 4, memory: 1GiB}, units: {gpu: [g0]}}, {capacity: {cpu: 1}}]',
      's',
    );
    expect(site.resources).toEqual([
      { name: 'cpu', kind: 'amount' },
      { name: 'memory', kind: 'amount' },
      { name: 'slots', kind: 'amount' },
      { name: 'gpu', kind: 'units' },
    ]);
    expect(classes(site)).toEqual([
      [1, 1, [0, 1024, 4, 1], false],
      [2, 1, [1000, 0, 0, 0], true],
    ]);
  });

  test("Haizea's XML is told by its content", async () => {
    const site = await readSiteFile(data('haizea/25_hetero_multicpu/workload.xml'));
    expect(classes(site)).toEqual([
      [1, 2, [4000, 4096], false],
      [3, 2, [2000, 1024], false],
    ]);
    expect(await readSiteFile(file('site.yaml', SITE))).toEqual(parseSite(SITE, 'site.yaml'));
  });
});

describe('docs/site.schema.json', () => {
  const schema = JSON.parse(readFileSync(new URL('../../docs/site.schema.json', import.meta.url), 'utf8'));
  const isValid = (text: string) => Compile(schema).Check(parse(text));
  const isRead = (text: string) => {
    try {
      parseSite(text, 's');
      return true;
    } catch {
      return false;
    }
  };

  test.each([
    SITE,
    'nodes: [{capacity: {}}]',
    'nodes: [{capacity: {cpu: 1, memory: "2 GiB"}, exclusive: false, count: 1000000}]',
    'resources: [cpu, {name: memory}]\nnodes: [{capacity: {memory: 5}}]',
  ])('agrees that this is right: %s', (text) => {
    expect([isRead(text), isValid(text)]).toEqual([true, true]);
  });

  test.each([
    '[]',
    'nodes: []',
    'nodes: [{}]',
    'nodes: [{capacity: {cpu: -1}}]',
    'nodes: [{capacity: {cpu: x}}]',
    'nodes: [{capacity: {memory: 1GB}}]',
    'nodes: [{capacity: {CPU: 1}}]',
    'nodes: [{capacity: {cpu: 1}, count: 0}]',
    'nodes: [{capacity: {cpu: 1}, count: 1.5}]',
    'nodes: [{capacity: {cpu: 1}, count: 1000001}]',
    'nodes: [{capacity: {cpu: 1}, exclusive: 1}]',
    'nodes: [{capacity: {cpu: 1}, names: [a, a], count: 2}]',
    'nodes: [{capacity: {cpu: 1}, labels: {rack: 1}}]',
    'nodes: [{capacity: {cpu: 1}, unit: {}}]',
    'nodes: [{capacity: {cpu: 1}, units: {gpu: [""]}}]',
    'resources: []\nnodes: [{capacity: {cpu: 1}}]',
    'resources: [{kind: units}]\nnodes: [{capacity: {}}]',
    'resources: [{name: cpu, kind: piece}]\nnodes: [{capacity: {cpu: 1}}]',
    'site: 1\nnodes: [{capacity: {cpu: 1}}]',
  ])('agrees that this is wrong: %s', (text) => {
    expect([isRead(text), isValid(text)]).toEqual([false, false]);
  });
});
