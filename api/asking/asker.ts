/**
 * Who is asked: folds the log into a state of its own, plans its queue when it has changed, and answers questions from
 * both. It runs in a process of its own, so that neither requests nor turns wait for it.
 */

import {
  type Decision,
  decodeState,
  decodeTurn,
  emptyState,
  encodeState,
  foldTurn,
  type Forecast,
  forecast,
  type ForecastLimits,
  forkState,
  type Instant,
  type LeaseId,
  type State,
  takeTurn,
  type Turn,
} from '../../engine/index.js';
import { pack, unpack } from '../packed.js';
import type { AnyAnswer, DryRun, FromAsking, Question, ToAsking } from './messages.js';
import { quoteFor } from './quoting.js';
import { slotsFor } from './slots.js';

/** At 10,000 waiting leases the queue is planned in about a tenth of a second. */
const LIMITS: ForecastLimits = { leases: 100_000, fits: 32_000 };
/** Between two plans there is at least so much time, and nine times as much as the last one took. */
const PAUSE_MS = 100;
const PAUSE_FACTOR = 9;
/** A plan that takes less is always that of the last turn, for those who ask. */
const QUICK_MS = 20;

export class Asker {
  private state: State = emptyState();
  private plan: Forecast | null = null;
  /** Nodes have come or gone since it was made. */
  private planIsVoid = true;
  private plannedAt = 0;
  private tookMs = 0;
  private timer: NodeJS.Timeout | null = null;
  private live = false;
  /** The state as text, packed; null: it has gone on since. */
  private text: string | null = null;

  constructor(private readonly tell: (message: FromAsking) => void) {}

  receive(message: ToAsking): void {
    switch (message.type) {
      case 'begin':
        this.state = message.snapshot === null ? emptyState() : decodeState(unpack(message.snapshot));
        return;
      case 'turns':
        for (const text of message.texts) this.take(text);
        if (this.live) this.planSoon();
        return;
      case 'ready':
        this.live = true;
        this.planSoon();
        return;
      case 'ask':
        this.ask(message.ticket, message.question, message.now);
        return;
    }
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.live = false;
  }

  private take(text: string): void {
    const turn = decodeTurn(text);
    if (turn.number <= this.state.turn) return; // the snapshot was of a later one
    this.state = foldTurn(this.state, turn);
    this.text = null;
    if (turn.inputs.some(({ type }) => CHANGES_NODES.has(type))) this.planIsVoid = true;
    if (this.live) this.noteBegun(turn);
  }

  /** Leases that were quoted, and run for the first time. */
  private noteBegun({ inputs }: Turn): void {
    for (const input of inputs) {
      if (input.type !== 'VmsStarted') continue;
      const lease = this.state.leases.get(input.lease);
      const quoted = lease?.terms.quoted;
      if (quoted === undefined || lease!.firstStart !== input.at) continue;
      this.tell({ type: 'begun', late: input.at - quoted.start });
    }
  }

  // ---- the plan ----------------------------------------------------------------------------------------------------

  /** Never more than one is under way, and the newest state is what it is made of. */
  private planSoon(): void {
    if (this.timer !== null || this.plan?.turn === this.state.turn) return;
    const pause = Math.max(PAUSE_MS, PAUSE_FACTOR * this.tookMs);
    const wait = Math.max(0, this.plannedAt + pause - performance.now());
    this.timer = setTimeout(() => {
      this.timer = null;
      this.makePlan(this.state.now);
    }, wait).unref();
  }

  private makePlan(now: Instant): Forecast {
    const begin = performance.now();
    this.plan = forecast(this.state, now, LIMITS);
    this.planIsVoid = false;
    this.plannedAt = performance.now();
    this.tookMs = this.plannedAt - begin;
    this.tellStarts(this.plan);
    return this.plan;
  }

  /** One to answer from: of this turn, or of one that is not long past. */
  private planFor(now: Instant): Forecast {
    const { plan } = this;
    if (plan === null || this.planIsVoid) return this.makePlan(now);
    if (plan.turn === this.state.turn) return plan;
    const age = performance.now() - this.plannedAt;
    return this.tookMs > QUICK_MS && age < PAUSE_FACTOR * this.tookMs ? plan : this.makePlan(now);
  }

  private tellStarts(plan: Forecast): void {
    const sequences: number[] = [];
    const starts: number[] = [];
    // Those that wait are in order of arrival in the queue, whatever the order in which they are served.
    for (const { id, sequence } of this.state.queue) {
      const expected = plan.starts.get(id);
      if (expected === undefined || expected === null) continue;
      sequences.push(sequence);
      starts.push(expected.start);
    }
    this.tell({
      type: 'expected',
      turn: plan.turn,
      sequences: Float64Array.from(sequences),
      starts: Float64Array.from(starts),
    });
  }

  // ---- questions ---------------------------------------------------------------------------------------------------

  private ask(ticket: number, question: Question, now: Instant): void {
    try {
      this.tell({ type: 'answer', ticket, answer: this.answer(question, Math.max(now, this.state.now)) });
    } catch (error) {
      this.tell({ type: 'failed', ticket, detail: (error as Error).stack ?? String(error) });
    }
  }

  private answer(question: Question, now: Instant): AnyAnswer {
    if (question.type === 'snapshot') return { packed: this.asText(), turn: this.state.turn, now };
    if (question.type === 'dry-run') return this.dryRun(question, now);
    const basis = { state: this.state, plan: this.planFor(now), now };
    return question.type === 'slots' ? slotsFor(basis, question) : quoteFor(basis, question.terms, question.offers);
  }

  private asText(): string {
    this.text ??= pack(encodeState(this.state));
    return this.text;
  }

  /** On a fork: O(leases), about 30 ms for 100,000. */
  private dryRun({ command }: Extract<Question, { type: 'dry-run' }>, now: Instant): DryRun {
    const fork = forkState(this.state);
    const { turn, answers } = takeTurn(fork, { observations: [], commands: [command] }, now);
    const id: LeaseId | null = 'lease' in command ? command.lease : null;
    const first = id === null ? null : (fork.leases.get(id) ?? fork.leases.get(`${id}-1`) ?? overIn(fork, id));
    return { answer: answers[0]!, turn, lease: first };
  }
}

const CHANGES_NODES: ReadonlySet<string> = new Set<Turn['inputs'][number]['type'] | Decision['type']>([
  'NodesAdded',
  'NodeDrained',
  'NodeRestored',
  'NodeRemoved',
  'NodeLost',
  'NodeUnreachable',
  'NodeGivenUp',
  'NodeFound',
  'PolicyAdopted',
]);

function overIn(state: State, id: LeaseId) {
  return state.over.find((lease) => lease.id === id || lease.id === `${id}-1`) ?? null;
}
