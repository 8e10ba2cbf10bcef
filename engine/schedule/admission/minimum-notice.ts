/** Advance leases must be asked for early enough. */

import { reason } from '../../model/reasons.js';
import type { Admission } from './admission.js';

export const minimumNotice: Admission = ({ policy }, { submitted, terms }) => {
  if (terms.start.kind !== 'advance') return null;
  const notice = terms.start.at - submitted;
  return notice < policy.minimumNotice
    ? reason('notice-too-short', { need: policy.minimumNotice, have: notice })
    : null;
};
