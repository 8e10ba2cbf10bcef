/**
 * The life of one lease, told while its log is read: what was asked, decided and seen, and why it waited in between. Reads
 * turns in order; memory is that of the state and of the lines told.
 */

import {
  beginTurn,
  type Decision,
  emptyState,
  type Event,
  evolve,
  explain,
  foldTurn,
  has,
  type Input,
  type Lease,
  type LeaseId,
  mustBeKnown,
  type State,
  type Turn,
} from '../../engine/index.js';
import { formatInstant } from '../written-times.js';
import { type LeaseState, stateOf } from './lease-state.js';
import { isNews, leasesOf, preemptorsOf } from './mentions.js';
import { type WrittenReason, writtenReason } from './reasons.js';
import { type Place, ruleOf } from './rules.js';
import { decisionPhrase, observationPhrase, requestPhrase } from './sentences.js';
import { Waiting } from './waiting.js';

export interface StoryLine {
  readonly turn: number;
  /** The time of the turn. */
  readonly at: string;
  /** When it was seen to happen, where that was before the turn. */
  readonly happened?: string;
  /** `explanation`: the log does not say so; it follows from the state that the turn left. */
  readonly kind: 'request' | 'observation' | 'decision' | 'explanation';
  /** The type of the event; of an explanation: `Waits`. */
  readonly type: string;
  /** Another lease that the event is about. */
  readonly about?: LeaseId;
  /** The lease's state after the event. */
  readonly state: LeaseState;
  readonly message: string;
  /** What decided: knobs as in policy files. Null where nothing was decided. */
  readonly rule: string | null;
  readonly reasons: readonly WrittenReason[];
  /** Of an explanation: when it held no longer; null: it held when the log ended. */
  until?: string | null;
}

export class Storyteller {
  readonly lines: StoryLine[] = [];
  /** The lease as it was left last; null: nobody has asked for it. An id may be used again once its lease is over. */
  lease: Lease | null = null;
  private state: State = emptyState();
  private readonly waiting = new Waiting();
  private explained: StoryLine | null = null;
  private place: Place = null;

  constructor(private readonly id: LeaseId) {}

  take(turn: Turn): void {
    for (const input of turn.inputs) if (input.type === 'PolicyAdopted') mustBeKnown(input.policy);
    if (!this.isAlive && !turn.inputs.some((input) => input.type === 'LeaseRequested' && input.lease === this.id)) {
      this.state = foldTurn(this.state, turn);
      return;
    }
    // 1. What came in, and what was decided, one after another.
    const { state } = this;
    beginTurn(state);
    for (const input of turn.inputs) this.input(turn, input);
    this.place = this.placeIn(turn);
    for (const decision of turn.decisions) this.decision(turn, decision);
    state.now = turn.now;
    state.turn = turn.number;
    // 2. Why it waits, where that may have changed.
    this.tellWhy(turn);
  }

  private get isAlive(): boolean {
    return this.lease !== null && this.lease.outcome === null;
  }

  private input(turn: Turn, input: Input): void {
    const { state } = this;
    const news = !('at' in input) || isNews(state, input);
    const own = this.fold(turn, input, news);
    if (own === null) return;
    const happened = 'at' in input && input.at < turn.now ? { happened: formatInstant(input.at) } : {};
    const said = 'at' in input ? observationPhrase(input) : requestPhrase(input, state.resources);
    const kind = 'at' in input ? 'observation' : 'request';
    this.tell(turn, input, own, said, { ...happened, kind, rule: null, reasons: [] });
  }

  private decision(turn: Turn, decision: Decision): void {
    const { lease, state } = this;
    const from = lease !== null && lease.pools !== null ? lease.from : null;
    const own = this.fold(turn, decision, true);
    if (own === null) return;
    const about = { index: leasesOf(decision).indexOf(this.id), from };
    const reasons = 'reasons' in decision ? decision.reasons : [];
    if (own && decision.type === 'Reserved' && reasons.length > 0) {
      this.waiting.told(reasons);
      this.endExplanation(turn);
    }
    this.tell(turn, decision, own, decisionPhrase(decision, about), {
      kind: 'decision',
      rule: ruleOf(decision, state.policy, { terms: lease!.terms, reserved: from !== null, place: this.place }),
      reasons: reasons.map((reason) => writtenReason(reason, state.resources)),
    });
  }

