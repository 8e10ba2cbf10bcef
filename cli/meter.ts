/** Progress on a terminal: a bar with rate and time left where the total is known. Silent elsewhere. */

import type { SingleBar } from 'cli-progress';
import { printable } from './errors.js';

export class Meter {
  private started = false;
  private readonly begin = Date.now();

  private constructor(
    private readonly bar: SingleBar | null,
    private readonly unit: string,
  ) {}

  static async open(unit: string): Promise<Meter> {
    if (!process.stderr.isTTY || process.env.CI !== undefined) return new Meter(null, unit);
    const { default: progress } = await import('cli-progress');
    const format = `{bar} {percentage}% {value}/{total} ${unit} {rate}/s, {eta_formatted} left`;
    return new Meter(new progress.SingleBar({ format, hideCursor: true, stream: process.stderr }), unit);
  }

  get visible(): boolean {
    return this.bar !== null;
  }

  update(done: number, total: number | null): void {
    if (this.bar === null) return;
    const rate = Math.round(done / Math.max(0.001, (Date.now() - this.begin) / 1000));
    if (total === null) {
      process.stderr.write(`\r${done} ${this.unit}, ${rate}/s `);
      return;
    }
    if (!this.started) this.bar.start(total, 0, { rate });
    this.started = true;
    this.bar.update(done, { rate });
  }

  /** A line about the run; it does not disturb the bar. */
  note(text: string): void {
    process.stderr.write(`${this.visible ? '\r' : ''}${printable(text)}\n`);
  }

  close(): void {
    if (this.started) this.bar?.stop();
  }
}
