/** Pricing: what a lease costs. Rates are millionths of a currency unit per VM-hour, whole numbers. */

import { mulDiv, toNumber } from '../kit/fractions.js';
import type { Duration } from '../kit/time.js';

/**
 * `constant`: one rate for all. `random`: a rate between two, drawn for each lease. `maximum`: what its user pays at most.
 * `adaptive`: the rate is learned from who accepted and who declined; it begins with `rate`.
 */
export type Pricing =
  | { readonly kind: 'free' }
  | { readonly kind: 'constant'; readonly rate: number }
  | { readonly kind: 'random'; readonly min: number; readonly max: number; readonly seed: number }
  | { readonly kind: 'maximum' }
  | { readonly kind: 'adaptive'; readonly rate: number };

export const FREE: Pricing = { kind: 'free' };
/** A thousand currency units per VM-hour. */
export const RATE_MAX = 1_000_000_000;
/** So many parts make a currency unit. */
export const CURRENCY_PARTS = 1_000_000;
export const SEED_MAX = 4_294_967_295;
const HOUR: Duration = 3_600_000;

/** So many VMs for so long, in millionths of a currency unit, rounded down: the same for a price and for what is paid. */
export function costOf(vms: number, length: Duration, rate: number): number {
  const time = vms * length;
  if (time <= Number.MAX_SAFE_INTEGER) return mulDiv(time, rate, HOUR);
  return toNumber((BigInt(vms) * BigInt(length) * BigInt(rate)) / BigInt(HOUR));
}
