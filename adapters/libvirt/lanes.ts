/** One lane a lease: what is done with its VMs is done one after another, and can be cut short all at once. */

import type { LeaseId } from '../../engine/index.js';
import { withEither } from '../either-signal.js';

export class Lanes {
  /** The last that is under way of each lease, and what cuts all of them short. */
  private readonly lanes = new Map<LeaseId, { readonly done: Promise<void>; readonly cut: AbortController }>();

  /** `ending`: cuts all lanes. */
  constructor(private readonly ending: AbortSignal) {}

  /** Does `work` when all that was taken up before for this lease is over, however that went. */
  async take(lease: LeaseId, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const before = this.lanes.get(lease);
    const cut = before === undefined || before.cut.signal.aborted ? new AbortController() : before.cut;
    // Whoever asked for what was before hears how that went.
    const begin = (): Promise<void> => withEither([cut.signal, this.ending], work);
    const done = before === undefined ? begin() : before.done.then(begin, begin);
    this.lanes.set(lease, { done, cut });
    await done.finally(() => {
      if (this.lanes.get(lease)?.done === done) this.lanes.delete(lease);
    });
  }

  /** All that has been taken up so far. */
  cut(lease: LeaseId, reason: Error): void {
    this.lanes.get(lease)?.cut.abort(reason);
  }
}
