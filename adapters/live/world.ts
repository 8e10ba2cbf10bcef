/**
 * The live world: commands from clients, observations from the cluster and the scheduler's wake-ups, merged into
 * batches. Whatever has arrived while the last turn was being written goes into the next one (group commit).
 */

import { firstValueFrom, map, merge, NEVER, Subject, timer, type Observable, type Subscription } from 'rxjs';
import { setImmediate as othersHaveSpoken } from 'node:timers/promises';
import { invariant } from '../../engine/index.js';
import type { Answer, Command, Inbox, Instant, Observation, World } from '../../engine/index.js';
import { wallClock, type Clock } from './clock.js';

const INBOX_ERRORS = {
  busy: 'too many commands are waiting; try again later',
  closing: 'the service is stopping',
  withdrawn: 'the command was withdrawn before its turn',
} as const;

/**
 * Why a command never got into a turn. `busy`: try again later. `closing`: the service is stopping. `withdrawn`: nobody
 * wants it any more.
 */
export class InboxError extends Error {
  override readonly name = 'InboxError';

  constructor(readonly code: 'busy' | 'closing' | 'withdrawn') {
    super(INBOX_ERRORS[code]);
  }
}

export interface LiveWorldOptions {
  readonly observations: Observable<Observation>;
  readonly clock?: Clock;
  /** The instant of the last turn: time never goes back behind it. */
  readonly from?: Instant;
  /** At most so many commands wait; further ones are refused as `busy`. */
  readonly inboxMax?: number;
}

export const INBOX_MAX = 10_000;
/** At most so many commands, and so many observations, in one batch. */
export const BATCH_MAX = 1_000;
/**
 * Timers ring late, by a millisecond or some. What is due then is decided as of its own instant, as if they rang in time: a lease
 * that begins a moment late would end after what is planned behind it begins. Later than so many milliseconds is late.
 */
const PUNCTUAL_MS = 250;
/** The longest time that a timer can wait. */
const TIMER_MAX_MS = 2 ** 31 - 1;

interface Submission {
  readonly command: Command;
  /** Asked once, when its turn has come. */
  readonly isWanted: () => boolean;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: InboxError) => void;
}

export class LiveWorld implements World {
  private now: Instant;
  private readonly clock: Clock;
  private readonly inboxMax: number;
  private readonly submissions = new Subject<Submission>();
  /** Something has arrived, or the world is closing. */
  private readonly stirred = new Subject<void>();
  private readonly subscription: Subscription;
  private waiting: Submission[] = [];
  private observed: Observation[] = [];
  /** Those whose commands are in the current turn, in order. */
  private current: Submission[] = [];
  private closing = false;
  private failure: { readonly error: unknown } | null = null;

  constructor({ observations, clock = wallClock, from = 0, inboxMax = INBOX_MAX }: LiveWorldOptions) {
    this.now = from;
    this.clock = clock;
    this.inboxMax = inboxMax;
    this.subscription = merge(
      this.submissions.pipe(map((submission) => () => this.waiting.push(submission))),
      observations.pipe(map((observation) => () => this.observed.push(observation))),
    ).subscribe({
      next: (arrive) => {
        arrive();
        this.stirred.next();
      },
      error: (error: unknown) => {
        this.failure = { error };
        this.stirred.next();
      },
    });
  }

  /** Resolves once the turn with the command is durable. Rejects with an InboxError where it never gets into one. */
  submit(command: Command, isWanted: () => boolean = () => true): Promise<Answer> {
    if (this.closing) return Promise.reject(new InboxError('closing'));
    if (this.waiting.length >= this.inboxMax) return Promise.reject(new InboxError('busy'));
    return new Promise((resolve, reject) => this.submissions.next({ command, isWanted, resolve, reject }));
  }

  /** How many commands wait for a turn. */
  get inboxLength(): number {
    return this.waiting.length;
  }

  /** Rejects when the cluster can no longer be observed. */
  async next(wakeup: Instant | null): Promise<{ readonly now: Instant; readonly inbox: Inbox } | null> {
    invariant(this.current.length === 0, 'every command of a turn is answered before the next turn');
    while (!this.isDue(wakeup)) await firstValueFrom(merge(this.stirred, this.alarm(wakeup)));
    // All sockets that are ready get their say: what they bring shares this turn and its one write.
    await othersHaveSpoken();
    if (this.failure !== null) throw this.failure.error;
    if (this.closing) return null;
    this.now = this.instant(wakeup);
    this.current = this.takeWanted();
    // 1. `at`  2. order of arrival (the sort is stable)
    const observations = this.takeObserved(this.now === wakeup ? wakeup : null).sort((a, b) => a.at - b.at);
    return { now: this.now, inbox: { observations, commands: this.current.map(({ command }) => command) } };
  }

  answer(answers: readonly Answer[]): void {
    invariant(answers.length === this.current.length, 'every command of a turn is answered');
    const { current } = this;
    this.current = [];
    for (const [i, answer] of answers.entries()) current[i]!.resolve(answer);
  }

  /** The turn in hand is finished and its commands are answered; then the world is over. */
  close(): void {
    if (this.closing) return;
    this.closing = true;
    this.subscription.unsubscribe();
    for (const { reject } of this.waiting) reject(new InboxError('closing'));
    this.waiting = [];
    this.stirred.next();
  }

  private takeWanted(): Submission[] {
    return this.waiting.splice(0, BATCH_MAX).filter(({ isWanted, reject }) => {
      const wanted = isWanted();
      if (!wanted) reject(new InboxError('withdrawn'));
      return wanted;
    });
  }

  /** What the clock shows, or the wake-up's own instant where that has just passed. Never goes back. */
  private instant(wakeup: Instant | null): Instant {
    const now = Math.max(this.now, this.clock.now());
    if (wakeup === null || wakeup < this.now || wakeup > now) return now;
    return this.clock.realMs(wakeup) >= -PUNCTUAL_MS ? wakeup : now;
  }

  /** `until`: what has happened after that is for the next turn. */
  private takeObserved(until: Instant | null): Observation[] {
    if (until === null) return this.observed.splice(0, BATCH_MAX);
    const taken: Observation[] = [];
    const later: Observation[] = [];
    for (const observation of this.observed)
      (observation.at <= until && taken.length < BATCH_MAX ? taken : later).push(observation);
    this.observed = later;
    return taken;
  }

  private isDue(wakeup: Instant | null): boolean {
    if (this.closing || this.failure !== null || this.waiting.length > 0 || this.observed.length > 0) return true;
    return wakeup !== null && Math.max(this.now, this.clock.now()) >= wakeup;
  }

  /** Rings at `wakeup`, or earlier where that is too far away for a timer. */
  private alarm(wakeup: Instant | null): Observable<unknown> {
    if (wakeup === null) return NEVER;
    return timer(Math.min(TIMER_MAX_MS, Math.max(0, Math.ceil(this.clock.realMs(wakeup)))));
  }
}
