/** The monitor: what it makes of looks at a host, which changes it tells, and that what is not seen is unknown. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Monitor, type Watched } from '../../../adapters/monitor/monitor.js';
import type { Look, VmCounters } from '../../../adapters/monitor/sample.js';
import type { HostSample } from '../../../adapters/host-samples.js';
import type { LoadClass } from '../../../engine/index.js';

const SECOND = 1e9;
const EVERY_MS = 10_000;
/** 8 processors. */
const CPUS = 8;

const NO_LOAD = { cpuTotal: 0, cpuIdle: 0, memoryKiB: 8 * 2 ** 20, memoryAvailableKiB: 2 ** 20 };
const VM: VmCounters = {
  lease: 'A',
  vm: 1,
  uuid: 'u1',
  cpuTime: 5 * SECOND,
  memoryKiB: 2 ** 20,
  memoryUnusedKiB: 2 ** 18,
  diskRead: 1_000,
  diskWritten: 0,
  diskAllocated: 3 * 2 ** 20,
  netReceived: 0,
  netSent: 50_000,
  addresses: [],
  moving: null,
};

/** One host whose looks are what the test says: null, it does not answer. */
class Course {
  readonly samples: HostSample[] = [];
  readonly told: LoadClass[] = [];
  private look: Look | null = null;
  private elapsed = 0;
  private readonly monitor: Monitor;

  constructor({ load = 'unknown', isLocal = false }: { load?: LoadClass; isLocal?: boolean } = {}) {
    const host: Watched = {
      node: 1,
      isLocal,
      look: async (disk) => {
        if (this.look === null) throw new Error('nobody is at home');
        return disk ? this.look : { ...this.look, space: null };
      },
    };
    this.monitor = new Monitor({
      hosts: () => [host],
      everyMs: EVERY_MS,
      now: () => this.elapsed,
      elapsed: () => this.elapsed,
      local: async () => ({ memoryAvailableMiB: 512, gpus: [] }),
      loads: new Map([[1, load]]),
      onSample: (sample) => this.samples.push(sample),
      onLoad: (change) => this.told.push(change.load),
    });
  }

  async sees(look: Partial<Look> | null): Promise<HostSample | undefined> {
    this.look = look === null ? null : { load: NO_LOAD, space: null, vms: [], ...look };
    await this.monitor.round();
    this.elapsed += EVERY_MS;
    return this.samples.at(-1);
  }

  private busy = 0;
  private rounds = 0;

  /** A round in which this share of the processors was busy; null: it did not answer. */
  async share(share: number | null): Promise<void> {
    if (share === null) return void (await this.sees(null));
    const cpuTotal = ++this.rounds * 10 * CPUS * SECOND;
    this.busy += share * 10 * CPUS * SECOND;
    await this.sees({ load: { ...NO_LOAD, cpuTotal, cpuIdle: cpuTotal - this.busy } });
  }
}

describe('a sample', () => {
  it('is what was used since the one before', async () => {
    const course = new Course();
    const space = { capacity: 100 * 2 ** 30, available: 40 * 2 ** 30 };
    const first = await course.sees({ space, vms: [VM] });
    expect(first).toMatchObject({ node: 1, cpu: null, memoryMiB: 8192, memoryAvailableMiB: 1024, gpus: null });
    expect(first).toMatchObject({ diskMiB: 102_400, diskAvailableMiB: 40_960, vms: [{ cpus: null, netSent: null }] });
    const load = { ...NO_LOAD, cpuTotal: 80 * SECOND, cpuIdle: 60 * SECOND };
    const later = { ...VM, cpuTime: 20 * SECOND, diskRead: 21_000, netSent: 50_000 };
    const second = await course.sees({ load, vms: [later] });
    expect(second!.cpu).toBeCloseTo(0.25);
    // The room on the disk is looked at now and then.
    expect(second).toMatchObject({ diskAvailableMiB: 40_960 });
    expect(second!.vms).toEqual([
      {
        lease: 'A',
        addresses: [],
        vm: 1,
        cpus: 1.5,
        cpuSeconds: 20,
        memoryMiB: 1024,
        memoryUsedMiB: 768,
        diskAllocatedMiB: 3,
        diskRead: 2_000,
        diskWritten: 0,
        netReceived: 0,
        netSent: 0,
        moving: null,
      },
    ]);
  });

  it('says nothing of counters that were begun anew, or that nobody tells', async () => {
    const course = new Course();
    await course.sees({ load: { ...NO_LOAD, cpuTotal: 100 * SECOND, cpuIdle: 50 * SECOND }, vms: [VM] });
    const again = await course.sees({ vms: [{ ...VM, cpuTime: SECOND, memoryUnusedKiB: null }] });
    expect(again).toMatchObject({ cpu: null, vms: [{ cpus: null, diskRead: null, memoryUsedMiB: null }] });
    const nothing = { cpuTotal: null, cpuIdle: null, memoryKiB: null, memoryAvailableKiB: null };
    expect(await course.sees({ load: nothing })).toMatchObject({
      cpu: null,
      memoryMiB: null,
      memoryAvailableMiB: null,
    });
  });

  it('has what only this machine knows of itself', async () => {
    expect(await new Course({ isLocal: true }).sees({})).toMatchObject({ memoryAvailableMiB: 512, gpus: [] });
  });
});

