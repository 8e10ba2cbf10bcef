/**
 * Leases that were tried in vain, while room only becomes less: who needs no less of anything, for no fewer VMs and no
 * shorter, need not be tried. For VMs that are alike, which fit wherever there is room enough.
 */

import { fitsInto, type Capacity } from '../kit/capacity.js';
import type { Duration } from '../kit/time.js';
import type { Lease, StateView } from '../state/state.js';

interface Ask {
  readonly demand: Capacity;
  readonly vms: number;
  readonly length: Duration;
}

export class InVain {
  /** None asks for as much as another. */
  private asks: Ask[] = [];

  constructor(private readonly state: StateView) {}

  /** Whether only what is free tells if the lease can begin just now, and whoever asks for less can if it can. */
  isPlain({ phase, terms }: Lease): boolean {
    return (
      phase === 'waiting' &&
      terms.groups.length === 1 &&
      terms.where === null &&
      this.state.policy.preparation === 'none'
    );
  }

  /** Whether somebody who asked for no more was tried in vain. O(asks × resources). */
  tells(lease: Lease, length: Duration): boolean {
    const { demand } = lease.terms.groups[0]!;
    return this.asks.some((ask) => ask.vms <= lease.vms && ask.length <= length && fitsInto(ask.demand, demand));
  }

  /** The lease was tried in vain. */
  add(lease: Lease, length: Duration): void {
    const { vms, terms } = lease;
    const { demand } = terms.groups[0]!;
    this.asks = this.asks.filter((ask) => ask.vms < vms || ask.length < length || !fitsInto(demand, ask.demand));
    this.asks.push({ demand, vms, length });
  }
}
