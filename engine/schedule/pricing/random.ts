/** A rate drawn for each lease: any from `min` to `max` is as likely. The seed and the order of arrival decide. */

import { Random } from '../../kit/random.js';
import type { RateOf } from './pricing.js';

/** Spreads the order of arrival over the seeds, so that neighbours do not get similar rates. */
const SPREAD = 0x9e3779b1;

export const random: RateOf<'random'> = (_state, { sequence }, { min, max, seed }) =>
  min + new Random(seed ^ Math.imul(sequence, SPREAD)).below(max - min + 1);
