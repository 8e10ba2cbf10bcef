/** What a cluster tells of: kept until somebody listens. */

import type { Observation } from '../engine/index.js';
import type { ClusterListener } from './cluster-listener.js';

export class Told {
  private listener: ClusterListener | null = null;
  private unheard: Observation[] = [];

  /** From now on observations are told to the listener, in place of any earlier one; first those that nobody has heard. */
  listen(listener: ClusterListener): () => void {
    this.listener = listener;
    const { unheard } = this;
    this.unheard = [];
    for (const observation of unheard) listener.next(observation);
    return () => {
      if (this.listener === listener) this.listener = null;
    };
  }

  tell(observation: Observation): void {
    if (this.listener === null) this.unheard.push(observation);
    else this.listener.next(observation);
  }

  error(error: unknown): void {
    this.listener?.error(error);
  }
}
