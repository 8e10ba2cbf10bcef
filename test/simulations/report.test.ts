/** The report's files: what stands in them, and that they appear whole or not at all. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reason } from '../../engine/index.js';
import { Metrics } from '../../simulations/metrics.js';
import type { FinishedLease } from '../../simulations/report/finished-lease.js';
import { LOG_FILE, openReport } from '../../simulations/report/report.js';
import { Staging } from '../../simulations/report/staging.js';
import { lossFigures, type Summary } from '../../simulations/report/summary.js';
import { TextFile } from '../../simulations/report/text-file.js';
import { LossReport } from '../../simulations/workloads/loss.js';
import { directory, refusal } from './files.js';
import { finished, neverRan } from './leases.js';

function summary(): Summary {
  const loss = new LossReport();
  loss.drop('too-wide', 7);
  loss.drop('too-wide', 9);
  loss.drop('no-run-time', 8);
  loss.repair('out-of-order', 4, 5);
  const cost = { wallSeconds: 1.23456, parseSeconds: 0.1, leasesPerSecond: 1234.5, peakRssMiB: 99.7 };
  return {
    ...new Metrics(1000).figures(),
    ...lossFigures(loss),
    ...cost,
    events: 9,
    turns: 3,
    rules: 1,
    digest: 'abc',
  };
}

/** The files of a report with these leases, by name. */
function report(leases: readonly FinishedLease[], trace = '/traces/kth.swf.gz'): Record<string, string> {
  const target = join(directory(), 'out');
  const written = openReport(target, trace);
  for (const lease of leases) written.lease(lease);
  written.finish(summary());
  return Object.fromEntries(readdirSync(target).map((name) => [name, readFileSync(join(target, name), 'utf8')]));
}

const jobs = (leases: readonly FinishedLease[], trace?: string) =>
  report(leases, trace)['jobs.csv']!.split('\n').slice(1, -1);
const lines = (leases: readonly FinishedLease[]) =>
  report(leases)
    ['leases.json']!.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const PREEMPTED = finished('p', [0, 100, 1500], {
  vms: 2,
  preemptions: 1,
  runs: [
    { start: 100_000, end: 500_000, nodes: [3, 3, 1, 1] },
    { start: 1_000_000, end: 1_500_500, nodes: [2, 3] },
  ],
  suspensions: [{ start: 500_000, end: 532_000, vms: [2, 2], nodes: [1, 1] }],
  resumptions: [{ start: 968_000, end: 1_000_000, vms: [1, 2], nodes: [2, 3] }],
  migrations: [{ start: 532_000, end: 550_000, moves: [{ vm: 1, from: 3, to: 2 }] }],
  transfers: [{ start: 0, end: 1000, image: 'debian "12"', vms: [1, 1], nodes: [3, 3] }],
  reasons: [reason('preempted', { blockers: ['q'], earliestRelease: 1_000_000 })],
});

describe('jobs.csv', () => {
  test("has Batsim's columns in Batsim's order", () => {
    expect(report([])['jobs.csv']).toBe(
      'job_id,workload_name,profile,submission_time,requested_number_of_resources,requested_time,success,final_state,' +
        'starting_time,execution_time,finish_time,waiting_time,turnaround_time,stretch,allocated_resources,' +
        'consumed_energy,metadata\n',
    );
  });

  test('a row a lease', () => {
    expect(jobs([finished('7', [10, 25.5, 85.5], { vms: 3 })])).toEqual([
      '7,kth.swf.gz,best-effort,10,3,3600,1,COMPLETED_SUCCESSFULLY,25.5,60,85.5,15.5,75.5,1.258,1-3,-1,',
    ]);
  });

  test('what never ran has empty cells', () => {
    expect(jobs([neverRan('7', 10, 'rejected'), neverRan('8', 10, 'cancelled')])).toEqual([
      '7,kth.swf.gz,best-effort,10,1,3600,0,REJECTED,,,,,,,,-1,',
      '8,kth.swf.gz,best-effort,10,1,3600,0,COMPLETED_KILLED,,,,,,,,-1,',
    ]);
  });

  test('a preempted lease has a row a run; nodes are an interval set', () => {
    expect(jobs([PREEMPTED])).toEqual([
      'p,kth.swf.gz,best-effort,0,2,3600,0,COMPLETED_KILLED,100,400,500,100,500,1.25,1 3,-1,"{""run"":1,""runs"":2}"',
      'p,kth.swf.gz,best-effort,0,2,3600,1,COMPLETED_SUCCESSFULLY,1000,500.5,1500.5,1000,1500.5,2.998,2-3,-1,' +
        '"{""run"":2,""runs"":2}"',
    ]);
  });

  test('several VMs on a node name it once', () => {
    expect(jobs([finished('7', [0, 0, 1], { runs: [{ start: 0, end: 1, nodes: [2, 2, 2, 2, 1, 2] }] })])[0]).toContain(
      ',1-2,-1,',
    );
  });

  test('names are quoted where they must be', () => {
    expect(jobs([finished('a', [0, 0, 1])], 'my, "trace".swf')[0]).toMatch(/^a,"my, ""trace"".swf",best-effort,/);
  });
});

