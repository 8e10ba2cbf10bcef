/** Whoever asks is admitted. */

import type { Admission } from './admission.js';

export const acceptAll: Admission = () => null;
