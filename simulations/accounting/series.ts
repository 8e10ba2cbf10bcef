/**
 * Counters over time: what is noted in a turn is brought into order, and what an instant changed is written as a row of
 * `series.csv`. In constant memory.
 */

import type { Instant } from '../../engine/index.js';
import { CarefulSum, rounded } from '../metrics.js';
import { seconds } from '../report/numbers.js';
import type { TextFile } from '../report/text-file.js';

const SERIES_HEADER = 'time,counter,value,average\n';

/** What a counter says at the end. `average`: over time, from 0 to the end; null: not of a counter that only counts. */
export interface CounterFigure {
  readonly unit: string;
  readonly value: number;
  readonly average: number | null;
}

/** A number that changes with time. Probes make theirs with `Series.count` and `Series.level`. */
export interface Counter {
  /** It changes by so much. */
  add(at: Instant, by: number): void;
  /** It becomes so much. */
  set(at: Instant, value: number): void;
}

interface Note {
  readonly at: Instant;
  readonly entry: Entry;
  readonly amount: number;
  readonly isChange: boolean;
}

interface Entry {
  readonly name: string;
  readonly unit: string;
  /** Values are divided by this when they are written. */
  readonly divisor: number;
  /** The sum over time of value × milliseconds up to `since`; null: no average is wanted. */
  readonly integral: CarefulSum | null;
  value: number;
  since: Instant;
  /** The value in the last row, and its instant. */
  written: number | null;
  writtenAt: Instant;
}

export class Series {
  private readonly entries: Entry[] = [];
  private readonly notes: Note[] = [];
  private instant: Instant = 0;

  constructor(private readonly file: TextFile) {
    file.text(SERIES_HEADER);
  }

  /** A counter of things that happen: it has no average. */
  count(name: string, unit = 'leases'): Counter {
    return this.counter(name, unit, 1, null);
  }

  /** A counter of what is the case: it has an average over time. What is noted of it is divided by `divisor`. */
  level(name: string, unit = 'leases', divisor = 1): Counter {
    return this.counter(name, unit, divisor, new CarefulSum());
  }

  /** Takes in what was noted. Nothing noted from now on may be earlier than the latest of it. */
  settle(): void {
    const { notes } = this;
    if (notes.length === 0) return;
    notes.sort((a, b) => a.at - b.at); // stable: what happens at one instant stays in the order of notes
    for (const note of notes) {
      if (note.at > this.instant) this.go(note.at);
      change(note, this.instant);
    }
    notes.length = 0;
  }

  /** The last rows. A counter with an average has one at `end`, whatever it says. */
  finish(end: Instant): void {
    this.settle();
    this.go(Math.max(end, this.instant));
    for (const entry of this.entries) if (entry.integral !== null && entry.writtenAt < this.instant) this.row(entry);
  }

  /** By name, in the order in which they were made. After `finish`. */
  figures(): Record<string, CounterFigure> {
    return Object.fromEntries(
      this.entries.map((entry) => [
        entry.name,
        { unit: entry.unit, value: rounded(entry.value / entry.divisor), average: this.average(entry) },
      ]),
    );
  }

  private counter(name: string, unit: string, divisor: number, integral: CarefulSum | null): Counter {
    const entry: Entry = { name, unit, divisor, integral, value: 0, since: 0, written: null, writtenAt: -1 };
    this.entries.push(entry);
    return {
      add: (at, amount) => this.notes.push({ at, entry, amount, isChange: true }),
      set: (at, amount) => this.notes.push({ at, entry, amount, isChange: false }),
    };
  }

  /** The present instant is complete: what it changed is written, and a later one begins. */
  private go(to: Instant): void {
    for (const entry of this.entries) if (entry.value !== entry.written) this.row(entry);
    this.instant = to;
  }

  private row(entry: Entry): void {
    const average = this.average(entry);
    const value = rounded(entry.value / entry.divisor);
    this.file.text(`${seconds(this.instant)},${entry.name},${value},${average ?? ''}\n`);
    entry.written = entry.value;
    entry.writtenAt = this.instant;
  }

  /** From 0 to the present instant. */
  private average({ integral, value, since, divisor }: Entry): number | null {
    if (integral === null) return null;
    const sum = integral.value() + value * (this.instant - since);
    return rounded((this.instant === 0 ? value : sum / this.instant) / divisor);
  }
}

function change({ entry, amount, isChange }: Note, at: Instant): void {
  const value = isChange ? entry.value + amount : amount;
  if (value === entry.value) return;
  entry.integral?.add(entry.value * (at - entry.since));
  entry.since = at;
  entry.value = value;
}
