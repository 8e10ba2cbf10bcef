/** The process that is asked, from the outside. The service does without it: where it fails, another one is started. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startInBackground } from '../../adapters/background-process.js';
import { Asking } from './asking.js';
import type { FromAsking, ToAsking } from './messages.js';

/** One that fails is followed by another one so much later. */
const PAUSE_MS = 5_000;
/** Turns are told together, so many milliseconds of them: each message has its price here, whatever is in it. */
const GATHER_MS = 20;
/** In characters of turns. A process that is further behind is followed by one that begins with the present. */
const BEHIND_MAX = 64 * 1024 * 1024;
/** The loop comes first, and what-ifs last. */
const NICE = 10;
const PROGRAM = new URL('./asker-process.js', import.meta.url);
/** Of what it says on stderr, which is why it failed. */
const LAST_WORDS = 2_000;

/** Turns can be added to those that wait. */
type Said = Exclude<ToAsking, { type: 'turns' }> | { readonly type: 'turns'; readonly texts: string[] };

export class AskingProcess {
  readonly asking = new Asking((message) => this.send(message));
  /** Hears why it failed. */
  onTrouble: (detail: string) => void = () => {};
  private child: ChildProcess | null;
  private ready = false;
  private closing = false;
  private timer: NodeJS.Timeout | null = null;
  /** What is to be told, in order. */
  private outbox: Said[] = [];
  private behind = 0;
  /** One lot is on its way at a time. */
  private sending = false;
  private gathering: NodeJS.Timeout | null = null;

  /** `snapshot`: the present state as text, for a process that comes later than the log. */
  constructor(private readonly snapshot: () => string) {
    this.child = this.start();
  }

  async close(): Promise<void> {
    this.closing = true;
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.gathering !== null) clearTimeout(this.gathering);
    this.asking.close();
    const { child } = this;
    if (child === null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL'); // it keeps nothing
    await gone;
  }

  private send(message: ToAsking): void {
    if (message.type === 'ready') this.ready = true;
    if (this.child === null) return; // the next one begins with a snapshot
    if (message.type === 'turns') this.addTurns(message.texts);
    else this.outbox.push(message);
    if (this.sending) return; // and then what came meanwhile
    if (message.type === 'turns') this.gathering ??= setTimeout(() => this.sendAll(), GATHER_MS);
    else this.sendAll(); // whoever asks is answered from all turns
  }

  private addTurns(texts: readonly string[]): void {
    for (const text of texts) this.behind += text.length;
    if (this.behind > BEHIND_MAX) {
      this.child!.kill('SIGKILL');
      return;
    }
    const last = this.outbox.at(-1);
    if (last?.type === 'turns') last.texts.push(...texts);
    else this.outbox.push({ type: 'turns', texts: [...texts] });
  }

  private sendAll(): void {
    if (this.gathering !== null) clearTimeout(this.gathering);
    this.gathering = null;
    const { child, outbox } = this;
    if (child?.connected !== true) return; // its end is told
    this.outbox = [];
    this.behind = 0;
    this.sending = true;
    child.send(outbox, () => {
      if (this.child !== child) return;
      this.sending = false;
      if (this.outbox.length > 0) this.sendAll();
    });
  }

  private start(): ChildProcess {
    const child = startInBackground(PROGRAM, { nice: NICE });
    let words = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS);
    });
    child.on('message', (lot: FromAsking[]) => {
      for (const message of lot) this.asking.receive(message);
    });
    const ended = (how: string): void => {
      if (this.closing || this.child !== child) return;
      this.child = null;
      this.outbox = [];
      this.behind = 0;
      this.sending = false;
      this.asking.pause();
      this.onTrouble(`quotes and forecasts cannot be had: ${how}; trying again in ${PAUSE_MS / 1000} s`);
      this.timer = setTimeout(() => this.startAgain(), PAUSE_MS);
    };
    child.on('error', ({ message }) => ended(message));
    child.once('close', (code, signal) => ended(words.trim() || `its process has ended (${signal ?? code})`));
    return child;
  }

  private startAgain(): void {
    this.child = this.start();
    this.send({ type: 'begin', snapshot: this.snapshot() });
    if (this.ready) this.send({ type: 'ready' });
    this.asking.resume();
  }
}
