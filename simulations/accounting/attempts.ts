/** The last time that a lease was started afresh: Haizea forgets what a stopped lease ran before. */

import type { FinishedLease } from '../report/finished-lease.js';

export interface Attempt {
  /** When it began to run; null: it never ran. */
  readonly start: number | null;
  /** How long it ran, suspensions left out. */
  readonly run: number;
  /** How long earlier attempts ran, in vain. */
  readonly lost: number;
}

/** A run that follows a resumption goes on where the one before stopped; any other begins anew. In milliseconds. */
export function lastAttempt(lease: FinishedLease): Attempt {
  let start: number | null = null;
  let run = 0;
  let lost = 0;
  for (const one of lease.runs) {
    if (!lease.resumptions.some((step) => step.end === one.start)) {
      lost += run;
      run = 0;
      start = one.start;
    }
    run += one.end - one.start;
  }
  return { start, run, lost };
}