describe('leases.json', () => {
  test('a lease a line, in seconds, VM by VM', () => {
    expect(
      lines([finished('7', [10, 25.5, 85.5], { vms: 3, runs: [{ start: 25_500, end: 85_500, nodes: [9, 11] }] })]),
    ).toEqual([
      {
        id: '7',
        kind: 'best-effort',
        state: 'done',
        submit: 10,
        start: 25.5,
        end: 85.5,
        runs: [{ start: 25.5, end: 85.5, nodes: { 1: 9, 2: 10, 3: 11 } }],
        suspensions: [],
        resumptions: [],
        shutdowns: [],
        migrations: [],
        transfers: [],
        reasons: [],
      },
    ]);
  });

  test('with what happened to it', () => {
    expect(lines([PREEMPTED, neverRan('8', 10, 'rejected')])).toMatchObject([
      {
        runs: [
          { start: 100, end: 500, nodes: { 1: 3, 2: 1 } },
          { start: 1000, end: 1500.5, nodes: { 1: 2, 2: 3 } },
        ],
        suspensions: [{ start: 500, end: 532, nodes: { 2: 1 } }],
        resumptions: [{ start: 968, end: 1000, nodes: { 1: 2, 2: 3 } }],
        shutdowns: [],
        migrations: [{ start: 532, end: 550, moves: { 1: [3, 2] } }],
        transfers: [{ start: 0, end: 1, image: 'debian "12"', nodes: { 1: 3 } }],
        reasons: [
          {
            code: 'preempted',
            blockers: ['q'],
            more: 0,
            resource: null,
            need: null,
            have: null,
            earliestRelease: 1000,
          },
        ],
      },
      { id: '8', state: 'rejected', start: null, end: null, runs: [] },
    ]);
  });

  test('leases of every width, over many pieces of the file', () => {
    const leases = Array.from({ length: 300 }, (_, i) => finished(`${i}`, [i, i, i + 1], { vms: 1 + i * 37 }));
    const read = lines(leases);
    expect(read.map(({ id }) => id)).toEqual(leases.map(({ id }) => id));
    expect(read.map(({ runs }) => Object.keys(runs[0].nodes).length)).toEqual(leases.map(({ vms }) => vms));
    expect(read[299].runs[0].nodes[11_064]).toBe(11_064);
  });
});

test('a text in any script, written in many pieces, is read as it was', () => {
  const path = join(directory(), 'text');
  const written = TextFile.create(path);
  const parts = Array.from({ length: 10_000 }, (_, i) => `${'é€'.repeat(i % 50)}${i}\n`);
  parts.push('€'.repeat(300_000));
  for (const part of parts) written.text(part);
  written.finish();
  expect(readFileSync(path, 'utf8')).toBe(parts.join(''));
});

test('numbers are written as they are read', () => {
  const values = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.integer({ min: 0, max: 20_000 }));
  const thousandths = fc.oneof(values, fc.integer());
  fc.assert(
    fc.property(
      fc.array(values),
      fc.array(thousandths),
      fc.array(fc.string({ unit: 'binary' })),
      (whole, parts, texts) => {
        const path = join(directory(), 'numbers');
        const written = TextFile.create(path);
        for (const value of whole) written.number(value);
        for (const part of parts) written.thousandths(part);
        for (const text of texts) written.text(text);
        written.finish();
        const said = [...whole.map(String), ...parts.map((part) => String(part / 1000)), ...texts].join('');
        expect(readFileSync(path, 'utf8')).toBe(Buffer.from(said, 'utf8').toString());
      },
    ),
  );
});

test('summary.json', () => {
  expect(JSON.parse(report([])['summary.json']!)).toMatchObject({
    leases: 0,
    waitMean: null,
    dropped: {
      count: 3,
      reasons: { 'too-wide': { count: 2, firstLine: 7 }, 'no-run-time': { count: 1, firstLine: 8 } },
    },
    repaired: { count: 5, reasons: { 'out-of-order': { count: 5, firstLine: 4 } } },
    wallSeconds: 1.235,
    leasesPerSecond: 1235,
    peakRssMiB: 100,
    digest: 'abc',
  });
});

