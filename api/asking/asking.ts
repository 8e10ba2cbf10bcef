/**
 * The service's end of the process that is asked: tells it the log, keeps who waits for an answer, and knows when
 * waiting leases are expected to begin.
 */

import type { Command, Instant, Lease, Terms } from '../../engine/index.js';
import type { FromLoop } from '../loop-messages.js';
import { Problem } from '../problems.js';
import type {
  AnyAnswer,
  Answered,
  DryRun,
  ExpectedStarts,
  FromAsking,
  Question,
  Quoting,
  SlotsFound,
  SlotsWanted,
  SnapshotTaken,
  ToAsking,
} from './messages.js';
import { QuoteErrors } from './quote-errors.js';

/** So many may wait for an answer, for so long. */
const QUESTIONS_MAX = 512;
const ANSWER_MS = 10_000;

interface Waiting {
  readonly resolve: (answer: AnyAnswer) => void;
  readonly reject: (problem: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** When a lease is expected to begin, and by which turn that was worked out. */
export interface ExpectedStart {
  readonly start: Instant;
  readonly basedOn: number;
}

export class Asking {
  readonly errors = new QuoteErrors();
  private readonly waiting = new Map<number, Waiting>();
  private ticket = 0;
  private expected: ExpectedStarts | null = null;
  private gone = false;

  constructor(private readonly send: (message: ToAsking) => void) {}

  /** What would become of a lease of these terms. `offers`: with what could be had instead. */
  quote(terms: Terms, now: Instant, offers = true): Promise<Quoting> {
    return this.ask({ type: 'quote', terms, offers }, now);
  }

  dryRun(command: Command, now: Instant): Promise<DryRun> {
    return this.ask({ type: 'dry-run', command }, now);
  }

  slots(wanted: SlotsWanted, now: Instant): Promise<SlotsFound> {
    return this.ask({ type: 'slots', ...wanted }, now);
  }

  /** The state, to go on from elsewhere. */
  snapshot(now: Instant): Promise<SnapshotTaken> {
    return this.ask({ type: 'snapshot' }, now);
  }

  /** Null: nobody knows, or it does not wait. O(log waiting). */
  expectedStart({ sequence, outcome, firstStart, phase }: Lease): ExpectedStart | null {
    const { expected } = this;
    if (expected === null || outcome !== null || (firstStart !== null && phase !== 'suspended')) return null;
    const { sequences, starts, turn } = expected;
    let low = 0;
    let high = sequences.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sequences[middle]! < sequence) low = middle + 1;
      else high = middle;
    }
    return sequences[low] === sequence ? { start: starts[low]!, basedOn: turn } : null;
  }

  /** What the loop says is told on. */
  hear(message: FromLoop): void {
    if (message.type === 'begin') this.send({ type: 'begin', snapshot: message.snapshot });
    else if (message.type === 'turns') this.send({ type: 'turns', texts: message.texts });
    else if (message.type === 'ready') this.send({ type: 'ready' });
  }

  receive(message: FromAsking): void {
    switch (message.type) {
      case 'expected':
        this.expected = message;
        return;
      case 'begun':
        this.errors.add(message.late);
        return;
      case 'answer':
        this.settle(message.ticket)?.resolve(message.answer);
        return;
      case 'failed':
        this.settle(message.ticket)?.reject(new Error(message.detail));
        return;
    }
  }

  /** Nothing is answered until it is said otherwise. */
  pause(): void {
    this.gone = true;
    this.expected = null;
    for (const ticket of [...this.waiting.keys()]) this.settle(ticket)?.reject(noAnswer());
  }

  resume(): void {
    this.gone = false;
  }

  /** Nothing more is answered. */
  close(): void {
    this.pause();
  }

  private ask<Q extends Question>(question: Q, now: Instant): Promise<Answered<Q>> {
    if (this.gone) return Promise.reject(noAnswer());
    if (this.waiting.size >= QUESTIONS_MAX)
      return Promise.reject(new Problem('busy', `${QUESTIONS_MAX} questions are waiting for their answers`));
    const ticket = ++this.ticket;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle(ticket)?.reject(noAnswer()), ANSWER_MS);
      this.waiting.set(ticket, { resolve: resolve as Waiting['resolve'], reject, timer });
      this.send({ type: 'ask', ticket, now, question });
    });
  }

  private settle(ticket: number): Waiting | undefined {
    const waiting = this.waiting.get(ticket);
    this.waiting.delete(ticket);
    if (waiting !== undefined) clearTimeout(waiting.timer);
    return waiting;
  }
}

function noAnswer(): Problem {
  return new Problem('busy', 'it could not be worked out in time; nothing was asked for, try again');
}
