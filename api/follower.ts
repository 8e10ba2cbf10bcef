/**
 * The follower: folds the log into a state of its own and into records to read from, off the loop's thread. Leases stay
 * in its records when they are over. Everything that the API reads comes from here.
 */

import {
  type Decision,
  decodeState,
  decodeTurn,
  emptyState,
  foldTurn,
  has,
  type Instant,
  type Lease,
  type LeaseId,
  type NodeClass,
  type State,
  type StateView,
  type Turn,
} from '../engine/index.js';
import { isNews, preemptorsOf } from '../simulations/story/mentions.js';
import { unpack } from './packed.js';
import { LogProof, type ProofBegin } from './log-proof.js';
import type { Condition, LeaseRecord } from './records/lease-record.js';
import { ReadTables, turnDigest } from './records/read-tables.js';
import type { AdoptedPolicy, Tables } from './records/tables.js';
import { RecentTurns } from './recent-turns.js';
import { Records } from './records/records.js';

/** Older policies are in the log. */
const POLICIES_KEPT = 200;

/** What reads stand on: the follower, or what it was like at an earlier turn. */
export type FollowerView = Pick<
  Follower,
  'records' | 'recent' | 'proof' | 'nodeClasses' | 'policies' | 'state' | 'head' | 'record' | 'later'
>;

/** Hears of every turn that was not in the tables. */
export interface TurnListener {
  /** The state before it is folded, and after. `touched`: the leases that it is about. */
  before(state: StateView): void;
  after(turn: Turn, touched: ReadonlySet<LeaseId>): void;
}

export class Follower {
  readonly records: Records;
  readonly recent: RecentTurns;
  readonly proof = new LogProof();
  nodeClasses: NodeClass[] = [];
  /** Policies by the turns that brought them, oldest first: the latest POLICIES_KEPT. */
  policies: AdoptedPolicy[] = [];
  readonly turnListeners: TurnListener[] = [];
  private folded: State = emptyState();
  /** The text of the turn folded last. */
  private text = '';
  private readonly listeners = new Set<() => void>();

  /**
   * `recentMax`: how many turns the event feed finds in memory. `tables`: what is over, and where to go on from.
   * `changedMax`: see Records.
   */
  constructor(
    recentMax: number,
    private readonly tables: Tables = ReadTables.inMemory(),
    changedMax?: number,
  ) {
    this.records = new Records(tables, changedMax);
    this.recent = new RecentTurns(recentMax);
  }

  get state(): StateView {
    return this.folded;
  }

  get head(): number {
    return this.folded.turn;
  }

  record(id: LeaseId): LeaseRecord | undefined {
    return this.records.get(id);
  }

  /**
   * Begins, before the first turn is taken. `useTables`: the tables are of this log, and not later than its end; then it
   * goes on from `snapshot`, which is not later than they are and whose turn `proof` is about, or from the beginning.
   */
  begin(snapshot: string | null, useTables: boolean, proof: ProofBegin | null = null): void {
    if (proof !== null) this.proof.begin(proof);
    if (!useTables) this.tables.clear();
    const { kept } = this.tables;
    if (kept === null) return;
    if (snapshot !== null) this.folded = decodeState(unpack(snapshot));
    this.nodeClasses = [...kept.nodeClasses];
    this.policies = [...kept.policies];
    if (this.head === kept.turn) this.records.restore(this.folded);
  }

  /** Folds the next turn, as it was logged. */
  take(text: string): void {
    const turn = decodeTurn(text);
    this.fold(turn);
    this.text = text;
    this.recent.push(turn.number, text);
    this.proof.take(turn.number, text);
    for (const listener of this.listeners) listener();
  }

