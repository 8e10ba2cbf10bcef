/** Quotes that may be committed: the latest ones, in memory, for a while, each for whoever asked for it. */

import { randomBytes } from 'node:crypto';
import type { Instant } from '../../engine/index.js';
import type { Quoting } from './messages.js';

const KEPT_MAX = 10_000;
export const VALID_MS = 300_000;

export interface KeptQuote {
  readonly id: string;
  /** Of the request that it is for. */
  readonly hash: string;
  readonly caller: string;
  readonly validUntil: Instant;
  readonly quoting: Quoting;
}

export class KeptQuotes {
  /** Oldest first. */
  private readonly kept = new Map<string, KeptQuote>();

  keep(quoting: Quoting, hash: string, caller: string): KeptQuote {
    const id = `Q${randomBytes(12).toString('hex')}`;
    const quote = { id, hash, caller, validUntil: quoting.now + VALID_MS, quoting };
    this.kept.set(id, quote);
    if (this.kept.size > KEPT_MAX) this.kept.delete(this.kept.keys().next().value!);
    return quote;
  }

  /** Null: there never was one for this caller, or it is forgotten, or no longer valid. */
  find(id: string, caller: string, now: Instant): KeptQuote | null {
    const quote = this.kept.get(id);
    return quote === undefined || quote.caller !== caller || now > quote.validUntil ? null : quote;
  }
}

/** Whether what is offered now is at least as good: not later than was said (or than now, if that has passed), and not dearer. */
export function isAsGood(
  now: { readonly at: Instant; readonly start: Instant | null; readonly price: number | null },
  said: Quoting,
): boolean {
  if (said.start !== null && (now.start === null || now.start > Math.max(said.start, now.at))) return false;
  return said.price === null ? now.price === null : (now.price ?? 0) <= said.price;
}
