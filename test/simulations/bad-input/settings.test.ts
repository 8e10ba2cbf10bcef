/** Options and settings files that cannot be used: what is wrong, where, and what to do. */

import { describe, expect, test } from 'vitest';
import { POLICY_DEFAULT } from '../../../engine/index.js';
import { parsePolicy, readPolicyFile } from '../../../simulations/policy-file.js';
import { parseSite, readSiteFile } from '../../../simulations/site-file.js';
import { flatPool, parseNodes } from '../../../simulations/site-options.js';
import { directory, file, refusal } from '../files.js';

const USAGE = 2;
const CONFIGURATION = 78;

describe('policy files', () => {
  test.each([
    ['backfiling: easy', 'p.yaml:1: backfiling: unknown key "backfiling"', 'Did you mean "backfilling"?'],
    ['suspendRate: 5', 'p.yaml:1: suspendRate: unknown key "suspendRate"', 'Did you mean "suspend-rate"?'],
    ['\n\nsomething: 5', 'p.yaml:3: something: unknown key "something"', 'Known: rules, backfilling,'],
    [
      '# a\nsuspension: all\nbackfilling: fast',
      'p.yaml:3: backfilling: "fast" is not accepted',
      'Write none, easy, conservative, intermediate:N, sticky:N or sticky:all.',
    ],
    [
      'preemptors: advance',
      'p.yaml:1: preemptors: "advance" is not accepted',
      'Write a list of advance, immediate, deadline.',
    ],
    ['suspend-rate: .nan', 'p.yaml:1: suspend-rate: NaN is not accepted', 'a number from 0.1'],
    ['suspend-rate: 1e400', 'p.yaml:1: suspend-rate: Infinity is not accepted', 'a number from 0.1'],
    ['rules: 99', 'p.yaml:1: rules: 99 is not accepted', 'Write 1.'],
    [
      'order-timeout: soon',
      'p.yaml:1: order-timeout: "soon" is not accepted',
      'a duration (10m, PT10M, or seconds) or null',
    ],
    ['- a\n- b', 'p.yaml:1: ["a","b"] is not a mapping', 'key: value'],
    ['easy', 'p.yaml:1: "easy" is not a mapping', 'key: value'],
    ['suspension: all\nsuspension: none', 'p.yaml:2: Map keys must be unique', 'Correct the YAML.'],
    ['a: !!js/function x', 'p.yaml:1: Unresolved tag', ''],
    ['a: *b', 'p.yaml:1: Unresolved alias', 'Write the values out'],
    ['<<: {suspension: all}', 'p.yaml:1: <<: unknown key "<<"', ''],
    ['__proto__: {suspension: all}', 'p.yaml:1: __proto__: unknown key', ''],
    ['suspension: all\n---\nsuspension: none', 'p.yaml:2: Source contains multiple documents', ''],
    ['suspension: "all', 'p.yaml:1: Missing closing', ''],
    ['a:\n\t- b', 'p.yaml:2: Tabs are not allowed as indentation', ''],
    ['- '.repeat(2000), 'p.yaml:1: nested too deep', 'Settings are small and flat'],
    ['['.repeat(5000), 'p.yaml:1: brackets nested too deep', ''],
    [`"]"${'[ "]", '.repeat(1000)}`, 'p.yaml:1: brackets nested too deep', ''],
    [`a: b\n${' '.repeat(200)}c: d`, 'p.yaml:2: indented too deep', ''],
    ['a'.repeat(20_000), 'p.yaml:1: a line of more than 10000 characters', ''],
    [
      'a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b]\nd: [*c, *c]',
      'p.yaml:1: Excessive alias count',
      '',
    ],
  ])('%j', async (text, message, hint) => {
    const error = await refusal(() => parsePolicy(text, 'p.yaml'));
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
    expect(error.message.length).toBeLessThan(300);
    expect(error.exitCode).toBe(CONFIGURATION);
  });

  test('files that are missing, too large, or no text', async () => {
    expect(await refusal(() => readPolicyFile('/no/such.yaml', POLICY_DEFAULT, []))).toMatchObject({
      message: '/no/such.yaml: no such file',
      exitCode: USAGE,
    });
    expect(await refusal(() => readPolicyFile(directory(), POLICY_DEFAULT, []))).toMatchObject({
      problem: 'cannot be read (EISDIR)',
      exitCode: USAGE,
    });
    const large = file('p.yaml', '#'.repeat(1024 * 1024 + 1));
    expect(await refusal(() => readPolicyFile(large, POLICY_DEFAULT, []))).toMatchObject({
      problem: 'more than 1 MiB',
      exitCode: CONFIGURATION,
    });
    const binary = file('p.yaml', Buffer.from([0xff, 0xfe, 0]));
    expect(await refusal(() => readPolicyFile(binary, POLICY_DEFAULT, []))).toMatchObject({
      problem: 'not a UTF-8 text',
      exitCode: CONFIGURATION,
    });
  });
});