  /** Folds the event. Whether it is the lease's own; null: it says nothing of the lease. */
  private fold(turn: Turn, event: Event, news: boolean): boolean | null {
    const { state, id } = this;
    const wasAlive = this.isAlive;
    const before = this.traits();
    const hit = this.loses(event);
    evolve(state, event, turn.now);
    if (event.type === 'LeaseRequested' && event.lease === id)
      this.lease = state.leases.get(id) ?? state.over.find((lease) => lease.id === id) ?? null;
    else if (!wasAlive) return null;
    if (leasesOf(event).includes(id)) return news || this.traits() !== before ? true : null;
    return hit || preemptorsOf(event).includes(id) || this.traits() !== before ? false : null;
  }

  /** What an event about others may change for it. */
  private traits(): string {
    const { lease } = this;
    if (lease === null) return '';
    return `${lease.phase} ${lease.waitsFor.length} ${lease.transfers.length} ${lease.preparation?.transfers.length}`;
  }

  /** Whether the event takes a node away on which it has VMs or images. */
  private loses(event: Event): boolean {
    if (event.type !== 'NodeLost' && event.type !== 'NodeGivenUp' && event.type !== 'NodeRemoved') return false;
    const { lease } = this;
    return lease !== null && lease.outcome === null && lease.nodes !== null && has(lease.nodes, event.node);
  }

  private tell(turn: Turn, event: Event, own: boolean, said: string, rest: Rest): void {
    const other = own ? undefined : leasesOf(event)[0];
    const { happened, kind, rule, reasons } = rest;
    this.lines.push({
      turn: turn.number,
      at: formatInstant(turn.now),
      ...(happened === undefined ? {} : { happened }),
      kind,
      type: event.type,
      ...(other === undefined ? {} : { about: other }),
      state: stateOf(this.lease!),
      message: other === undefined ? said : `${other}: ${said}`,
      rule,
      reasons,
    });
  }

  /** Whether the turn begins the lease in its place in the queue, or before others that wait on. */
  private placeIn({ decisions, now }: Turn): Place {
    const { lease, state, id } = this;
    const starts = (decision: Decision) => decision.type === 'StartOrdered' || decision.type === 'ResumptionPlanned';
    const index = decisions.findIndex((decision) => starts(decision) && leasesOf(decision).includes(id));
    if (index < 0 || lease === null || lease.pools !== null) return null;
    const ahead = explain(state, id, now).find(({ code }) => code === 'behind-in-queue');
    if (ahead === undefined) return 'front';
    const placed = new Set(decisions.slice(0, index).filter(starts).flatMap(leasesOf));
    const passed = ahead.blockers.length + ahead.more > placed.size || ahead.blockers.some((one) => !placed.has(one));
    return passed ? 'overtaking' : 'front';
  }

  private tellWhy(turn: Turn): void {
    const { lease, state } = this;
    const waits = lease !== null && isWaiting(lease);
    const own = this.lines.at(-1)?.turn === turn.number;
    const reasons = waits ? this.waiting.look(state, lease, turn, own) : null;
    if (waits && reasons === null) return;
    this.endExplanation(turn);
    if (!waits) {
      this.waiting.over();
      return;
    }
    this.explained = {
      turn: turn.number,
      at: formatInstant(turn.now),
      kind: 'explanation',
      type: 'Waits',
      state: stateOf(lease),
      message: 'waits',
      rule: null,
      reasons: reasons!.map((reason) => writtenReason(reason, state.resources)),
      until: null,
    };
    this.lines.push(this.explained);
  }

  /** What held until now holds no longer. */
  private endExplanation({ now }: Turn): void {
    if (this.explained !== null) this.explained.until = formatInstant(now);
    this.explained = null;
  }
}

type Rest = Pick<StoryLine, 'happened' | 'kind' | 'rule' | 'reasons'>;

/** It has no place, or one that it would give up for an earlier one. */
function isWaiting({ phase, terms }: Lease): boolean {
  return phase === 'waiting' || phase === 'suspended' || (phase === 'reserved' && terms.start.kind === 'best-effort');
}
