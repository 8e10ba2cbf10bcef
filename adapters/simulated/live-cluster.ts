/**
 * The simulated cluster in real time: its VMs outlive the process, as real ones do. Nothing is confirmed before it is
 * in the journal. Orders that were not confirmed when the process ended come again from the scheduler.
 */

import { InvariantError } from '../../engine/index.js';
import type {
  Cluster,
  Duration,
  Epoch,
  Instant,
  LeaseId,
  NodeClass,
  Observation,
  Order,
  Terms,
} from '../../engine/index.js';
import type { ClusterListener } from '../cluster-listener.js';
import { failpoint } from '../failpoint.js';
import { type Heard, SimulatedCluster } from './cluster.js';
import type { GangRecord } from './gang.js';
import { Journal, JournalError, type JournalEntry } from './journal.js';

/** Where it gets the time from. `realMs`: how long it really takes until then. */
export interface ClusterClock {
  now(): Instant;
  realMs(until: Instant): number;
}

export interface LiveClusterOptions {
  /** The journal file; made if it is not there. */
  readonly path: string;
  readonly clock: ClusterClock;
  /** All nodes that the site has had so far. */
  readonly nodes: readonly NodeClass[];
  /** Whether the log knows the lease, and it is not over. VMs of other leases are orphans, and are not kept. */
  readonly isKnown: (lease: LeaseId) => boolean;
  /** How long a lease truly runs; null, and by default: until it is stopped. */
  readonly runOf?: (lease: LeaseId, terms: Terms) => Duration | null;
  readonly bootMs?: Duration;
  readonly stopMs?: Duration;
  readonly sharedImages?: boolean;
}

/** The longest time that a timer can wait. */
const TIMER_MAX_MS = 2 ** 31 - 1;
/** So many lines are appended before the journal is rewritten without what is over. */
const APPENDED_MAX = 50_000;
/** A full disk is tried again so often. */
const RETRY_MS = 500;

export class LiveSimulatedCluster implements Cluster {
  private listener: ClusterListener | null = null;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> | null = null;
  private closed = false;

  private constructor(
    private readonly cluster: SimulatedCluster,
    private readonly journal: Journal,
    private readonly clock: ClusterClock,
    private readonly runOf: ((lease: LeaseId, terms: Terms) => Duration | null) | null,
  ) {}

  /** Reads the journal: what ran when the process ended has gone on, and is as it would be now. */
  static async open(options: LiveClusterOptions): Promise<LiveSimulatedCluster> {
    const { path, clock, nodes, isKnown, bootMs = 0, stopMs = 0, sharedImages = false } = options;
    const { journal, entries } = await Journal.open(path);
    const cluster = new SimulatedCluster({ bootMs, stopMs, sharedImages, strict: false });
    for (const some of nodes) cluster.addNodes(some);
    const known = entries.filter((entry) => isKnown(entry.lease));
    try {
      restore(cluster, known, path);
    } catch (error) {
      await journal.close();
      throw error;
    }
    const live = new LiveSimulatedCluster(cluster, journal, clock, options.runOf ?? null);
    cluster.fence(journal.epoch);
    await journal.rewrite(live.entries());
    live.proceed();
    return live;
  }

  /**
   * From now on observations are told to the listener, in place of any earlier one, once they are in the journal. They
   * wait while there is none. An error: the journal cannot be written, and what the disk holds is unknown.
   */
  listen(listener: ClusterListener): () => void {
    this.listener = listener;
    this.proceed();
    return () => {
      if (this.listener === listener) this.listener = null;
    };
  }

  enact(order: Order): Heard {
    failpoint('enact-begin');
    const { lease, type } = order.decision;
    this.cluster.advance(this.clock.now());
    if (type === 'StartOrdered' && this.runOf !== null)
      this.cluster.machines.expect(lease, this.runOf(lease, order.terms));
    const heard = this.cluster.enact(order);
    failpoint('enact-done');
    this.proceed();
    return heard;
  }

  /** The highest epoch that was claimed. */
  get epoch(): Epoch {
    return this.journal.epoch;
  }