describe('site files', () => {
  test.each([
    ['', 's.yaml:1: null is not a mapping'],
    ['nodes: 16', 's.yaml:1: nodes: no nodes'],
    ['nodes:\n  - capacity: {cpu: 8}\n    coutn: 4', 's.yaml:3: nodes[0].coutn: unknown key "coutn"'],
    [
      'nodes:\n  - capacity: {cpu: 8}\n  - capacity: {cpu: eight}',
      's.yaml:3: nodes[1].capacity.cpu: "eight" is no amount',
    ],
    [
      'nodes:\n  - capacity: {memory: 32GB}',
      's.yaml:2: nodes[0].capacity.memory: "32GB" has an unknown unit; known: MiB, GiB, TiB',
    ],
    ['nodes: [{capacity: {cpu: 8GiB}}]', 'nodes[0].capacity.cpu: "8GiB" has a unit; only memory and disk have one'],
    ['nodes: [{capacity: {cpu: 0.0001}}]', 'nodes[0].capacity.cpu: 0.0001 has more than three decimals'],
    ['nodes: [{capacity: {slots: 1.5}}]', 'nodes[0].capacity.slots: 1.5 is not whole'],
    ['nodes: [{capacity: {cpu: 1e9}}]', 'nodes[0].capacity.cpu: 1000000000 is too large; at most 1000000'],
    ['nodes: [{capacity: {cpu: .inf}}]', 'nodes[0].capacity.cpu: Infinity is no amount'],
    ['nodes: [{capacity: {cpu: -8}}]', 'nodes[0].capacity.cpu: -8 is no amount'],
    ['nodes: [{capacity: {cpu: [8]}}]', 'nodes[0].capacity.cpu: [8] is no amount'],
    ['nodes: [{capacity: {cpu: 1}, names: [a], count: 2}]', 'nodes[0].names: 1 names for 2 nodes'],
    ['nodes: [{capacity: {cpu: 1}, count: 600000}, {capacity: {cpu: 1}, count: 600000}]', 'nodes: 1200000 nodes'],
    ['nodes: [{capacity: {gpu: 3}, units: {gpu: [a, b]}}]', 'nodes[0].capacity.gpu: not as many as the 2 units named'],
    [
      'resources: [cpu]\nnodes:\n - capacity: {memory: 1}',
      's.yaml:3: nodes[0].capacity.memory: unknown resource "memory"',
    ],
    ['resources: [cpu, cpu]\nnodes: [{capacity: {cpu: 1}}]', 'resources[1]: "cpu" twice'],
    [
      'resources: [{name: gpu, kind: units}]\nnodes: [{capacity: {gpu: 1}}]',
      'nodes[0].capacity.gpu: "gpu" is declared as units',
    ],
    ['resources: [gpu]\nnodes: [{capacity: {}, units: {gpu: [a]}}]', 'nodes[0].units.gpu: "gpu" is declared as amount'],
    [
      `nodes: [{capacity: {${Array.from({ length: 17 }, (_, i) => `r${i}: 1`).join(', ')}}}]`,
      'resources: too many resources',
    ],
  ])('%j', async (text, message) => {
    const error = await refusal(() => parseSite(text, 's.yaml'));
    expect(error.message).toContain(message);
    expect(error.hint).not.toBe('');
    expect(error.exitCode).toBe(CONFIGURATION);
  });

  test("Haizea's XML, too, is configuration here", async () => {
    const path = file('site.xml', '<site><nodes/></site>');
    const error = await refusal(() => readSiteFile(path));
    expect(error.message).toBe(`${path}:1: /site: <resource-types> is missing`);
    expect(error.exitCode).toBe(CONFIGURATION);
  });
});

describe('options', () => {
  test.each([
    ['', 'no nodes'],
    [';;', 'no nodes'],
    ['16', '"16" is not understood'],
    ['16x', '"" is not name=amount'],
    ['0x cpu=1', '0 nodes in "0x cpu=1"'],
    ['-1x cpu=1', '"-1x cpu=1" is not understood'],
    ['1e9x cpu=1', '"1e9x cpu=1" is not understood'],
    ['9999999x cpu=1', '9999999 nodes'],
    ['2x cpu', '"cpu" is not name=amount'],
    ['2x cpu=', '"cpu=" is not name=amount'],
    ['2x cpu=-1', '"cpu=-1" is no amount'],
    ['2x cpu=NaN', '"cpu=NaN" is no amount'],
    ['2x cpu=1e400', '"cpu=1e400" is no amount'],
    ['2x cpu=0.0001', '"cpu=0.0001" has more than three decimals'],
    ['2x cpu=1,cpu=2', 'cpu twice in "2x cpu=1,cpu=2"'],
    ['2x memory=1GB', '"memory=1GB" has an unknown unit; known: MiB, GiB, TiB'],
    ['2x memory=1000000TiB', '"memory=1000000TiB" is too large'],
    ['2x CPU=1', '"CPU=1" is not name=amount'],
    [Array.from({ length: 17 }, (_, i) => `r${i}=1`).join(','), 'too many resources'],
  ])('--nodes %j', async (text, problem) => {
    const error = await refusal(() => parseNodes([text]));
    expect(error.message).toContain(`--nodes: ${problem}`);
    expect(error.exitCode).toBe(USAGE);
  });

  test.each([0, -1, 1.5, Number.NaN, 1_000_001])('--procs %s', async (procs) => {
    expect(await refusal(() => flatPool(procs))).toMatchObject({
      message: `--procs: ${procs} processors`,
      exitCode: USAGE,
    });
  });
});