  /** As `take`, for whoever needs neither the feed nor the proof. */
  fold(turn: Turn): void {
    if (turn.number !== this.head + 1) {
      throw new Error(`the follower has folded turn ${this.head} and was sent turn ${turn.number}`);
    }
    const inTables = this.tables.kept?.turn ?? 0;
    const touched = turn.number > inTables ? this.touchedBy(turn) : null;
    const news = touched === null ? [] : newsOf(this.folded, turn);
    if (touched !== null) for (const listener of this.turnListeners) listener.before(this.folded);
    this.folded = foldTurn(this.folded, turn);
    if (touched !== null) this.note(turn, touched, news);
    else if (turn.number === inTables) this.records.restore(this.folded);
    if (touched !== null) for (const listener of this.turnListeners) listener.after(turn, touched);
  }

  /** Comes before `keep` where others wait meanwhile: a turn that moves all reservations changes thousands of records. */
  async prepareToKeep(): Promise<void> {
    await this.records.layChangedReady();
  }

  /** The tables are brought to the present turn: a later start goes on from there. False: the disk refuses. */
  keep(): boolean {
    if (this.head === this.tables.kept?.turn) return true;
    const { nodeClasses, policies } = this;
    return this.records.keep({ turn: this.head, digest: turnDigest(this.text), nodeClasses, policies });
  }

  close(): void {
    this.tables.close();
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
      else if (event.type === 'NodeLost' || event.type === 'NodeGivenUp' || event.type === 'NodeRemoved') {
        for (const lease of this.folded.leases.values()) {
          if (lease.nodes !== null && has(lease.nodes, event.node)) touched.add(lease.id);
        }
      } else if (event.type === 'NodesAdded') this.nodeClasses.push(event.nodes);
      else if (event.type === 'PolicyAdopted')
        this.policies = [...this.policies, { turn: turn.number, at: turn.now, policy: event.policy }].slice(
          -POLICIES_KEPT,
        );
    }
    return touched;
  }

  private note(turn: Turn, touched: ReadonlySet<LeaseId>, news: readonly Told[]): void {
    const over = new Map(this.folded.over.map((lease) => [lease.id, lease]));
    for (const input of turn.inputs) {
      if (input.type !== 'LeaseRequested') continue;
      const lease = this.folded.leases.get(input.lease) ?? over.get(input.lease);
      if (lease !== undefined) this.enter(lease, input, turn);
    }
    for (const { lease, input } of news) this.goingOn(lease)?.around.push({ turn: turn.number, at: turn.now, input });
    for (const decision of turn.decisions) this.noteDecision(turn, decision);
    for (const id of touched) {
      const record = this.records.inMemory(id);
      if (record === undefined || (record.ended !== null && !over.has(id))) continue;
      record.changed = turn.number;
      if (over.has(id)) record.ended = endOf(turn, id);
      record.conditions = conditionsAfter(record, turn);
      this.records.touch(record);
    }
    this.records.write();
  }

  /** Once a lease is over its record stays as it is: it may be on disk by now, or not. */
  private goingOn(id: LeaseId): LeaseRecord | undefined {
    const record = this.records.inMemory(id);
    return record?.ended === null ? record : undefined;
  }

  private enter(lease: Lease, { terms: asked, traceparent }: LeaseRequest, turn: Turn): void {
    this.records.enter({
      lease,
      submittedTurn: turn.number,
      asked,
      ...(traceparent === undefined ? {} : { traceparent }),
      decisions: [],
      around: [],
      reasons: [],
      conditions: [],
      changed: turn.number,
      ended: null,
    });
  }

  private noteDecision(turn: Turn, decision: Decision): void {
    for (const id of preemptorsOf(decision)) {
      const record = this.goingOn(id);
      if (record === undefined) continue;
      record.around.push({ turn: turn.number, at: turn.now, decision });
      this.records.touch(record);
    }
    const ids = 'leases' in decision ? decision.leases : 'lease' in decision ? [decision.lease] : [];
    for (const [index, id] of ids.entries()) {
      const record = this.goingOn(id);
      if (record === undefined) continue;
      record.decisions.push({ turn: turn.number, at: turn.now, decision, index });
      if (decision.type === 'ChangeRefused') continue; // it stays as it is
      if ('reasons' in decision && decision.reasons.length > 0) record.reasons = decision.reasons;
      else if (decision.type === 'StartOrdered' || decision.type === 'ResumptionPlanned') record.reasons = [];
    }
  }
}

