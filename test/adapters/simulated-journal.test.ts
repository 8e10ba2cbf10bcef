/** The cluster in real time and its journal: VMs outlive the process, and nothing is confirmed twice or too early. */

import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Observation, Order } from '../../engine/index.js';
import { Journal, JournalError } from '../../adapters/simulated/journal.js';
import { LiveSimulatedCluster, type LiveClusterOptions } from '../../adapters/simulated/live-cluster.js';
import { needs } from '../support/needs.js';
import { SmallDisk } from '../support/proof/small-disk.js';
import { exclusiveNodes, group, terms } from './simulated-orders.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leasehold-journal-'));
  path = join(directory, 'cluster.ndjson');
});
afterEach(() => rm(directory, { recursive: true }));

/** A clock that the test sets. A timer waits as long as it would take in real time. */
const clock = { time: 0, now: () => clock.time, realMs: (until: number) => until - clock.time };

interface Life {
  readonly cluster: LiveSimulatedCluster;
  /** The next observations, as `VmsStarted A @10`. */
  heard(count: number): Promise<string[]>;
}

async function live(options: Partial<LiveClusterOptions> = {}): Promise<Life> {
  const cluster = await LiveSimulatedCluster.open({
    path,
    clock,
    nodes: [exclusiveNodes(4)],
    isKnown: () => true,
    runOf: (lease) => (lease === 'ends' ? 100 : null),
    ...options,
  });
  const heard: string[] = [];
  let wake = () => {};
  cluster.listen({
    next: (one) => {
      heard.push(written(one));
      wake();
    },
    error: (error) => {
      throw error;
    },
  });
  return {
    cluster,
    async heard(count) {
      while (heard.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return heard.splice(0, count);
    },
  };
}

function written(one: Observation): string {
  return `${one.type} ${'lease' in one ? one.lease : one.node} @${one.at}`;
}

function start(order: string, lease: string, first: number, last = first): Order {
  const given = terms([group(last - first + 1)], 1_000);
  const until = clock.time + 1_000;
  const decision = { order, lease, deadline: null, after: [], until, nodes: [first, last], units: null };
  return { id: order, epoch: 1, issued: clock.time, decision: { type: 'StartOrdered', ...decision }, terms: given };
}

function suspend(order: string, lease: string, vm: number, takes: number): Order {
  const decision = { order, lease, deadline: null, after: [], vms: [vm, vm], until: clock.time + takes } as const;
  const given = terms([group(1)]);
  return { id: order, epoch: 1, issued: clock.time, decision: { type: 'SuspendOrdered', ...decision }, terms: given };
}

function stop(order: string, lease: string, then: 'over' | 'queue' = 'over'): Order {
  const rest = { cause: 'time-over', then, reasons: [] } as const;
  const decision = { type: 'StopOrdered', order, lease, deadline: null, after: [], until: 0, ...rest } as const;
  return { id: order, epoch: 1, issued: clock.time, decision, terms: terms([group(1)]) };
}

describe('after a restart', () => {
  it('VMs run on, and end when they would have ended', async () => {
    clock.time = 1_000;
    const before = await live();
    before.cluster.enact(start('1.0', 'ends', 1));
    before.cluster.enact(start('1.1', 'stays', 2, 3));
    expect(await before.heard(2)).toEqual(['VmsStarted ends @1000', 'VmsStarted stays @1000']);
    await before.cluster.close();

    clock.time = 5_000;
    const after = await live();
    expect(await after.heard(1)).toEqual(['LeaseEnded ends @1100']);
    const survey = (await after.cluster.survey()).map(written);
    expect(survey).toEqual(['VmsStarted ends @1000', 'VmsStarted stays @1000', 'LeaseEnded ends @1100']);
    after.cluster.enact(start('2.0', 'next', 1));
    expect(await after.heard(1)).toEqual(['VmsStarted next @5000']);
    await after.cluster.close();
  });

  it('orders that were confirmed get the same answer and are not carried out again', async () => {
    clock.time = 0;
    const before = await live();
    const first = start('1.0', 'A', 1, 2);
    const gone = [start('1.1', 'B', 3), stop('2.0', 'B')];
    for (const order of [first, ...gone]) before.cluster.enact(order);
    await before.heard(3);
    await before.cluster.close();

    clock.time = 50;
    const after = await live();
    for (const order of [first, ...gone]) after.cluster.enact(order);
    expect(await after.heard(3)).toEqual(['VmsStarted A @0', 'VmsStarted B @0', 'VmsStopped B @0']);
    expect((await after.cluster.survey()).map(written)).toEqual(['VmsStarted A @0']);
    await after.cluster.close();
  });

  it('orders that were under way come again, and begin again', async () => {
    clock.time = 0;
    const before = await live();
    before.cluster.enact(start('1.0', 'ends', 1));
    await before.heard(1);
    clock.time = 40;
    before.cluster.enact(suspend('2.0', 'ends', 1, 1_000_000));
    await before.cluster.close();

    clock.time = 60;
    const after = await live();
    const order = suspend('2.0', 'ends', 1, 0);
    after.cluster.enact(order);
    expect(await after.heard(1)).toEqual(['VmsSuspended ends @60']);
    await after.cluster.close();

    clock.time = 1_000_000;
    const later = await live();
    later.cluster.enact(order);
    expect(await later.heard(1)).toEqual(['VmsSuspended ends @60']);
    await later.cluster.close();
  });

  it('VMs that the log knows nothing of are not there', async () => {
    clock.time = 0;
    const before = await live();
    before.cluster.enact(start('1.0', 'A', 1, 4));
    await before.heard(1);
    await before.cluster.close();

    const after = await live({ isKnown: (lease) => lease !== 'A' });
    expect(await after.cluster.survey()).toEqual([]);
    after.cluster.enact(start('1.0', 'B', 1, 4));
    expect(await after.heard(1)).toEqual(['VmsStarted B @0']);
    await after.cluster.close();
    expect(await readFile(path, 'utf8')).not.toContain('"A"');
  });

  it('VMs that do not fit the site are an error that says so', async () => {
    clock.time = 0;
    const before = await live();
    before.cluster.enact(start('1.0', 'A', 1, 4));
    await before.heard(1);
    await before.cluster.close();
    await expect(live({ nodes: [exclusiveNodes(3)] })).rejects.toThrow(/cluster\.ndjson: does not belong to this site/);
  });
});

describe('what is told', () => {
  it('is in the journal before', async () => {
    clock.time = 0;
    const cluster = await LiveSimulatedCluster.open({
      path,
      clock,
      nodes: [exclusiveNodes(4)],
      isKnown: () => true,
    });
    cluster.enact(start('1.0', 'A', 1));
    const told = await new Promise<Observation>((next, error) => cluster.listen({ next, error }));
    expect(written(told)).toBe('VmsStarted A @0');
    expect(await readFile(path, 'utf8')).toContain(JSON.stringify(told));
    await cluster.close();
  });

  it('comes when its time has come, without being asked for', async () => {
    const began = Date.now();
    const wall = { now: () => Date.now() - began, realMs: (until: number) => until - (Date.now() - began) };
    const life = await live({ clock: wall, bootMs: 20, runOf: () => 30 });
    clock.time = 0;
    life.cluster.enact(start('1.0', 'A', 1));
    const [started, ended] = await life.heard(2);
    const at = Number(started!.split('@')[1]);
    expect(ended).toBe(`LeaseEnded A @${at + 30}`);
    await life.cluster.close();
  });

  it('is an error where the journal cannot be written', async () => {
    clock.time = 0;
    const { journal } = await Journal.open(path);
    await journal.close();
    await expect(journal.append([{ lease: 'A', gang: null, observations: [] }])).rejects.toThrow(
      `${path}: cannot be written: `,
    );
    await expect(Journal.open(join(directory, 'none', 'journal'))).rejects.toThrow(JournalError);
    await expect(Journal.open(directory)).rejects.toThrow('cannot be read');
  });
});

describe('the journal', () => {
  const entry = (lease: string) => ({ lease, gang: null, observations: [] });

  async function reopened(): Promise<string[]> {
    const { journal, entries } = await Journal.open(path);
    await journal.close();
    return entries.map((one) => one.lease);
  }

  beforeEach(async () => {
    const { journal } = await Journal.open(path);
    await journal.append([entry('A'), entry('B')]);
    await journal.append([entry('C')]);
    await journal.close();
  });

  it('is read as it was written, and is nobody else’s business', async () => {
    expect(await reopened()).toEqual(['A', 'B', 'C']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('loses only the tail that was never synced', async () => {
    const whole = await readFile(path, 'utf8');
    const lines = whole.split('\n');
    for (const tail of ['{"sum":"', '\0\0\0\0\n\0\0', '{"sum":"0","entry":{}}\n', `${lines[0]!.slice(0, 30)}\n`]) {
      await writeFile(path, whole);
      await appendFile(path, tail);
      expect(await reopened()).toEqual(['A', 'B', 'C']);
      expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(4);
    }
    for (let cut = whole.length - 1; cut > lines[0]!.length; cut--) {
      await writeFile(path, whole.slice(0, cut));
      expect((await reopened())[0]).toBe('A');
    }
  });

  it('loses any part of an append that was never synced, and nothing of those before', async () => {
    const { journal } = await Journal.open(path);
    await journal.append([entry('D'), entry('E'), entry('F')]);
    await journal.close();
    const whole = await readFile(path);
    const at = whole.indexOf('"D"');
    for (let torn = whole.lastIndexOf('\n', at) + 1; torn < whole.length; torn += 7) {
      const image = Buffer.from(whole);
      image.fill(0, torn, Math.min(torn + 40, image.length));
      await writeFile(path, image);
      expect((await reopened()).slice(0, 3)).toEqual(['A', 'B', 'C']);
    }
    // What was appended after it says that it had been synced.
    await writeFile(path, whole);
    const later = await Journal.open(path);
    await later.journal.append([entry('G')]);
    await later.journal.close();
    await writeFile(path, (await readFile(path, 'utf8')).replace('"E"', '"X"'));
    await expect(Journal.open(path)).rejects.toThrow(`${path}:5: damaged`);
  });

  it('does not pass over damage', async () => {
    const whole = await readFile(path, 'utf8');
    await writeFile(path, whole.replace('"B"', '"X"')); // C came with another append
    await expect(Journal.open(path)).rejects.toThrow(`${path}:2: damaged; restore the file, or remove it`);
    await writeFile(path, whole.replace('\n', 'x\n'));
    await expect(Journal.open(path)).rejects.toThrow(`${path}:1: damaged`);
  });

  it('is replaced whole', async () => {
    const { journal } = await Journal.open(path);
    await journal.rewrite([entry('D')]);
    await journal.append([entry('E')]);
    await journal.close();
    expect(await reopened()).toEqual(['D', 'E']);
  });
});

describe('a disk without room', needs('mount'), () => {
  it('keeps nothing of what does not fit, and takes it when there is room', async () => {
    const entry = (lease: string) => ({ lease, gang: null, observations: [] });
    const disk = new SmallDisk(1);
    try {
      path = join(disk.path, 'cluster.ndjson');
      const { journal } = await Journal.open(path);
      await journal.append([entry('A')]);
      const whole = await readFile(path, 'utf8');
      disk.fill();
      const many = Array.from({ length: 500 }, (_, k) => entry(`lease-${k}`));
      await expect(journal.append(many)).rejects.toMatchObject({ name: 'JournalError', code: 'full' });
      expect(await readFile(path, 'utf8')).toBe(whole);
      disk.makeRoom();
      await journal.append(many);
      await journal.close();
      const { journal: again, entries } = await Journal.open(path);
      await again.close();
      expect(entries.map(({ lease }) => lease)).toEqual(['A', ...many.map(({ lease }) => lease)]);
    } finally {
      disk.remove();
    }
  });
});
