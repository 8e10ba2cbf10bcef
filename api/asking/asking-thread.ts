/** The thread that is asked, from the outside. The service does without it: where it fails, another one is started. */

import { Worker } from 'node:worker_threads';
import { Asking } from './asking.js';
import type { FromAsking, ToAsking } from './messages.js';

/** One that fails is followed by another one so much later. */
const PAUSE_MS = 5_000;
/** Turns are told together, so many milliseconds of them: each message has its price here, whatever is in it. */
const GATHER_MS = 20;

export class AskingThread {
  readonly asking = new Asking((message) => this.send(message));
  /** Hears why it failed. */
  onTrouble: (detail: string) => void = () => {};
  private worker: Worker | null;
  private ready = false;
  private closing = false;
  private timer: NodeJS.Timeout | null = null;
  /** Turns that are to be told, in order. */
  private texts: string[] = [];
  private gathering: NodeJS.Timeout | null = null;

  /** `snapshot`: the present state as text, for a thread that comes later than the log. */
  constructor(private readonly snapshot: () => string) {
    this.worker = this.start();
  }

  async close(): Promise<void> {
    this.closing = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.tellTurns();
    this.asking.close();
    await this.worker?.terminate();
  }

  private send(message: ToAsking): void {
    if (message.type === 'ready') this.ready = true;
    if (message.type === 'turns') {
      this.texts.push(...message.texts);
      this.gathering ??= setTimeout(() => this.tellTurns(), GATHER_MS);
    } else {
      this.tellTurns(); // whoever asks is answered from all of them
      this.worker?.postMessage(message);
    }
  }

  private tellTurns(): void {
    if (this.gathering === null) return;
    clearTimeout(this.gathering);
    this.gathering = null;
    this.worker?.postMessage({ type: 'turns', texts: this.texts } satisfies ToAsking);
    this.texts = [];
  }

  private start(): Worker {
    const worker = new Worker(new URL('./asker-thread.js', import.meta.url));
    let failure = 'it has ended';
    worker.on('message', (message: FromAsking) => this.asking.receive(message));
    worker.on('error', (error) => {
      failure = error.message;
    });
    worker.once('exit', () => {
      if (this.closing) return;
      this.worker = null;
      this.asking.pause();
      this.onTrouble(`quotes and forecasts cannot be had: ${failure}; trying again in ${PAUSE_MS / 1000} s`);
      this.timer = setTimeout(() => this.startAgain(), PAUSE_MS);
    });
    return worker;
  }

  private startAgain(): void {
    this.worker = this.start();
    this.worker.postMessage({ type: 'begin', snapshot: this.snapshot() } satisfies ToAsking);
    if (this.ready) this.worker.postMessage({ type: 'ready' } satisfies ToAsking);
    this.asking.resume();
  }
}
