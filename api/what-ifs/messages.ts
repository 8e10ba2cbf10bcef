/** What the process of a what-if says. It is started with the what-if. */

import type { Instant } from '../../engine/index.js';
import type { Difference } from '../../simulations/diff/course.js';
import type { Totals } from '../../simulations/diff/totals.js';
import type { Bar, Compared, WhatIf } from '../../simulations/what-if.js';

export const PARTS = ['leases', 'baseline', 'variant'] as const;
export type Part = (typeof PARTS)[number];

/** The figures of both. */
export interface Figures {
  readonly from: Instant;
  readonly to: Instant;
  readonly baseline: Totals;
  readonly variant: Totals;
  readonly notAccepted: Compared['notAccepted'];
}

export type FromWhatIf =
  /** In thousandths. */
  | { readonly type: 'progress'; readonly progress: number }
  /** Some rows of a part, in order. */
  | { readonly type: 'rows'; readonly part: 'leases'; readonly rows: readonly Difference[] }
  | { readonly type: 'rows'; readonly part: 'baseline' | 'variant'; readonly rows: readonly Bar[] }
  /** All rows have been sent. */
  | { readonly type: 'done'; readonly figures: Figures }
  | { readonly type: 'failed'; readonly detail: string };

/** Begins to run one; what is returned ends it. */
export type Runner = (whatIf: WhatIf, tell: (message: FromWhatIf) => void) => () => void;
