/** Fair share: accounts that had less than their share of the site come first. Usage decays, so that it is forgotten. */

import type { Duration } from '../kit/time.js';
import type { Terms } from './lease.js';

export interface FairShare {
  /** Whose usage counts together. Leases of nobody share an account of their own. */
  readonly by: 'user' | 'project';
  /** After this time usage counts half. */
  readonly halfLife: Duration;
  /** Points for a thousandth of the fair-share factor, which is 1 (1000) for an account that used nothing. */
  readonly weight: number;
  /** Of accounts by name: who has 2 is entitled to twice as much as who has 1. Accounts that are not named have 1. */
  readonly shares: Readonly<Record<string, number>>;
}

export const HALF_LIFE_MIN: Duration = 60_000;
export const SHARE_MAX = 1_000_000;
export const SHARES_MAX = 10_000;
/** The largest weight of a part of the effective priority: sums stay exact. */
export const WEIGHT_MAX = 1_000_000_000;

/** Whose usage the lease counts towards; '': nobody's. */
export function accountOf(fairShare: FairShare, terms: Terms): string {
  return (fairShare.by === 'user' ? terms.user : terms.project) ?? '';
}

export function shareOf(fairShare: FairShare, account: string): number {
  return Object.hasOwn(fairShare.shares, account) ? fairShare.shares[account]! : 1;
}