describe('the load of a node', () => {
  it('is told when it changes, and unknown when two looks were missed', async () => {
    const course = new Course();
    for (const share of [0, 0, 0.01, 0.02]) await course.share(share);
    expect(course.told).toEqual(['idle']);
    await course.share(null);
    expect(course.told).toEqual(['idle']);
    await course.share(null);
    await course.share(null);
    expect(course.told).toEqual(['idle', 'unknown']);
    for (const share of [0.9, 0.9]) await course.share(share);
    expect(course.told).toEqual(['idle', 'unknown', 'high']);
  });

  it('goes on from what the log has', async () => {
    const known = new Course({ load: 'idle' });
    for (const share of [0, 0.02]) await known.share(share);
    expect(known.told).toEqual([]);
    const gone = new Course({ load: 'high' });
    for (const share of [null, null]) await gone.share(share);
    expect(gone.told).toEqual(['unknown']);
  });

  it('is no burst, and changes no more often than what lasts', async () => {
    const course = new Course();
    for (const share of [0, 0, 0, 0, 1, 0, 0]) await course.share(share);
    expect(course.told.filter((load) => load === 'high')).toEqual([]);
  });

  it('never is idle without a look that says so, and settles where shares do', async () => {
    const rounds = fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null, freq: 4 }), {
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(rounds, fc.double({ min: 0, max: 1, noNaN: true }), async (shares, last) => {
        const course = new Course();
        for (const share of shares) await course.share(share);
        // 1. It is told only when it is another.
        for (const [i, load] of course.told.entries()) expect(load).not.toBe(course.told[i - 1] ?? 'unknown');
        // 2. Idle needs a busy share below what is idle, at least once.
        if (!shares.some((share) => share !== null && share < 0.1)) expect(course.told).not.toContain('idle');
        // 3. What stays as it is changes the class a few times at most on its way there, and then no more.
        for (let i = 0; i < 60; i++) await course.share(last);
        const { length } = course.told;
        for (let i = 0; i < 20; i++) await course.share(last);
        expect(course.told).toHaveLength(length);
        // 4. Nobody at home is unknown.
        for (let i = 0; i < 2; i++) await course.share(null);
        expect(course.told.at(-1) ?? 'unknown').toBe('unknown');
      }),
      { numRuns: 50 },
    );
  });
});

describe('a host that does not answer the question before', () => {
  it('is not asked again, and keeps no other host waiting', async () => {
    let asked = 0;
    const seen: number[] = [];
    const told: string[] = [];
    const monitor = new Monitor({
      hosts: () => [
        { node: 1, isLocal: false, look: () => new Promise<never>(() => void asked++) },
        { node: 2, isLocal: false, look: async () => ({ load: NO_LOAD, space: null, vms: [] }) },
      ],
      everyMs: EVERY_MS,
      now: () => 0,
      elapsed: () => 0,
      local: async () => ({ memoryAvailableMiB: null, gpus: null }),
      loads: new Map([[1, 'high']]),
      onSample: ({ node }) => seen.push(node),
      onLoad: ({ node, load }) => told.push(`${node} ${load}`),
    });
    for (let round = 0; round < 3; round++) {
      void monitor.round();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([asked, seen, told]).toEqual([1, [2, 2, 2], ['1 unknown']]);
  });
});