  /** Orders of earlier epochs are refused from now on; when the promise resolves, also after a restart. */
  async claim(epoch: Epoch): Promise<void> {
    this.cluster.fence(epoch);
    while (this.writing !== null) await this.writing;
    if (this.closed || epoch <= this.journal.epoch) return;
    this.writing = this.journal.claim(epoch).finally(() => {
      this.writing = null;
    });
    await this.writing;
    this.proceed();
  }

  /** The highest number that a node has. */
  get nodes(): number {
    return this.cluster.machines.nodes.count;
  }

  async survey(): Promise<readonly Observation[]> {
    this.proceed();
    await this.writing;
    return this.cluster.survey();
  }

  addNodes(nodes: NodeClass): void {
    this.cluster.addNodes(nodes);
  }

  /** The node leaves the site, and everything on it is gone. */
  removeNode(node: number): void {
    this.cluster.advance(this.clock.now());
    this.cluster.removeNode(node);
    this.proceed();
  }

  /** Leaves the VMs alone. What was observed is still written. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.writing;
    await this.journal.close();
  }

  /** What should have happened by now happens, and is told; then it waits for what comes next. */
  private proceed(): void {
    if (this.closed) return;
    this.cluster.advance(this.clock.now());
    if (this.cluster.hasNews && this.listener !== null && this.writing === null) this.writing = this.write();
    if (this.timer !== null) clearTimeout(this.timer);
    const next = this.cluster.next();
    if (next === null) this.timer = null;
    else {
      const wait = Math.max(0, Math.ceil(this.clock.realMs(next)));
      this.timer = setTimeout(() => this.proceed(), Math.min(wait, TIMER_MAX_MS));
    }
  }

  /** What is observed while a write is under way goes into the next one. */
  private async write(): Promise<void> {
    try {
      while (this.cluster.hasNews && this.listener !== null) {
        const news = this.cluster.take();
        if (!(await this.note(() => this.journal.append(this.entriesOf(news))))) return;
        if (this.journal.length > APPENDED_MAX && !(await this.note(() => this.journal.rewrite(this.entries()))))
          return;
        for (const observation of news) this.listener?.next(observation);
      }
    } catch (error) {
      this.closed = true;
      if (this.timer !== null) clearTimeout(this.timer);
      this.listener?.error(error);
    } finally {
      this.writing = null;
    }
  }

  /** On disk when it returns; a full disk is waited for, until the cluster is closed: then it answers false. */
  private async note(write: () => Promise<void>): Promise<boolean> {
    for (;;) {
      try {
        await write();
        return true;
      } catch (error) {
        if (!(error instanceof JournalError) || error.code !== 'full') throw error;
        if (this.closed) return false;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** One entry a lease. */
  private entriesOf(news: readonly Observation[]): JournalEntry[] {
    const byLease = new Map<LeaseId, Observation[]>();
    for (const observation of news) {
      if (!('lease' in observation)) continue;
      const list = byLease.get(observation.lease);
      if (list === undefined) byLease.set(observation.lease, [observation]);
      else list.push(observation);
    }
    return [...byLease].map(([lease, observations]) => {
      return { lease, gang: this.cluster.machines.record(lease), observations };
    });
  }

  /** All that is still to be known: the answers that are remembered, and the VMs there are. */
  private entries(): JournalEntry[] {
    const entries = this.entriesOf([...this.cluster.answers.all()].flat());
    const answered = new Set(entries.map((entry) => entry.lease));
    for (const lease of this.cluster.machines.leasesThere)
      if (!answered.has(lease)) entries.push({ lease, gang: this.cluster.machines.record(lease), observations: [] });
    return entries;
  }
}

/** What the last entry of each lease says is true, and every answer was given. */
function restore(cluster: SimulatedCluster, entries: readonly JournalEntry[], path: string): void {
  const gangs = new Map<LeaseId, GangRecord | null>();
  for (const { lease, gang, observations } of entries) {
    gangs.set(lease, gang);
    for (const observation of observations) cluster.answers.remember(observation);
  }
  try {
    for (const [lease, gang] of gangs) if (gang !== null) cluster.machines.restore(lease, gang);
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    throw new JournalError(
      `${path}: does not belong to this site (${error.message}); remove it to begin with an empty cluster`,
    );
  }
}
