/** `summary.json`: the figures of a simulation, what the import left out, and what the run cost. */

import type { Figures } from '../metrics.js';
import type { LossReport, Tally } from '../workloads/loss.js';

/** So many rows, and by reason how many and the line of the first. */
export interface LossFigures {
  readonly count: number;
  readonly reasons: Readonly<Record<string, Tally>>;
}

export interface Summary extends Figures {
  /** Rows that the import refused. */
  readonly dropped: LossFigures;
  /** Rows that it changed: a row may be changed for two reasons. */
  readonly repaired: LossFigures;
  readonly wallSeconds: number;
  readonly parseSeconds: number;
  readonly leasesPerSecond: number;
  readonly peakRssMiB: number;
  readonly events: number;
  readonly turns: number;
  readonly rules: number;
  /** SHA-256 over the decisions. */
  readonly digest: string;
}

/** What an import left out or changed; null: a format that leaves nothing out. */
export function lossFigures(loss: LossReport | null): Pick<Summary, 'dropped' | 'repaired'> {
  return { dropped: tallied(loss?.dropped ?? new Map()), repaired: tallied(loss?.repaired ?? new Map()) };
}

/** The file's text. */
export function encodeSummary(summary: Summary): string {
  const costs = {
    wallSeconds: toThree(summary.wallSeconds),
    parseSeconds: toThree(summary.parseSeconds),
    leasesPerSecond: Math.round(summary.leasesPerSecond),
    peakRssMiB: Math.round(summary.peakRssMiB),
  };
  return `${JSON.stringify({ ...summary, ...costs }, null, 2)}\n`;
}

function tallied(tallies: ReadonlyMap<string, Tally>): LossFigures {
  let count = 0;
  for (const tally of tallies.values()) count += tally.count;
  return { count, reasons: Object.fromEntries(tallies) };
}

function toThree(value: number): number {
  return Math.round(value * 1000) / 1000;
}
