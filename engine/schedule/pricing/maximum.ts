/** As much as its user pays at most; nothing where that is not known. */

import type { RateOf } from './pricing.js';

export const maximum: RateOf<'maximum'> = (_state, { terms }) => terms.maxRate ?? 0;
