/**
 * What waiting leases ask for, side by side in memory and by slot: a pass over a long queue looks at little else, and terms lie
 * four steps from their lease. Noted when it is first asked for; terms are replaced when they change, never changed. Its slow twin, in
 * test/properties/asks.test.ts, looks at the terms.
 */

import type { Capacity } from '../kit/capacity.js';
import type { Terms } from '../model/lease.js';
import type { Phase } from '../model/lifecycle.js';

/** What a lease must have to be asked about. */
interface Asking {
  readonly slot: number;
  readonly terms: Terms;
}

/** Whether nothing is there for its start yet. */
export function isUntouched({ phase, preparation }: { readonly phase: Phase; readonly preparation: unknown }): boolean {
  return (phase === 'waiting' || phase === 'reserved') && preparation === null;
}

/** Of the terms of a lease: its VMs, and on which nodes they are to be. */
export interface Wanted {
  readonly groups: readonly { readonly demand: Capacity }[];
  readonly where: unknown;
}

/** Whether they ask for VMs that are alike, on any nodes. */
export function areAlike({ groups, where }: Wanted, resources: number): boolean {
  return groups.length === 1 && where === null && groups[0]!.demand.length === resources;
}

export class Asks {
  /** Of which terms something is noted, by slot. */
  private readonly terms: Terms[] = [];
  /** For each slot how many VMs, 0 where they are not alike or not wanted anywhere, and what each needs. */
  private cells = new Float64Array(0);
  private width = 0;

  /** For how many VMs that are alike, on any nodes, the lease asks; 0: for others. To be called before what follows. O(1). */
  vms(lease: Asking, resources: number): number {
    if (this.width !== resources + 1 || this.terms[lease.slot] !== lease.terms) this.note(lease, resources);
    return this.cells[lease.slot * this.width]!;
  }

  /** Whether all its VMs together need more than `free` of something. O(resources). */
  exceed(slot: number, free: readonly number[]): boolean {
    const { cells } = this;
    const at = slot * this.width;
    const vms = cells[at]!;
    for (let r = 0; r < free.length; r++) if (vms * cells[at + 1 + r]! > free[r]!) return true;
    return false;
  }

  /** Whether each of its VMs needs no less than `demand` of anything. O(resources). */
  reach(slot: number, demand: Capacity): boolean {
    const { cells } = this;
    const first = slot * this.width + 1;
    for (let r = 0; r < demand.length; r++) if (demand[r]! > cells[first + r]!) return false;
    return true;
  }

  private note({ slot, terms }: Asking, resources: number): void {
    if (this.width !== resources + 1) {
      this.width = resources + 1;
      this.terms.length = 0;
    }
    const { width } = this;
    if ((slot + 1) * width > this.cells.length) {
      const cells = new Float64Array((slot + 1) * width * 2);
      cells.set(this.cells);
      this.cells = cells;
    }
    while (this.terms.length < slot) this.terms.push(NOBODY);
    this.terms[slot] = terms;
    const [group] = terms.groups;
    const alike = areAlike(terms, resources);
    this.cells[slot * width] = alike ? group!.vms : 0;
    if (alike) for (let r = 0; r < resources; r++) this.cells[slot * width + 1 + r] = group!.demand[r]!;
  }
}

/** No lease has these terms: nothing is noted. */
const NOBODY = {} as Terms;