describe('whole or not at all', () => {
  test('nothing is to be seen until the end, and then everything', () => {
    const parent = directory();
    const target = join(parent, 'deep', 'out');
    const written = openReport(target, 't');
    written.lease(finished('a', [0, 0, 1]));
    writeFileSync(join(written.directory, LOG_FILE), 'log');
    expect(existsSync(target)).toBe(false);
    written.finish(summary());
    expect(readdirSync(target).sort()).toEqual(['jobs.csv', 'leases.json', 'summary.json', LOG_FILE]);
    expect(readdirSync(join(parent, 'deep'))).toEqual(['out']);
    written.abort();
    expect(readdirSync(target)).toHaveLength(4);
  });

  test('an earlier report is replaced at the end; other files stay', () => {
    const target = directory();
    for (const name of ['jobs.csv', LOG_FILE, 'notes.txt']) writeFileSync(join(target, name), 'old');
    const written = openReport(target, 't');
    expect(readFileSync(join(target, 'jobs.csv'), 'utf8')).toBe('old');
    written.finish(summary());
    expect(readFileSync(join(target, 'jobs.csv'), 'utf8')).toMatch(/^job_id,/);
    // The log of the earlier simulation does not belong to this summary.
    expect(readdirSync(target).sort()).toEqual(['jobs.csv', 'leases.json', 'notes.txt', 'summary.json']);
  });

  test('without leases.json there is none, nor an earlier one; the others are the same', () => {
    const [whole, less] = [directory(), directory()];
    writeFileSync(join(less, 'leases.json'), 'old');
    for (const [target, leases] of [[whole, true] as const, [less, false] as const]) {
      const written = openReport(target, 't', leases);
      for (const one of [finished('a', [0, 0, 1]), PREEMPTED]) written.lease(one);
      written.finish(summary());
    }
    expect(readdirSync(less).sort()).toEqual(['jobs.csv', 'summary.json']);
    for (const name of ['jobs.csv', 'summary.json'])
      expect(readFileSync(join(less, name), 'utf8')).toBe(readFileSync(join(whole, name), 'utf8'));
  });

  test('given up, nothing has changed', () => {
    const parent = directory();
    openReport(join(parent, 'out'), 't').abort();
    const existing = join(parent, 'old');
    mkdirSync(existing);
    writeFileSync(join(existing, 'jobs.csv'), 'old');
    const written = openReport(existing, 't');
    written.lease(finished('a', [0, 0, 1]));
    written.abort();
    written.abort();
    expect(readdirSync(parent)).toEqual(['old']);
    expect(readdirSync(existing)).toEqual(['jobs.csv']);
  });

  test('an error while writing gives it up', async () => {
    const parent = directory();
    const written = openReport(join(parent, 'out'), 't');
    mkdirSync(join(written.directory, 'summary.json'));
    const error = await refusal(() => written.finish(summary()));
    expect(error.exitCode).toBe(1);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('interrupted, it is given up', () => {
    const parent = directory();
    const written = openReport(join(parent, 'out'), 't');
    expect(existsSync(written.directory)).toBe(true);
    let heard = 0;
    const others = () => heard++; // with another listener, the signal does not end the process
    process.on('SIGTERM', others);
    process.emit('SIGTERM', 'SIGTERM');
    process.removeListener('SIGTERM', others);
    expect(heard).toBe(1);
    expect(readdirSync(parent)).toEqual([]);
    expect(process.listeners('exit').filter((listener) => listener.name === 'onExit')).toEqual([]);
  });

  test('through a link to a directory', () => {
    const parent = directory();
    mkdirSync(join(parent, 'real'));
    symlinkSync('real', join(parent, 'link'));
    openReport(join(parent, 'link'), 't').finish(summary());
    expect(readdirSync(join(parent, 'real'))).toContain('summary.json');
  });

  test('a directory that was made is as open as others', () => {
    const parent = directory();
    openReport(join(parent, 'out'), 't').finish(summary());
    mkdirSync(join(parent, 'usual'));
    expect(statSync(join(parent, 'out')).mode).toBe(statSync(join(parent, 'usual')).mode);
  });
});

describe('where nothing can be written', () => {
  test('a file', async () => {
    const target = join(directory(), 'file');
    writeFileSync(target, 'mine');
    const error = await refusal(() => openReport(target, 't'));
    expect(error.message).toBe(`${target}: is not a directory`);
    expect(error.exitCode).toBe(1);
    const below = await refusal(() => openReport(join(target, 'out'), 't'));
    expect(below.message).toBe(`${join(target, 'out')}: is not a directory`);
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  test('a directory without permission', async () => {
    const target = join(directory(), 'locked');
    mkdirSync(target);
    chmodSync(target, 0o500);
    const [inside, itself] = await asSomebody(async () => [
      await refusal(() => openReport(join(target, 'out'), 't')),
      await refusal(() => openReport(target, 't')),
    ]);
    expect(inside).toMatchObject({ message: `${join(target, 'out')}: may not be written to`, exitCode: 1 });
    expect(itself).toMatchObject({ message: `${target}: may not be written to`, exitCode: 1 });
    expect(readdirSync(target)).toEqual([]);
  });

  test('a disk that is full', () => {
    const staging = new Staging(join(directory(), 'out'));
    const error = staging.fault(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }));
    expect([error.problem, error.exitCode]).toEqual(['the disk is full', 74]);
    staging.abort();
  });
});

/** Root may write anywhere: the attempt is made as nobody then. */
async function asSomebody<T>(attempt: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await attempt();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
