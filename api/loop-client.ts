/** The main thread's end of the loop: sends commands, keeps who waits for an answer, and feeds the follower. */

import type { Call } from '../adapters/callback.js';
import type { Answer, Command, Instant } from '../engine/index.js';
import type { Limits } from './config.js';
import type { Follower } from './follower.js';
import type { LoopHealth, Standing } from './deps.js';
import type { FromLoop, LoopSettings, Role, ToLoop, TurnTimes } from './loop-messages.js';
import { Problem } from './problems.js';
import { TurnGate } from './turn-gate.js';

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (problem: Problem) => void;
  readonly timer: NodeJS.Timeout;
}

/** How long the loop may take to say that it is there. */
const PING_MS = 1_000;
/** A turn that takes longer to become durable keeps nobody waiting. */
const HANG_MS = 1_000;
/** How often that is looked at. */
const WATCH_MS = 200;

export class LoopClient {
  private readonly waiting = new Map<number, Waiting>();
  private readonly pings = new Map<number, () => void>();
  private readonly calls = new Map<number, (isKnown: boolean | null) => void>();
  private pingTicket = 0;
  /** Tickets that no command has; a command keeps its own until the loop has said what became of it. */
  private readonly tickets: number[];
  private readonly gate: TurnGate;
  private readonly watch: NodeJS.Timeout;
  private ready: { readonly now: Instant; readonly at: number } | null = null;
  private role: Role | null = null;
  private freshAt: number | null = null;
  /** The last turn of the history, as the loop found it; null: it has not looked yet. */
  historyEnd: number | null = null;
  /** The loop says that the log cannot be written, and why. */
  private trouble: string | null = null;
  /** The store has not answered for a while. */
  private hangs = false;
  private closed = false;
  /** Hears why the log cannot be written; null: it can be again. */
  onStore: (detail: string | null) => void = () => {};
  /** Hear how long each turn took that the loop took here. */
  readonly tookListeners: ((took: TurnTimes) => void)[] = [];
  onReady: () => void = () => {};

  constructor(
    private readonly follower: Follower,
    private readonly limits: Limits,
    private readonly settings: Pick<LoopSettings, 'timeScale' | 'gate'>,
    private readonly send: (message: ToLoop) => void,
  ) {
    this.gate = new TurnGate(settings.gate);
    this.tickets = Array.from({ length: limits.waitingMax }, (_, i) => limits.waitingMax - 1 - i);
    this.watch = setInterval(() => this.look(), WATCH_MS).unref();
  }

  /** The scheduler's present: its clock as it was when it got ready, run on at its pace; never before what is known. */
  now(): Instant {
    if (this.ready === null) return this.follower.state.now;
    const passed = (performance.now() - this.ready.at) * this.settings.timeScale;
    return Math.max(this.follower.state.now, Math.floor(this.ready.now + passed));
  }

