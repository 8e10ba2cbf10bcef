/** Runs a what-if, and says what came of it, in pieces that keep nobody waiting. */

import { compare, type WhatIf } from '../../simulations/what-if.js';
import { unpack } from '../packed.js';
import type { FromWhatIf } from './messages.js';

/** Rows sent at once. */
const ROWS = 500;

/** The snapshot of `whatIf` is packed. */
export async function runWhatIf(whatIf: WhatIf, tell: (message: FromWhatIf) => void): Promise<void> {
  const fork = { ...whatIf, snapshot: unpack(whatIf.snapshot) };
  const { differences, baseline, variant, ...rest } = await compare(fork, (progress) =>
    tell({ type: 'progress', progress }),
  );
  for (let i = 0; i < differences.length; i += ROWS)
    tell({ type: 'rows', part: 'leases', rows: differences.slice(i, i + ROWS) });
  for (const [part, { bars }] of [
    ['baseline', baseline],
    ['variant', variant],
  ] as const)
    for (let i = 0; i < bars.length; i += ROWS) tell({ type: 'rows', part, rows: bars.slice(i, i + ROWS) });
  const { from, to, notAccepted } = rest;
  tell({ type: 'done', figures: { from, to, baseline: baseline.totals, variant: variant.totals, notAccepted } });
}
