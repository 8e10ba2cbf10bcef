/** The main thread's end of the loop: sends commands, keeps who waits for an answer, and feeds the follower. */

import type { Answer, Command, Instant } from '../engine/index.js';
import type { Limits } from './config.js';
import type { Follower } from './follower.js';
import type { FromLoop, Role, ToLoop } from './loop-messages.js';
import { Problem } from './problems.js';
import type { LoopHealth, Standing } from './deps.js';

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (problem: Problem) => void;
  readonly timer: NodeJS.Timeout;
}

/** How long the loop may take to say that it is there. */
const PING_MS = 1_000;

export class LoopClient {
  private readonly waiting = new Map<number, Waiting>();
  private readonly pings = new Map<number, () => void>();
  private ticket = 0;
  private ready: { readonly now: Instant; readonly at: number } | null = null;
  private store = { writable: true, detail: '' };
  private role: Role | null = null;
  private freshAt: number | null = null;
  private closed = false;

  constructor(
    private readonly follower: Follower,
    private readonly limits: Limits,
    private readonly timeScale: number,
    private readonly send: (message: ToLoop) => void,
  ) {}

  /** The scheduler's present: its clock as it was when it got ready, run on at its pace; never before what is known. */
  now(): Instant {
    if (this.ready === null) return this.follower.state.now;
    const passed = (performance.now() - this.ready.at) * this.timeScale;
    return Math.max(this.follower.state.now, Math.floor(this.ready.now + passed));
  }

  /** Resolves when the command's turn is durable and the follower has folded it. Rejects with a Problem. */
  submit(command: Command): Promise<Answer> {
    const refusal = this.refusal();
    if (refusal !== null) return Promise.reject(refusal);
    const ticket = ++this.ticket;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(ticket);
        reject(new Problem('outcome-unknown', UNKNOWN));
      }, this.limits.answerMs);
      this.waiting.set(ticket, { resolve, reject, timer });
      this.send({ type: 'command', ticket, command });
    });
  }

  isReady(): boolean {
    return this.ready !== null && !this.closed;
  }

  standing(): Standing {
    const ageMs = this.freshAt === null ? null : Math.ceil(performance.now() - this.freshAt);
    return { role: this.role?.role ?? 'leader', ageMs };
  }

  /** Null: as far as it knows it leads. */
  notLeader(): Problem | null {
    if (this.role?.role !== 'follower') return null;
    const { leader } = this.role;
    const where = leader === null ? 'nobody does just now; try again shortly' : `send this to ${leader}`;
    return new Problem('not-leader', `this service does not lead: ${where}`, [], { leader });
  }

  async health(): Promise<LoopHealth> {
    const ready = this.isReady();
    return { ready, storeWritable: this.store.writable, answering: ready && (await this.ping()) };
  }

  receive(message: FromLoop): void {
    switch (message.type) {
      case 'begin':
        this.follower.begin(message.snapshot, message.useTables, message.proof);
        return;
      case 'keep':
        this.send({ type: 'kept', done: this.follower.keep() });
        return;
      case 'turns':
        for (const text of message.texts) this.follower.take(text);
        return;
      case 'answer':
        this.settle(message.ticket)?.resolve(message.answer);
        return;
      case 'refused':
        this.settle(message.ticket)?.reject(new Problem('not-ready', message.detail));
        return;
      case 'pong':
        this.pings.get(message.ticket)?.();
        return;
      case 'store':
        this.store = message;
        return;
      case 'role':
        this.become(message);
        return;
      case 'fresh':
        this.freshAt = performance.now();
        return;
      case 'ready':
        this.ready = { now: message.now, at: performance.now() };
        return;
      case 'opened':
      case 'notice':
      case 'ended':
      case 'failed':
    }
  }

  /** Takes nothing more. What was sent is still answered. */
  stopTaking(): void {
    this.closed = true;
  }

  /** No more answers will come: what was sent may have been carried out, or not. */
  close(): void {
    this.closed = true;
    this.giveUp();
  }

  private refusal(): Problem | null {
    if (this.closed) return new Problem('not-ready', 'the service is stopping');
    if (this.ready === null) return new Problem('not-ready', 'the history is still being read');
    const notLeader = this.notLeader();
    if (notLeader !== null) return notLeader;
    if (!this.store.writable)
      return new Problem('store-unavailable', `${this.store.detail}; nothing new is taken for now`);
    if (this.waiting.size < this.limits.waitingMax) return null;
    return new Problem('busy', `${this.waiting.size} requests are waiting for their turn`);
  }

  private become(role: Role): void {
    const led = this.role?.role === 'leader';
    this.role = role;
    this.store = { writable: true, detail: '' };
    // What was sent and not answered may be in the log that another has taken over, or not.
    if (led && role.role === 'follower') this.giveUp();
  }

  private giveUp(): void {
    for (const ticket of [...this.waiting.keys()]) this.settle(ticket)?.reject(new Problem('outcome-unknown', UNKNOWN));
  }

  private settle(ticket: number): Waiting | undefined {
    const waiting = this.waiting.get(ticket);
    this.waiting.delete(ticket);
    if (waiting !== undefined) clearTimeout(waiting.timer);
    return waiting;
  }

  private ping(): Promise<boolean> {
    const ticket = ++this.ticket;
    return new Promise((resolve) => {
      const answer = (there: boolean) => {
        clearTimeout(timer);
        this.pings.delete(ticket);
        resolve(there);
      };
      const timer = setTimeout(() => answer(false), PING_MS);
      this.pings.set(ticket, () => answer(true));
      this.send({ type: 'ping', ticket });
    });
  }
}

const UNKNOWN =
  'the request may have been carried out, or not; ask again with the same Idempotency-Key, or look before you repeat it';
