/** Copies of images on nodes, as this draft sees them: those that a lease counts on are kept until it is over. */

import { expand, type Runs } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import type { Lease } from '../state/live-lease.js';
import type { CachedImage, StateView } from '../state/state.js';
import { copyOf } from '../state/transfers.js';

export class Copies {
  private readonly kept = new Map<CachedImage, Instant>();

  constructor(private readonly state: StateView) {}

  /** The lease has its VMs on `nodes` until then. O(VMs × copies on a node). */
  keep(lease: Lease, nodes: Runs, until: Instant): void {
    const on = expand(nodes);
    let vm = 0;
    for (const { image, vms } of lease.terms.groups)
      for (let k = 0; k < vms; k++) {
        const copy = image === null ? undefined : copyOf(this.state, on[vm]!, image);
        if (copy !== undefined && until > this.until(copy)) this.kept.set(copy, until);
        vm++;
      }
  }

  /** Whether the node has a copy of the image that is there at `at`: in use until then, or (`soon`) there just now. */
  has(node: number, image: string, at: Instant, soon: boolean): boolean {
    const copy = copyOf(this.state, node, image);
    return copy !== undefined && (soon || this.until(copy) >= at);
  }

  private until(copy: CachedImage): Instant {
    return this.kept.get(copy) ?? copy.until;
  }
}
