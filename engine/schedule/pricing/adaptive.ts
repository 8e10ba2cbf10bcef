/**
 * A rate that is learned (Sotomayor 2010): for each user an estimate of what he pays, from the highest rate that he
 * accepted and the lowest that he declined; the rate is their median.
 */

import type { RateBounds } from '../../state/state.js';
import { RATE_MAX } from '../../model/pricing.js';
import type { RateOf } from './pricing.js';

/** O(users log users). */
export const adaptive: RateOf<'adaptive'> = ({ rates }, _lease, { rate }) => {
  const estimates = [...rates.values()].map(estimateOf).sort((a, b) => a - b);
  if (estimates.length === 0) return rate;
  const middle = estimates.length >> 1;
  const upper = estimates[middle]!;
  return estimates.length % 2 === 1 ? upper : Math.floor((estimates[middle - 1]! + upper) / 2);
};

/** Half as much again as he accepted, if he never declined; half of what he declined, if he never accepted; or between. */
function estimateOf({ accepted, declined }: RateBounds): number {
  if (declined === null) return Math.min(RATE_MAX, Math.ceil(((accepted ?? 0) * 3) / 2));
  return Math.floor(((accepted ?? 0) + declined) / 2);
}
