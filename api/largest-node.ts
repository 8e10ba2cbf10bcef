/** What the largest node of the site has, for those who asked for more. */

import type { NodeClass, StateView } from '../engine/index.js';
import { writtenCapacity } from './formats.js';

/** `node n3 has cpu 8, memoryMiB 32768`: the one with most of the first resource, then of the next. Null: there are none. O(nodes). */
export function largestNode(state: StateView, classes: readonly NodeClass[]): string | null {
  let largest: { readonly name: string; readonly capacity: readonly number[] } | null = null;
  for (const { first, count, capacity, leasable = capacity, names } of classes) {
    if (largest !== null && compare(leasable, largest.capacity) <= 0) continue;
    for (let number = first; number < first + count; number++) {
      if (state.nodeStatus.get(number) === 'gone') continue;
      largest = { name: names?.[number - first] ?? `n${number}`, capacity: leasable };
      break;
    }
  }
  if (largest === null) return null;
  const has = Object.entries(writtenCapacity(state.resources, largest.capacity));
  return `node ${largest.name} has ${has.map(([name, amount]) => `${name} ${amount}`).join(', ')}`;
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((amount, i) => amount !== other[i]);
  return at < 0 ? 0 : one[at]! - (other[at] ?? 0);
}
