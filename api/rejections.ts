/** What the scheduler's rejections of commands are over HTTP. */

import type { Rejection, RejectionCode } from '../engine/index.js';
import { type Fault, Problem, type ProblemCode } from './problems.js';

const CODES: Readonly<Record<RejectionCode, ProblemCode>> = {
  'terms-invalid': 'request-invalid',
  'site-invalid': 'request-invalid',
  'start-in-past': 'start-in-past',
  'lease-unknown': 'lease-unknown',
  'lease-state': 'lease-state',
  'quota-exceeded': 'change-infeasible',
  'key-reused': 'key-reused',
  'node-unknown': 'node-unknown',
  'node-state': 'node-state',
  'node-in-use': 'node-in-use',
  'window-unknown': 'window-unknown',
  'policy-invalid': 'policy-refused',
  'policy-changed': 'stale',
  // Commands that no client sends, or ids that are made here: these would be our mistake.
  'lease-exists': 'internal',
  'epoch-stale': 'internal',
  // Whoever keeps notes for clients tells them what became of what they asked for, in their words.
  'note-invalid': 'internal',
  'note-stale': 'internal',
};

export function problemOfRejection({ code, detail }: Rejection, faults: readonly Fault[] = []): Problem {
  return new Problem(CODES[code], detail, faults);
}
