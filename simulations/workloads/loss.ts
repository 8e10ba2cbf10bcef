/** What an import leaves out or changes, counted by reason with the first line, so that nothing is lost silently. */

/** Why a row was dropped. */
export type DropReason =
  | 'too-few-fields'
  | 'not-a-number'
  | 'out-of-range'
  | 'no-run-time'
  | 'no-processors'
  | 'too-wide'
  | 'negative-submit'
  | 'duplicate-id';

/** How a row was changed. `out-of-order`: it was sorted to its place. */
export type RepairReason = 'no-estimate' | 'killed-at-estimate' | 'out-of-order';

export interface Tally {
  readonly count: number;
  readonly firstLine: number;
}

export class LossReport {
  /** Rows read, without comments and blank lines: kept + dropped. */
  rows = 0;
  kept = 0;
  /** The submit time of the first job kept, in seconds, which is 0 from there on. */
  begin = 0;
  readonly dropped = new Map<DropReason, Tally>();
  readonly repaired = new Map<RepairReason, Tally>();

  drop(reason: DropReason, line: number): void {
    this.dropped.set(reason, more(this.dropped.get(reason), line, 1));
  }

  repair(reason: RepairReason, line: number, count = 1): void {
    this.repaired.set(reason, more(this.repaired.get(reason), line, count));
  }

  get droppedCount(): number {
    let count = 0;
    for (const tally of this.dropped.values()) count += tally.count;
    return count;
  }

  /** `3 too-wide (first at line 7), 1 duplicate-id (line 9)`; empty when nothing was dropped. */
  describe(): string {
    const parts: string[] = [];
    for (const [reason, { count, firstLine }] of this.dropped) {
      parts.push(`${count} ${reason} (${count === 1 ? '' : 'first at '}line ${firstLine})`);
    }
    return parts.join(', ');
  }
}

/** Lines come in order: the first is the first. */
function more(tally: Tally | undefined, line: number, count: number): Tally {
  return { count: (tally?.count ?? 0) + count, firstLine: tally?.firstLine ?? line };
}
