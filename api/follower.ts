/**
 * The follower: folds the log into a state of its own and into tables to read from, off the loop's thread. Leases stay
 * in its tables when they are over. Everything that the API reads comes from here.
 */

import {
  type Decision,
  decodeTurn,
  emptyState,
  foldTurn,
  has,
  type Instant,
  type Lease,
  type LeaseId,
  type NodeClass,
  type Reason,
  type State,
  type StateView,
  type Terms,
  type Turn,
} from '../engine/index.js';
import { RecentTurns } from './recent-turns.js';

/** A decision on a lease, where it was logged. `index`: the lease's place in a decision about many. */
export interface LoggedDecision {
  readonly turn: number;
  readonly at: Instant;
  readonly decision: Decision;
  readonly index: number;
}

export interface Condition {
  readonly type: 'reserved' | 'running' | 'ending' | 'degraded';
  readonly status: boolean;
  readonly since: Instant;
  readonly turn: number;
}

/** All that is known of a lease, also after its end. `lease` is the state's own object: read it only. */
export interface LeaseRecord {
  readonly lease: Lease;
  readonly submittedTurn: number;
  /** What was asked for; the lease's own terms may have changed since. */
  readonly asked: Terms;
  readonly decisions: LoggedDecision[];
  /** Of the last decision that gave any. */
  reasons: readonly Reason[];
  conditions: readonly Condition[];
  /** The turn of its last change. */
  changed: number;
  ended: Instant | null;
}

export class Follower {
  /** In order of arrival. */
  readonly records: LeaseRecord[] = [];
  readonly nodeClasses: NodeClass[] = [];
  readonly recent: RecentTurns;
  private folded: State = emptyState();
  private readonly byId = new Map<LeaseId, LeaseRecord>();
  private readonly listeners = new Set<() => void>();

  /** `recentMax`: how many turns the event feed finds in memory. */
  constructor(recentMax: number) {
    this.recent = new RecentTurns(recentMax);
  }

  get state(): StateView {
    return this.folded;
  }

  get head(): number {
    return this.folded.turn;
  }

  record(id: LeaseId): LeaseRecord | undefined {
    return this.byId.get(id);
  }

  /** Folds the next turn, as it was logged. */
  take(text: string): void {
    const turn = decodeTurn(text);
    if (turn.number !== this.head + 1) {
      throw new Error(`the follower has folded turn ${this.head} and was sent turn ${turn.number}`);
    }
    const touched = this.touchedBy(turn);
    this.folded = foldTurn(this.folded, turn);
    this.note(turn, touched);
    this.recent.push(turn.number, text);
    for (const listener of this.listeners) listener();
  }

  /** Resolves when a turn later than `after` has been folded, or `signal` is aborted, or `ms` have passed. */
  async later(after: number, signal: AbortSignal, ms: number): Promise<void> {
    if (this.head > after || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.listeners.add(done);
    });
  }

  /** Leases that the turn is about, collected before it is folded: afterwards some have left their nodes. */
  private touchedBy(turn: Turn): Set<LeaseId> {
    const touched = new Set<LeaseId>();
    for (const event of [...turn.inputs, ...turn.decisions]) {
      if ('lease' in event) touched.add(event.lease);
      else if ('leases' in event) for (const lease of event.leases) touched.add(lease);
      else if (event.type === 'NodeLost' || event.type === 'NodeRemoved') {
        for (const lease of this.folded.leases.values()) {
          if (lease.nodes !== null && has(lease.nodes, event.node)) touched.add(lease.id);
        }
      } else if (event.type === 'NodesAdded') this.nodeClasses.push(event.nodes);
    }
    return touched;
  }

  private note(turn: Turn, touched: ReadonlySet<LeaseId>): void {
    const over = new Map(this.folded.over.map((lease) => [lease.id, lease]));
    for (const input of turn.inputs) {
      if (input.type !== 'LeaseRequested') continue;
      const lease = this.folded.leases.get(input.lease) ?? over.get(input.lease);
      if (lease !== undefined) this.enter(lease, input.terms, turn);
    }
    for (const decision of turn.decisions) this.noteDecision(turn, decision);
    for (const id of touched) {
      const record = this.byId.get(id);
      if (record === undefined || (record.ended !== null && !over.has(id))) continue;
      record.changed = turn.number;
      if (over.has(id)) record.ended = endOf(turn, id);
      record.conditions = conditionsAfter(record, turn);
    }
  }

  private enter(lease: Lease, asked: Terms, turn: Turn): void {
    const record: LeaseRecord = {
      lease,
      submittedTurn: turn.number,
      asked,
      decisions: [],
      reasons: [],
      conditions: [],
      changed: turn.number,
      ended: null,
    };
    this.records.push(record);
    this.byId.set(lease.id, record);
  }

  private noteDecision(turn: Turn, decision: Decision): void {
    const ids = 'leases' in decision ? decision.leases : 'lease' in decision ? [decision.lease] : [];
    for (const [index, id] of ids.entries()) {
      const record = this.byId.get(id);
      if (record === undefined) continue;
      record.decisions.push({ turn: turn.number, at: turn.now, decision, index });
      if (decision.type === 'ChangeRefused') continue; // it stays as it is
      if ('reasons' in decision && decision.reasons.length > 0) record.reasons = decision.reasons;
      else if (decision.type === 'StartOrdered' || decision.type === 'ResumptionPlanned') record.reasons = [];
    }
  }
}

/** When a lease that `turn` ended was over: when it was seen to end, or when that was decided. */
function endOf(turn: Turn, id: LeaseId): Instant {
  let at: Instant | null = null;
  for (const input of turn.inputs) if ('at' in input && 'lease' in input && input.lease === id) at = input.at;
  return at ?? turn.now;
}

/** The conditions as they are now; those that have not changed keep their time. */
function conditionsAfter(record: LeaseRecord, turn: Turn): Condition[] {
  const { lease } = record;
  const now: Readonly<Record<Condition['type'], boolean>> = {
    reserved: lease.outcome === null && lease.pools !== null,
    running: lease.clockFrom !== null,
    ending: lease.outcome === null && (lease.cancelled || lease.phase === 'stopping' || lease.plan?.kind === 'stop'),
    degraded:
      lease.outcome === null &&
      (lease.pending.some(({ overdue }) => overdue) ||
        lease.vmPhase === 'lost' ||
        lease.vmPhases?.includes('lost') === true),
  };
  return (Object.keys(now) as Condition['type'][]).map((type) => {
    const before = record.conditions.find((condition) => condition.type === type);
    if (before !== undefined && before.status === now[type]) return before;
    return { type, status: now[type], since: turn.now, turn: turn.number };
  });
}
