/** Backfilling as it is written in options and policy files. */

import type { Backfilling } from '../engine/index.js';

/** `none`, `easy`, `conservative`, `intermediate:N`, `sticky:N`, `sticky:all`; null: something else. */
export function parseBackfilling(text: string): Backfilling | null {
  if (text === 'none' || text === 'easy' || text === 'conservative') return { kind: text };
  if (text === 'sticky:all') return { kind: 'sticky', depth: null };
  const [, kind, depth] = /^(intermediate|sticky):(0|[1-9][0-9]{0,8})$/.exec(text) ?? [];
  if (kind === 'sticky') return { kind, depth: Number(depth) };
  return kind === 'intermediate' && depth !== '0' ? { kind, depth: Number(depth) } : null;
}

/** As `parseBackfilling` reads it. */
export function writtenBackfilling(backfilling: Backfilling): string {
  if (!('depth' in backfilling)) return backfilling.kind;
  return `${backfilling.kind}:${backfilling.depth ?? 'all'}`;
}
