/** Capacity: a vector of whole amounts over the resource types that the site declares, in the site's order. */

export type Capacity = readonly number[];

/** Whether `need` fits into `have`. O(resources). */
export function fitsInto(need: Capacity, have: Capacity): boolean {
  for (let r = 0; r < need.length; r++) if (need[r]! > have[r]!) return false;
  return true;
}

/** How many VMs of demand `each` fit into `have` side by side, at most `max`. O(resources). */
export function countFitting(each: Capacity, have: Capacity, max: number): number {
  let count = max;
  for (let r = 0; r < each.length; r++) {
    const need = each[r]!;
    if (need <= 0) {
      if (have[r]! < 0) return 0;
      continue;
    }
    const fitting = Math.floor(have[r]! / need);
    if (fitting < count) count = fitting < 0 ? 0 : fitting;
  }
  return count;
}

/** `capacity` × `factor`, as a new vector. */
export function times(capacity: Capacity, factor: number): number[] {
  const product = new Array<number>(capacity.length);
  for (let r = 0; r < capacity.length; r++) product[r] = capacity[r]! * factor;
  return product;
}

/** Adds `factor` × `amounts` to `sum` in place. */
export function addInto(sum: number[], amounts: Capacity, factor: number): void {
  for (let r = 0; r < amounts.length; r++) sum[r] = sum[r]! + amounts[r]! * factor;
}

/** A vector of zeros. */
export function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}
