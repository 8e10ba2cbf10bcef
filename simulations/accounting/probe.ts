/** What a probe is: it is told what happens in a simulation, and keeps counters, columns of the leases and figures. */

import type { Instant, Lease, Start, StateView } from '../../engine/index.js';
import { CarefulSum, rounded } from '../metrics.js';
import type { FinishedLease } from '../report/finished-lease.js';
import type { Series } from './series.js';

/** What a probe may know. */
export interface ProbeContext {
  readonly series: Series;
  /** As of the turn that was taken last. */
  readonly state: StateView;
  /** Cpu of all nodes together, in thousandths. */
  readonly cpuCapacity: number;
  /** Names of the labels that leases carry: Haizea's extras. */
  readonly extras: readonly string[];
}

/** A probe implements what it needs. Instants of one turn may come in any order, and never lie before the last turn. */
export interface Probe {
  /** What it adds to the row of each lease in `leases.csv`. */
  readonly columns?: readonly LeaseColumn[];
  /** A lease is asked for. */
  requested?(at: Instant): void;
  /** An advance, immediate or deadline lease is accepted or rejected: once in its life. */
  answered?(kind: Start['kind'], accepted: boolean, at: Instant): void;
  /** Something happened to a lease in this turn, or was ordered. May be told twice. Leases that are over come last. */
  touched?(lease: Lease): void;
  /** The turn is complete. */
  turn?(now: Instant): void;
  over?(lease: FinishedLease, at: Instant): void;
  /** What it says of the whole run. */
  figures?(): Figures;
}

/** By name; null: there is nothing to say. */
export type Figures = Readonly<Record<string, number | null>>;

export interface LeaseColumn {
  readonly name: string;
  /** Of a lease that is over; null: it has none. */
  value(lease: FinishedLease): string | number | null;
}

/** A mean, one value after another. */
export class Mean {
  private readonly sum = new CarefulSum();
  private count = 0;

  add(value: number): void {
    this.sum.add(value);
    this.count++;
  }

  /** null: there were no values. */
  value(): number | null {
    return this.count === 0 ? null : rounded(this.sum.value() / this.count);
  }
}

/** Milliseconds as a cell in seconds. */
export function inSeconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}