  /** Resolves when the command's turn is durable and the follower has folded it. Rejects with a Problem. */
  submit(command: Command): Promise<Answer> {
    const refusal = this.refusal();
    if (refusal !== null) return Promise.reject(refusal);
    const ticket = this.tickets.pop()!;
    this.gate.send(ticket);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(ticket);
        reject(new Problem('outcome-unknown', UNKNOWN));
      }, this.limits.answerMs);
      this.waiting.set(ticket, { resolve, reject, timer });
      this.send({ type: 'command', ticket, command });
    });
  }

  /** Whether this VM, which says that it is ready, is waited for. Rejects with a Problem where nobody knows just now. */
  async hear(call: Call): Promise<boolean> {
    const refusal = this.refusal();
    if (refusal !== null) throw refusal;
    const ticket = ++this.pingTicket;
    const isKnown = await new Promise<boolean | null>((resolve) => {
      const timer = setTimeout(resolve, this.limits.answerMs, null);
      this.calls.set(ticket, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.send({ type: 'call', ticket, call });
    });
    this.calls.delete(ticket);
    if (isKnown === null) throw new Problem('not-ready', 'its host does not answer just now; call again');
    return isKnown;
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
    return { ready, storeWritable: this.storeWritable(), answering: ready && (await this.ping()) };
  }

  receive(message: FromLoop): void {
    switch (message.type) {
      case 'begin':
        this.historyEnd = message.head;
        this.follower.begin(message.snapshot, message.useTables, message.proof);
        return;
      case 'keep':
        this.send({ type: 'kept', done: this.follower.keep() });
        return;
      case 'turns':
        for (const text of message.texts) this.follower.take(text);
        if (message.took !== undefined) for (const listener of this.tookListeners) listener(message.took);
        return;
      case 'answer':
        this.tickets.push(message.ticket);
        this.settle(message.ticket)?.resolve(message.answer);
        return;
      case 'refused':
        this.settle(message.ticket)?.reject(this.refused(message.ticket, message.detail));
        this.tickets.push(message.ticket);
        return;
      case 'pong':
        this.pings.get(message.ticket)?.();
        return;
      case 'called':
        this.calls.get(message.ticket)?.(message.isKnown);
        return;
      case 'store':
        this.trouble = message.writable ? null : message.detail;
        this.changed(this.trouble);
        return;
      case 'role':
        this.become(message);
        return;
      case 'fresh':
        this.freshAt = performance.now();
        return;
      case 'ready':
        if (this.ready === null) this.onReady();
        this.ready = { now: message.now, at: performance.now() };
        return;
      case 'opened':
      case 'snapshot':
      case 'host':
      case 'sample':
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
    clearInterval(this.watch);
    this.giveUp();
  }

  private refusal(): Problem | null {
    if (this.closed) return new Problem('not-ready', 'the service is stopping');
    if (this.ready === null) return new Problem('not-ready', 'the history is still being read');
    const notLeader = this.notLeader();
    if (notLeader !== null) return notLeader;
    if (!this.storeWritable()) return unavailable();
    if (this.tickets.length > 0) return null;
    return new Problem('busy', `${this.limits.waitingMax} requests are waiting for their turn`);
  }

  /** Commands that wait for their turn, or for the word of what became of them. */
  get commandsWaiting(): number {
    return this.limits.waitingMax - this.tickets.length;
  }

  storeWritable(): boolean {
    return this.trouble === null && !this.hangs;
  }

  /** Whether the store hangs, seen from outside: the loop's thread may stand still in it. */
  private look(): void {
    const hangs = this.gate.appendingMs() > HANG_MS;
    if (hangs === this.hangs) return;
    this.hangs = hangs;
    if (this.trouble === null) this.changed(hangs ? `the store has not answered for ${HANG_MS} ms` : null);
  }

  /** Nobody waits for a log that cannot be written. Those whose turn has not begun never get into one. */
  private changed(trouble: string | null): void {
    this.onStore(trouble);
    if (trouble === null) return;
    for (const ticket of [...this.waiting.keys()]) {
      const problem = this.gate.withdraw(ticket) ? unavailable() : new Problem('outcome-unknown', UNKNOWN);
      this.settle(ticket)?.reject(problem);
    }
  }

  private become(role: Role): void {
    const led = this.role?.role === 'leader';
    this.role = role;
    this.trouble = null;
    // What was sent and not answered may be in the log that another has taken over, or not.
    if (led && role.role === 'follower') this.giveUp();
  }

  /** A command that came as far as a turn may be in the log, whatever became of its loop. */
  private refused(ticket: number, detail: string): Problem {
    return this.gate.withdraw(ticket) ? new Problem('not-ready', detail) : new Problem('outcome-unknown', UNKNOWN);
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
    const ticket = ++this.pingTicket;
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

function unavailable(): Problem {
  return new Problem('store-unavailable', 'the log cannot be written just now; nothing was done, ask again');
}

const UNKNOWN =
  'the request may have been carried out, or not; ask again with the same Idempotency-Key, or look before you repeat it';
