/** The admission policies, by `name@version`. */

import type { ADMISSIONS } from '../../model/policy.js';
import { acceptAll } from './accept-all.js';
import type { Admission } from './admission.js';
import { noAdvance } from './no-advance.js';

export const ADMISSION: Readonly<Record<(typeof ADMISSIONS)[number], Admission>> = {
  'accept-all@1': acceptAll,
  'no-advance@1': noAdvance,
};
