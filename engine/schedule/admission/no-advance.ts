/** Nobody is promised an instant: advance leases are turned away. */

import { reason } from '../../model/reasons.js';
import type { Admission } from './admission.js';

export const noAdvance: Admission = (_state, { terms }) =>
  terms.start.kind === 'advance' ? reason('not-admitted') : null;
