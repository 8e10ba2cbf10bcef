/** What the log says, as metrics: every turn as it is folded, and what it leads to. */

import { Counter, Histogram, type Registry } from 'prom-client';
import type { Decision, Lease, LeaseId, StateView, Turn } from '../../engine/index.js';
import type { Follower } from '../follower.js';
import { LeaseTally } from './lease-tally.js';

/** From one second to thirty days: leases wait for both. */
const WAIT_SECONDS = [1, 10, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800, 2_592_000];

export class TurnMetrics {
  readonly tally = new LeaseTally();
  /** How many leases began while others that came before them went on waiting. */
  backfilled = 0;
  private begun = false;
  private first: LeaseId | null = null;
  private readonly waits: Histogram<'kind'>;
  private readonly ended: Counter<'kind' | 'outcome'>;
  private readonly preemptions: Counter<'reason'>;
  private readonly rejections: Counter<'kind' | 'reason'>;
  private readonly events: Counter<'type'>;
  private readonly backfills: Counter;

  constructor(
    private readonly follower: Follower,
    registers: Registry[],
  ) {
    this.waits = new Histogram({
      name: 'leasehold_lease_wait_seconds',
      help: "From a lease's request to its first start, in the scheduler's time.",
      labelNames: ['kind'],
      buckets: WAIT_SECONDS,
      registers,
    });
    const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
      new Counter({ name: `leasehold_${name}`, help, labelNames, registers });
    this.ended = counter('leases_ended_total', 'Leases that are over, by how they ended.', 'kind', 'outcome');
    this.preemptions = counter('preemptions_total', 'Leases that had to make room for others, by reason.', 'reason');
    this.rejections = counter('lease_rejections_total', 'Leases that could not be had, by reason.', 'kind', 'reason');
    this.events = counter('log_events_total', 'Events of the log: requests, observations and decisions.', 'type');
    this.backfills = counter(
      'leases_backfilled_total',
      'Leases that began while the first of the queue went on waiting.',
    );
    follower.turnListeners.push({
      before: (state) => this.before(state),
      after: (turn, touched) => this.after(turn, touched),
    });
  }

  /** The history has been read: from now on every turn counts. O(leases). */
  begin(): void {
    this.tally.begin(this.follower.state);
    this.begun = true;
  }

  private before({ queue }: StateView): void {
    this.first = queue.slice(0, LOOKED_AT).find((lease) => !lease.held && lease.waitsFor.length === 0)?.id ?? null;
  }

  private after(turn: Turn, touched: ReadonlySet<LeaseId>): void {
    if (!this.begun) return;
    const { state } = this.follower;
    const { waits, ended } = this.tally.turn(state, touched);
    for (const { kind, ms } of waits) this.waits.observe({ kind }, ms / 1000);
    for (const { kind, outcome } of ended) this.ended.inc({ kind, outcome });
    for (const { type } of turn.inputs) this.events.inc({ type });
    for (const decision of turn.decisions) this.count(decision, state);
  }

  private count(decision: Decision, state: StateView): void {
    this.events.inc({ type: decision.type });
    if (decision.type === 'Refused') {
      const kind = leaseOf(state, decision.lease)?.terms.start.kind ?? 'unknown';
      this.rejections.inc({ kind, reason: decision.reasons[0]?.code ?? 'unknown' });
    } else if (decision.type === 'SuspensionPlanned') {
      this.preemptions.inc({ reason: decision.reasons[0]?.code ?? 'preempted' });
    } else if (decision.type === 'StopOrdered' && decision.cause === 'preempted') {
      this.preemptions.inc({ reason: 'stopped' });
    } else if (decision.type === 'StartOrdered' && this.isBackfilled(decision.lease, state)) {
      this.backfilled++;
      this.backfills.inc();
    }
  }

  private isBackfilled(id: LeaseId, state: StateView): boolean {
    const { first } = this;
    if (first === null || first === id || leaseOf(state, id)?.terms.start.kind !== 'best-effort') return false;
    const phase = state.leases.get(first)?.phase;
    return phase === 'waiting' || phase === 'reserved';
  }
}

/** The first in the queue that is not on hold is found among so many, or not at all. */
const LOOKED_AT = 64;

function leaseOf(state: StateView, id: LeaseId): Lease | undefined {
  return state.leases.get(id) ?? state.over.find((lease) => lease.id === id);
}
