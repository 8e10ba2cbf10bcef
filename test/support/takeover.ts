/**
 * Several services on one log, with machines of their own, under load; what is done to the leader, and what has to hold
 * afterwards, whatever was done.
 */

import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { decodeTurn } from '../../engine/index.js';
import { eventually } from './eventually.js';
import { ClusterProcess, leasehold, ServedProcess, temporaryDirectory } from './process.js';

/** From the fault to the first write that the new leader acknowledges. */
export const TAKEOVER_MS_MAX = 15_000;
const WRITERS = 4;
const REQUEST = { vms: 1, resources: { cpu: 1 }, duration: 'PT2S' };

export interface Acknowledged {
  readonly lease: string;
  readonly key: string;
  readonly by: string;
  readonly at: number;
}

export class Site {
  readonly services: ServedProcess[] = [];
  readonly acknowledged: Acknowledged[] = [];
  private readonly writers: Promise<void>[] = [];
  private writing = true;
  private started = 0;

  private constructor(
    private readonly directory: ReturnType<typeof temporaryDirectory>,
    readonly cluster: ClusterProcess,
    readonly token: string,
    /** Of the log, for a service in the place `inside`. */
    private readonly storeFor: (place: number) => string,
    private readonly insideOf: (place: number) => { readonly run: readonly string[]; readonly args: readonly string[] },
  ) {}

  /** `services`: how many. `insideOf`: where each runs, and what it is told besides. */
  static async open(
    services: number,
    storeFor: (place: number) => string,
    insideOf: (place: number) => { readonly run: readonly string[]; readonly args: readonly string[] } = () => NOWHERE,
  ): Promise<Site> {
    const directory = temporaryDirectory();
    const token = join(directory.path, 'token');
    writeFileSync(token, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    const cluster = await ClusterProcess.start(directory.path);
    const site = new Site(directory, cluster, token, storeFor, insideOf);
    await site.start(0);
    await site.leader();
    for (let place = 1; place < services; place++) await site.start(place);
    for (let i = 0; i < WRITERS; i++) site.writers.push(site.write());
    return site;
  }

  /** A service in the place `place`, in place of the one that was there. */
  async start(place: number): Promise<ServedProcess> {
    const own = join(this.directory.path, `service-${++this.started}`);
    mkdirSync(own);
    const { run, args } = this.insideOf(place);
    const common = ['--store', this.storeFor(place), '--cluster', this.cluster.address, '--token-file', this.token];
    const service = await ServedProcess.start(own, [...common, ...args], { under: run });
    this.services[place] = service;
    return service;
  }

  /** The place of the one service that leads. */
  async leader(): Promise<number> {
    let place = -1;
    await eventually(async () => {
      const roles = await Promise.all(this.services.map(roleOf));
      place = roles.indexOf('leader');
      return roles.filter((role) => role === 'leader').length;
    }).toBe(1);
    return place;
  }

  async follows(place: number): Promise<void> {
    await eventually(() => roleOf(this.services[place]!)).toBe('follower');
  }

  /** Milliseconds from `from` on until somebody else than the service in `place` acknowledged a write. */
  async takenOver(place: number, from: number): Promise<number> {
    const { url } = this.services[place]!;
    let first: Acknowledged | undefined;
    await eventually(() => {
      first = this.acknowledged.find(({ by, at }) => by !== url && at > from);
      return first !== undefined;
    }).toBe(true);
    return first!.at - from;
  }

  /** Waits until so many more writes were acknowledged. */
  async loaded(more: number): Promise<void> {
    const enough = this.acknowledged.length + more;
    await eventually(() => this.acknowledged.length).toBeGreaterThanOrEqual(enough);
  }

  /** What has to hold at the end, whatever happened. */
  async judge(store: string): Promise<{ readonly acknowledged: number; readonly epochs: number }> {
    this.writing = false;
    await Promise.all(this.writers);
    const leader = this.services[await this.leader()]!;
    const log = (await leader.ask('GET', '/v1/events')).text.split('\n').filter(Boolean).map(decodeTurn);
    const inputs = log.flatMap((turn) => turn.inputs);
    // 1. Nothing that was acknowledged is lost, and nothing is there twice.
    const requests = inputs.flatMap((input) => (input.type === 'LeaseRequested' ? [input] : []));
    const keys = new Map(requests.map(({ key, lease }) => [key!.id, lease]));
    expect(keys.size).toBe(requests.length);
    expect(this.acknowledged.filter(({ key, lease }) => keys.get(key) !== lease)).toEqual([]);
    // 2. Epochs go up.
    const epochs = inputs.flatMap((input) => (input.type === 'EpochClaimed' ? [input.epoch] : []));
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
    // 3. Each order was carried out at most once, and by writers whose epochs go up.
    const carriedOut = this.cluster.given().filter(({ heard }) => heard === 'new');
    expect(new Set(carriedOut.map(({ order }) => order)).size).toBe(carriedOut.length);
    expect(carriedOut.map(({ epoch }) => epoch)).toEqual(carriedOut.map(({ epoch }) => epoch).sort((a, b) => a - b));
    // 4. An audit takes every decision again.
    expect(await leasehold(['audit', store])).toMatchObject({ code: 0 });
    return { acknowledged: this.acknowledged.length, epochs: epochs.length };
  }

  async close(): Promise<void> {
    this.writing = false;
    for (const service of this.services) {
      service.freeze('SIGCONT');
      await service.signal('SIGKILL');
    }
    await Promise.all(this.writers);
    await this.cluster.signal('SIGKILL');
    this.directory.remove();
  }

  /** One lease after the other; each is asked for, anywhere, with the same key until it is acknowledged. */
  private async write(): Promise<void> {
    let place = 0;
    while (this.writing) {
      const key = randomUUID();
      for (;;) {
        const service = this.services[place % this.services.length]!;
        const answer = await submit(service, key);
        if (answer !== null) {
          this.acknowledged.push({ lease: answer, key, by: service.url, at: performance.now() });
          break;
        }
        if (!this.writing) return;
        place++;
        await sleep(50);
      }
      await sleep(100);
    }
  }
}

const NOWHERE = { run: [], args: [] };

/** The id of the lease; null: it was not acknowledged. */
async function submit(service: ServedProcess, key: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(3_000);
    const { status, json } = await service.ask('POST', '/v1/leases', REQUEST, { 'idempotency-key': key }, signal);
    return status === 201 ? (json().id as string) : null;
  } catch {
    return null;
  }
}

async function roleOf(service: ServedProcess): Promise<string | null> {
  try {
    const { status, json } = await service.ask('GET', '/readyz', undefined, {}, AbortSignal.timeout(2_000));
    return status === 200 ? (json().role as string) : null;
  } catch {
    return null;
  }
}
