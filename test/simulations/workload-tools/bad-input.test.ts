/** Whatever bytes come: leases, or an error that tells a person what is wrong. */

import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../simulations/input-error.js';
import { READABLE, type Readable } from '../../../simulations/workload-tools/format-names.js';
import { formatToRead, formatToWrite } from '../../../simulations/workload-tools/formats.js';
import { fileOutput } from '../../../simulations/workload-tools/text-output.js';
import { directory, refusal } from '../files.js';
import { converted } from './tools.js';

/** A good file of each format, to be damaged. */
const GOOD: Readonly<Record<Readable, string>> = {
  swf: '; MaxProcs: 4\n1 0 -1 50 2 -1 -1 2 60 1024 1 1 1 1 1 1 -1 -1\n2 9 -1 50 2 -1 -1 2 60 1024 1 1 1 1 1 1 -1 -1\n',
  lwf:
    '<lease-workload name="a"><lease-requests><lease-request arrival="00:00:10"><lease id="1" preemptible="true"><nodes>' +
    '<node-set numnodes="1"><res type="CPU" amount="100"/></node-set></nodes><start/><duration time="01:00:00"/>' +
    '<software><none/></software><extra><attr name="a" value="b"/></extra></lease></lease-request></lease-requests></lease-workload>',
  yaml:
    'site: {nodes: [{count: 2, capacity: {cpu: 1}}]}\nleases:\n  - {"id":"1","submit":0,"vms":1,"resources":{"cpu":1},' +
    '"duration":60}\n  - {"submit":5,"groups":[{"vms":1,"resources":{"cpu":1}}],"duration":60,"start":{"kind":"advance","at":9}}\n',
  csv: 'id,submit,duration,run,vms,cpu,labels,where\n1,0,1h,60,1,1,"{""a"": ""b""}",\n2,5,60,,2,0.5,,"{""labels"":{}}"\n',
  batsim:
    '{"nb_res": 4, "jobs": [{"id": 1, "subtime": 0, "walltime": 10, "res": 2, "profile": "p"}], "profiles": {"p": {"type": "delay", "delay": 5}}}',
  slurm:
    'JobID|Submit|ElapsedRaw|TimelimitRaw|ReqCPUS|NNodes|ReqMem\n1|2026-01-05T08:00:00|60|10|4|2|4Gn\n2|17676|9|10|4|2|1M\n',
  oar: '{"7": {"Job_Id": 7, "submissionTime": 100, "walltime": 60, "wanted_resources": "/nodes=2/core=2", "owner": "a"}}',
};

async function isRefusedOrRead(bytes: Buffer, format: Readable): Promise<void> {
  try {
    await converted(bytes, format, 'lwf');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.problem.length).toBeGreaterThan(0);
    expect(error.hint.length).toBeGreaterThan(0);
  }
}

describe.each(READABLE)('%s', (format) => {
  test('the good file is read', async () => {
    expect((await converted(GOOD[format], format, 'yaml')).leases).toBeGreaterThan(0);
  });

  test('any bytes', async () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(bytes, async (drawn) => isRefusedOrRead(Buffer.from(drawn), format)),
      {
        numRuns: 60,
      },
    );
  });

  test('a good file with something else in it', async () => {
    const good = Buffer.from(GOOD[format]);
    const piece = fc.oneof(
      fc.constantFrom(
        '-',
        '0',
        '1e999',
        '"',
        '{',
        '[',
        '}',
        ']',
        ',',
        '|',
        ' ',
        '\n',
        '<',
        '&',
        ': ',
        '__proto__',
        '\0',
      ),
      fc.constantFrom('99999999999999999999', 'null', 'true', '""', '{}', '[[]]', '-1', '1.5', 'é', '\ud800'),
      fc.string({ maxLength: 8 }),
    );
    const damage = fc.record({ at: fc.nat(good.length), cut: fc.nat(12), piece });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (list) => {
        let bytes = good;
        for (const { at, cut, piece } of list) {
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(piece), bytes.subarray(at + cut)]);
        }
        await isRefusedOrRead(bytes, format);
      }),
      { numRuns: 150 },
    );
  });

  test('nested without end', async () => {
    for (const deep of ['['.repeat(100_000), '{"a":'.repeat(50_000), '<a>'.repeat(50_000), '- '.repeat(5_000)]) {
      await isRefusedOrRead(Buffer.from(deep), format);
      await isRefusedOrRead(Buffer.from(GOOD[format].replace(/\n?$/, `\n${deep}`)), format);
    }
  });
});

test.each([
  ['id,submit,vms\n1,0,1\n', 'no column "duration"'],
  ['submit,duration,vms,cpu\n0,10,x,1\n', 'workload:2: vms: "x" VMs'],
  ['submit,duration,vms,cpu\n0,10,1,1\n0,soon,1,1\n', 'workload:3: duration: "soon" is no time'],
  ['submit,duration,vms,cpu\n0,10,1,1,7\n', 'more cells than the header has'],
  ['submit,duration,vms,cpu,labels\n0,10,1,1,{a\n', 'labels: not JSON'],
  ['id,submit,duration,vms,cpu\n"1,0,10,1,1\n', 'a quote that is not closed'],
])('CSV %j: %s', async (content, problem) => {
  expect((await refusal(() => converted(content, 'csv', 'yaml'))).message).toContain(problem);
});

test.each([
  ['leases: []', 'no leases'],
  ['leases: [{submit: 0, vms: 1, resources: {cpu: 1}, duraton: 5}]', 'unknown key "duraton"'],
  ['leases: [{submit: 0, vms: 1, resources: {cpu: 1}, duration: 5, start: {kind: later}}]', '"later" is no kind'],
  ['leases: [{submit: 0, vms: 1, resources: {memory: 1}, duration: 5}]', 'memory'],
  ['leases: [{id: a b, submit: 0, vms: 1, resources: {cpu: 1}, duration: 5}]', 'the id "a b" is not accepted'],
  [
    'leases:\n  - {id: a, submit: 0, vms: 1, resources: {cpu: 1}, duration: 5}\n  - {id: a, submit: 0, vms: 1, resources: {cpu: 1}, duration: 5}',
    'workload:3: leases[1].id: the id "a" is used twice',
  ],
])('YAML %j: %s', async (content, problem) => {
  expect((await refusal(() => converted(content, 'yaml', 'lwf'))).message).toContain(problem);
});

test('formats by names', async () => {
  const names = ['a.swf', 'a.swf.gz', 'a.xml', 'a.yml', 'a.CSV', 'a.psv'];
  expect(names.map((name) => formatToRead(name, undefined))).toEqual(['swf', 'swf', 'lwf', 'yaml', 'csv', 'slurm']);
  expect(formatToRead('-', 'oar')).toBe('oar');
  expect(formatToWrite('a.json', undefined)).toBe('batsim');
  expect((await refusal(() => formatToRead('a.json', undefined))).hint).toContain('--from swf|lwf');
  expect((await refusal(() => formatToWrite('a.psv', undefined))).hint).toContain('--to swf|lwf');
  expect((await refusal(() => formatToWrite('a.swf.gz', undefined))).hint).toContain('gzip');
});

test('a file appears whole or not at all', () => {
  const place = directory();
  const path = `${place}/out.swf`;
  const abandoned = fileOutput(path);
  abandoned.write('half');
  abandoned.abort();
  expect(readdirSync(place)).toEqual([]);
  const output = fileOutput(path);
  output.write('all of it');
  output.finish();
  expect(readFileSync(path, 'utf8')).toBe('all of it');
  expect(readdirSync(place)).toEqual(['out.swf']);
});
