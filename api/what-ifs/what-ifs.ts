/**
 * What-ifs that were asked for: one runs at a time, in a process of its own with limits, a few wait, and the latest that are
 * over are kept in memory. None of them touches the log.
 */

import { randomBytes } from 'node:crypto';
import type { Instant } from '../../engine/index.js';
import type { Difference } from '../../simulations/diff/course.js';
import type { Bar, WhatIf } from '../../simulations/what-if.js';
import { Problem } from '../problems.js';
import type { Figures, FromWhatIf, Runner } from './messages.js';
import { runInProcess } from './run-in-process.js';

const WAITING_MAX = 8;
const KEPT_MAX = 20;
const TIME_MS = 60_000;

export type WhatIfState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** One that was asked for. */
export class Imagined {
  readonly id = `W${randomBytes(12).toString('hex')}`;
  state: WhatIfState = 'queued';
  /** In thousandths. */
  progress = 0;
  /** The turn that it goes on from; null: it has not begun. */
  basedOn: number | null = null;
  figures: Figures | null = null;
  /** Why it failed. */
  detail: string | null = null;
  readonly leases: Difference[] = [];
  readonly baseline: Bar[] = [];
  readonly variant: Bar[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly owner: string,
    readonly asked: Instant,
  ) {}

  get isOver(): boolean {
    return this.state !== 'queued' && this.state !== 'running';
  }

  changed(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** Resolves when it has changed, or `signal` is aborted, or `ms` have passed. */
  async later(signal: AbortSignal, ms: number): Promise<void> {
    if (signal.aborted || this.isOver) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.listeners.add(done);
    });
  }
}

/** What is to be run, made when its turn has come: of the present then. */
export type Making = () => Promise<{ readonly whatIf: WhatIf; readonly turn: number }>;

interface Running {
  readonly one: Imagined;
  readonly stop: () => void;
}

export class WhatIfs {
  /** Oldest first. */
  private readonly all = new Map<string, Imagined>();
  private readonly waiting: { readonly one: Imagined; readonly make: Making }[] = [];
  private running: Running | null = null;

  constructor(private readonly run: Runner = runInProcess) {}

  /** Throws a Problem where too many wait. */
  add(owner: string, now: Instant, make: Making): Imagined {
    if (this.waiting.length >= WAITING_MAX)
      throw new Problem('busy', `${WAITING_MAX} what-ifs are waiting; cancel some, or try again later`);
    const one = new Imagined(owner, now);
    this.all.set(one.id, one);
    this.waiting.push({ one, make });
    this.next();
    return one;
  }

  find(id: string): Imagined | null {
    return this.all.get(id) ?? null;
  }

  /** It stops, if it is not over; it is forgotten. */
  cancel(one: Imagined): void {
    const at = this.waiting.findIndex((other) => other.one === one);
    if (at >= 0) this.waiting.splice(at, 1);
    if (!one.isOver) this.end(one, 'cancelled', null);
    this.all.delete(one.id);
  }

  close(): void {
    for (const one of [...this.all.values()]) this.cancel(one);
  }

  private next(): void {
    if (this.running !== null) return;
    const first = this.waiting.shift();
    if (first === undefined) return;
    const { one, make } = first;
    one.state = 'running';
    const given = new AbortController();
    this.running = { one, stop: () => given.abort() };
    one.changed();
    make().then(
      ({ whatIf, turn }) => {
        if (given.signal.aborted) return;
        one.basedOn = turn;
        this.start(one, whatIf);
      },
      (error: unknown) => this.end(one, 'failed', (error as Error).message),
    );
  }

  private start(one: Imagined, whatIf: WhatIf): void {
    const timer = setTimeout(() => this.end(one, 'failed', `it took longer than ${TIME_MS / 1000} seconds`), TIME_MS);
    const stop = this.run(whatIf, (message) => this.hear(one, message));
    this.running = {
      one,
      stop: () => {
        clearTimeout(timer);
        stop();
      },
    };
  }

  private hear(one: Imagined, message: FromWhatIf): void {
    if (one.isOver) return;
    switch (message.type) {
      case 'progress':
        one.progress = message.progress;
        one.changed();
        return;
      case 'rows':
        if (message.part === 'leases') one.leases.push(...message.rows);
        else one[message.part].push(...message.rows);
        return;
      case 'done':
        one.figures = message.figures;
        one.progress = 1000;
        this.end(one, 'done', null);
        return;
      case 'failed':
        this.end(one, 'failed', message.detail);
        return;
    }
  }

  private end(one: Imagined, state: WhatIfState, detail: string | null): void {
    if (one.isOver) return;
    one.state = state;
    one.detail = detail;
    if (this.running?.one === one) {
      this.running.stop();
      this.running = null;
    }
    one.changed();
    for (const other of this.all.values())
      if (this.all.size > KEPT_MAX + WAITING_MAX && other.isOver) this.all.delete(other.id);
    this.next();
  }
}
