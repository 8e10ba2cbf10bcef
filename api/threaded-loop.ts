/** The loop's thread, from the outside. */

import { Worker } from 'node:worker_threads';
import { Batches } from './batches.js';
import { EXIT_BUG } from './exit-codes.js';
import type { FromLoop, LoopSettings, ToLoop } from './loop-messages.js';

export class ThreadedLoop {
  readonly opened: Promise<void>;
  readonly ready: Promise<void>;
  /** Settles when the thread has ended; rejects when it failed. */
  readonly ended: Promise<void>;
  onMessage: (message: FromLoop) => void = () => {};
  /** What clients ask for in one round of the event loop goes together. */
  readonly send: (message: ToLoop) => void;
  private readonly worker: Worker;
  private failure: Error | null = null;

  constructor(settings: LoopSettings) {
    this.worker = new Worker(new URL('./loop-thread.js', import.meta.url), { workerData: settings });
    this.send = new Batches<ToLoop>((batch) => this.worker.postMessage(batch), setImmediate).send;
    this.worker.on('message', (batch: readonly FromLoop[]) => {
      for (const message of batch) this.receive(message);
    });
    this.worker.on('error', (error) => {
      this.failure = error;
    });
    this.ended = new Promise((resolve, reject) => {
      this.worker.once('exit', () => (this.failure === null ? resolve() : reject(this.failure)));
    });
    this.opened = this.heard('opened');
    this.ready = this.heard('ready');
    // Each is waited for by somebody, or by nobody when an earlier one has failed.
    for (const promise of [this.ended, this.opened, this.ready]) promise.catch(() => {});
  }

  private receive(message: FromLoop): void {
    if (message.type === 'failed') this.failure = failureOf(message);
    if (message.type === 'failed' || message.type === 'ended') void this.worker.terminate();
    this.onMessage(message);
  }

  /** Resolves when the thread has finished its turn and closed the store. */
  async stop(): Promise<void> {
    this.send({ type: 'stop' });
    await this.ended;
  }

  private heard(type: FromLoop['type']): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.worker.on('message', (batch: readonly FromLoop[]) => {
        if (batch.some((message) => message.type === type)) resolve();
      });
    });
    const gone = this.ended.then(() => {
      throw new Error(`the loop ended before it was ${type}`);
    });
    return Promise.race([heard, gone]);
  }
}

/** What the command line prints; a bug keeps its stack. */
function failureOf({ exitCode, message, hint, stack }: Extract<FromLoop, { type: 'failed' }>): Error {
  if (exitCode !== EXIT_BUG) return Object.assign(new Error(message), { exitCode, hint });
  return Object.assign(new Error(message), { stack });
}
