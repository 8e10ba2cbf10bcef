/** The service's end of the past: a thread that begins when it is first needed, and again should it fail. */

import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import type { Instant } from '../../engine/index.js';
import { Problem } from '../problems.js';
import type { FromPast, PastSettings, ToPast } from './past-messages.js';
import type { PastAnswer, PastPort, PastQuestion, PastState } from './past-port.js';

/** Who waits: for the head of an answer, then for its body; or for a turn, or a state. */
interface Waiting {
  readonly begin: (message: Exclude<FromPast, { type: 'chunk' | 'end' }>) => void;
  body: Readable | null;
}

export class PastClient implements PastPort {
  private worker: Worker | null = null;
  private closed = false;
  private ticket = 0;
  private grownAt = 0;
  private readonly waiting = new Map<number, Waiting>();

  /** `onFailure` hears why the thread has ended. */
  constructor(
    private readonly settings: PastSettings,
    private readonly onFailure: (error: Error) => void,
  ) {}

  async answer(question: PastQuestion): Promise<PastAnswer> {
    const ticket = ++this.ticket;
    const message = await this.ask(ticket, { type: 'answer', ticket, question });
    if (message.type !== 'head') throw failed();
    const body = new Readable({
      read: () => this.send({ type: 'more', ticket }),
      destroy: (error, done) => {
        if (this.waiting.delete(ticket)) this.send({ type: 'leave', ticket });
        done(error);
      },
    });
    this.waiting.get(ticket)!.body = body;
    return { status: message.status, headers: message.headers, body };
  }

  async stateAt(question: Pick<PastQuestion, 'turn' | 'settled'>): Promise<PastState> {
    const ticket = ++this.ticket;
    const message = await this.ask(ticket, { type: 'state-at', ticket, question });
    this.waiting.delete(ticket);
    if (message.type !== 'state') throw failed();
    return message.state;
  }

  async turnAt(at: Instant, head: number): Promise<number> {
    const ticket = ++this.ticket;
    const message = await this.ask(ticket, { type: 'turn-at', ticket, at, head });
    this.waiting.delete(ticket);
    if (message.type !== 'turn') throw failed();
    return message.turn;
  }

  grown(head: number): void {
    if (head - this.grownAt < this.settings.everyTurns || this.closed) return;
    this.grownAt = head;
    this.send({ type: 'grown', head });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  private ask(ticket: number, message: ToPast): Promise<Exclude<FromPast, { type: 'chunk' | 'end' }>> {
    return new Promise((resolve) => {
      this.waiting.set(ticket, { begin: resolve, body: null });
      this.send(message);
    });
  }

  private send(message: ToPast): void {
    if (this.closed) return;
    this.worker ??= this.begin();
    this.worker.postMessage(message);
  }

  private begin(): Worker {
    const worker = new Worker(new URL('./past-thread.js', import.meta.url), {
      workerData: this.settings,
      resourceLimits: { maxOldGenerationSizeMb: this.settings.memoryMiB },
    });
    worker.unref();
    worker.on('message', (message: FromPast) => this.receive(message));
    worker.on('error', (error) => this.onFailure(error));
    worker.once('exit', () => {
      if (this.worker !== worker) return;
      this.worker = null;
      for (const ticket of [...this.waiting.keys()])
        this.receive({ type: 'failed', ticket, detail: 'its thread has ended' });
    });
    return worker;
  }

  private receive(message: FromPast): void {
    const waiting = this.waiting.get(message.ticket);
    if (waiting === undefined) return;
    switch (message.type) {
      case 'head':
      case 'turn':
      case 'state':
        waiting.begin(message);
        return;
      case 'chunk':
        waiting.body?.push(message.bytes);
        return;
      case 'end':
        this.waiting.delete(message.ticket);
        waiting.body?.push(null);
        return;
      case 'failed':
        this.waiting.delete(message.ticket);
        this.onFailure(new Error(message.detail));
        waiting.begin(message);
        waiting.body?.destroy(failed());
    }
  }
}

function failed(): Problem {
  return new Problem('busy', 'the past could not be read just now; try again');
}
