/**
 * What was found for leases while room only becomes less: who needs no less of anything, for no fewer VMs and no shorter, does
 * not fit where those did not. For VMs that are alike, which fit wherever there is room enough.
 */

import { fitsInto, type Capacity } from '../kit/capacity.js';
import type { Duration, Instant } from '../kit/time.js';
import { type Asks, isUntouched } from '../state/asks.js';
import { DEMAND, LENGTH, VMS } from '../state/first-fit.js';
import type { Lease } from '../state/live-lease.js';
import type { StateView } from '../state/state.js';

interface Ask {
  readonly demand: Capacity;
  readonly vms: number;
  readonly length: Duration;
}

/** Whether only what is free tells when the lease can begin, and whoever asks for less can if it can. */
export function isPlain(state: StateView, lease: Lease): boolean {
  const { groups, where } = lease.terms;
  return isUnprepared(state, lease) && groups.length === 1 && where === null;
}

/** Whether nothing is there for its start already, and nothing must be. */
export function isUnprepared({ policy }: StateView, lease: Lease): boolean {
  return policy.preparation === 'none' && isUntouched(lease);
}

/** Those that were tried in vain at one instant. */
export class InVain {
  /** None asks for as much as another. */
  private asks: readonly Ask[] = [];

  copy(): InVain {
    const copy = new InVain();
    copy.asks = this.asks;
    return copy;
  }

  /**
   * Whether somebody who asked for no more than the lease, which has `vms` VMs that are alike, was tried in vain. O(asks ×
   * resources). Asked of each that waits: it makes nothing.
   */
  tells(asked: Asks, { slot }: Lease, vms: number, length: Duration): boolean {
    for (const ask of this.asks)
      if (vms >= ask.vms && length >= ask.length && asked.reach(slot, ask.demand)) return true;
    return false;
  }

  /** The same, of all who ask for no less than `cells` say from `at` on. */
  tellsAll(cells: Float64Array, at: number): boolean {
    for (const { vms, length, demand } of this.asks) {
      if (cells[at + VMS]! < vms || cells[at + LENGTH]! < length) continue;
      let r = 0;
      while (r < demand.length && cells[at + DEMAND + r]! >= demand[r]!) r++;
      if (r === demand.length) return true;
    }
    return false;
  }

  /** The lease was tried in vain. */
  add(lease: Lease, length: Duration): void {
    const asked = askOf(lease, length);
    this.asks = [...this.asks.filter((ask) => !isAsMuch(ask, asked)), asked];
  }
}

/** When those could begin that were looked for from now on. */
export class NotBefore {
  /** None asks for as much as another that begins no earlier. */
  private asks: (Ask & { readonly from: Instant })[] = [];

  /** Before this instant the lease cannot begin. O(asks × resources). */
  of(lease: Lease, length: Duration, now: Instant): Instant {
    const asked = askOf(lease, length);
    let latest = now;
    for (const ask of this.asks) if (ask.from > latest && isAsMuch(asked, ask)) latest = ask.from;
    return latest;
  }

  /** The lease could begin at `from`, and no earlier. */
  add(lease: Lease, length: Duration, from: Instant): void {
    const asked = { ...askOf(lease, length), from };
    this.asks = this.asks.filter((ask) => ask.from > from || !isAsMuch(ask, asked));
    this.asks.push(asked);
  }
}

function askOf({ terms }: Lease, length: Duration): Ask {
  const { demand, vms } = terms.groups[0]!;
  return { demand, vms, length };
}

function isAsMuch(more: Ask, less: Ask): boolean {
  return more.vms >= less.vms && more.length >= less.length && fitsInto(less.demand, more.demand);
}
