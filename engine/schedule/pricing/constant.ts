/** One rate for all. */

import type { RateOf } from './pricing.js';

export const constant: RateOf<'constant'> = (_state, _lease, { rate }) => rate;
