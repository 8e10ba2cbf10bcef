/** Who is told what was observed of machines, whichever they are. */

import type { Observation } from '../engine/index.js';

export interface ClusterListener {
  next(observation: Observation): void;
  /** What is true cannot be told any more: the process must stop. */
  error(error: unknown): void;
}