type LeaseRequest = Extract<Turn['inputs'][number], { type: 'LeaseRequested' }>;

/** An input that says something new of a lease. */
interface Told {
  readonly lease: LeaseId;
  readonly input: Turn['inputs'][number];
}

/** What came in, other than leases; `state` is that before the turn. */
function newsOf(state: StateView, turn: Turn): Told[] {
  const news: Told[] = [];
  for (const input of turn.inputs) {
    if (input.type === 'MaintenancePlanned') {
      for (const lease of leavingFor(turn)) news.push({ lease, input });
    } else if (input.type === 'NodeLost' || input.type === 'NodeGivenUp' || input.type === 'NodeRemoved') {
      for (const { id, nodes } of state.leases.values())
        if (nodes !== null && has(nodes, input.node)) news.push({ lease: id, input });
    } else if ('lease' in input && input.type !== 'LeaseRequested' && (!('at' in input) || isNews(state, input)))
      news.push({ lease: input.lease, input });
  }
  return news;
}

/** Who makes room, by the turn's decisions, since nodes are to be worked on. */
function leavingFor({ decisions }: Turn): ReadonlySet<LeaseId> {
  const leaving = new Set<LeaseId>();
  for (const decision of decisions)
    if ('reasons' in decision && decision.reasons.some(({ code }) => code === 'maintenance'))
      leaving.add(decision.lease);
  return leaving;
}

/** When a lease that `turn` ended was over: when it was seen to end, or when that was decided. */
function endOf(turn: Turn, id: LeaseId): Instant {
  let at: Instant | null = null;
  for (const input of turn.inputs) if ('at' in input && 'lease' in input && input.lease === id) at = input.at;
  return at ?? turn.now;
}

/** Not told of leases that never were so. */
const RARE: ReadonlySet<Condition['type']> = new Set([
  'awaiting-approval',
  'migrating',
  'resizing',
  'paused',
  'booting',
  'ready',
]);

/** The conditions as they are now; those that have not changed keep their time. Mostly none has. */
function conditionsAfter(record: LeaseRecord, turn: Turn): readonly Condition[] {
  const { lease, conditions } = record;
  const now: Readonly<Record<Condition['type'], boolean>> = {
    reserved: lease.outcome === null && lease.pools !== null,
    running: lease.clockFrom !== null,
    ending: lease.outcome === null && (lease.cancelled || lease.phase === 'stopping' || lease.plan?.kind === 'stop'),
    degraded:
      lease.outcome === null &&
      (lease.pending.some(({ overdue }) => overdue) ||
        lease.vmPhase === 'lost' ||
        lease.vmPhases?.includes('lost') === true),
    'awaiting-approval': lease.outcome === null && lease.unapproved,
    migrating: lease.outcome === null && lease.arriving !== null,
    paused: lease.outcome === null && lease.paused.length > 0,
    resizing: lease.pending.some(({ decision }) => decision.type === 'ResizeOrdered'),
    booting: lease.terms.readyWithin !== undefined && lease.phase === 'starting',
    ready: lease.terms.readyWithin !== undefined && lease.clockFrom !== null,
  };
  const told: Condition[] = [];
  let differs = false;
  for (const type of Object.keys(now) as Condition['type'][]) {
    const before = conditions.find((condition) => condition.type === type);
    if (before === undefined && !now[type] && RARE.has(type)) continue;
    if (before?.status === now[type]) told.push(before);
    else {
      differs = true;
      told.push({ type, status: now[type], since: turn.now, turn: turn.number });
    }
  }
  return differs ? told : conditions;
}
