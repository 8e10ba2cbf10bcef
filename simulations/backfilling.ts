/** Backfilling as it is written in options and policy files. */

import type { Backfilling } from '../engine/index.js';

/** `none`, `easy`, `conservative`, `intermediate:N`; null: something else. */
export function parseBackfilling(text: string): Backfilling | null {
  if (text === 'none' || text === 'easy' || text === 'conservative') return { kind: text };
  const match = /^intermediate:([1-9][0-9]{0,8})$/.exec(text);
  return match === null ? null : { kind: 'intermediate', depth: Number(match[1]) };
}
