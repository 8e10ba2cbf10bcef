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
/** The loop comes first, and what-ifs last. */
const NICE = 10;
const PROGRAM = new URL('./asker-process.js', import.meta.url);
/** Of what it says on stderr, which is why it failed. */
const LAST_WORDS = 2_000;

export class AskingProcess {
  readonly asking = new Asking((message) => this.send(message));
  /** Hears why it failed. */
  onTrouble: (detail: string) => void = () => {};
  private child: ChildProcess | null;
  private ready = false;
  private closing = false;
  private timer: NodeJS.Timeout | null = null;
  /** Turns that are to be told, in order. */
  private texts: string[] = [];
  private gathering: NodeJS.Timeout | null = null;

  /** `snapshot`: the present state as text, for a process that comes later than the log. */
  constructor(private readonly snapshot: () => string) {
    this.child = this.start();
  }

  async close(): Promise<void> {
    this.closing = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.tellTurns();
    this.asking.close();
    const { child } = this;
    if (child === null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL'); // it keeps nothing
    await gone;
  }

  private send(message: ToAsking): void {
    if (message.type === 'ready') this.ready = true;
    if (message.type === 'turns') {
      this.texts.push(...message.texts);
      this.gathering ??= setTimeout(() => this.tellTurns(), GATHER_MS);
    } else {
      this.tellTurns(); // whoever asks is answered from all of them
      this.post(message);
    }
  }

  private tellTurns(): void {
    if (this.gathering === null) return;
    clearTimeout(this.gathering);
    this.gathering = null;
    this.post({ type: 'turns', texts: this.texts });
    this.texts = [];
  }

  private post(message: ToAsking): void {
    if (this.child?.connected === true) this.child.send(message, () => {}); // where it fails, its end is told
  }

  private start(): ChildProcess {
    const child = startInBackground(PROGRAM, { nice: NICE });
    let words = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS);
    });
    child.on('message', (message: FromAsking) => this.asking.receive(message));
    const ended = (how: string): void => {
      if (this.closing || this.child !== child) return;
      this.child = null;
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
    this.post({ type: 'begin', snapshot: this.snapshot() });
    if (this.ready) this.post({ type: 'ready' });
    this.asking.resume();
  }
}
