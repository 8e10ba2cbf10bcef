/** Overcommit: more may be leased of a shared node than it has, since VMs seldom use all they hold at the same time. */

import type { Capacity } from '../kit/capacity.js';
import { AMOUNT_MAX, type NodeClass, type ResourceType } from './site.js';

/** How many thousandths of a resource may be leased, by its name; what is not named is leased once. */
export type Overcommit = Readonly<Record<string, number>>;

export const NO_OVERCOMMIT: Overcommit = {};
/** A hundred times. */
export const OVERCOMMIT_MAX = 100_000;

/**
 * The nodes, with what may be leased of each. One VM is never larger than its node, and nodes that are given whole have one
 * VM at most. O(resources).
 */
export function overcommitted<N extends Omit<NodeClass, 'first'>>(
  nodes: N,
  resources: readonly ResourceType[],
  overcommit: Overcommit,
): N {
  if (nodes.exclusive || Object.keys(overcommit).length === 0) return nodes;
  const leasable: Capacity = resources.map(({ name }, r) =>
    Math.min(AMOUNT_MAX, Math.floor((nodes.capacity[r]! * (overcommit[name] ?? 1000)) / 1000)),
  );
  return { ...nodes, leasable };
}

/** What is wrong; null: nothing. `resources` are those of the site, or none as long as there is no site. */
export function faultOfOvercommit(overcommit: Overcommit, resources: readonly ResourceType[]): string | null {
  for (const [name, ratio] of Object.entries(overcommit)) {
    if (!Number.isSafeInteger(ratio) || ratio < 1000 || ratio > OVERCOMMIT_MAX)
      return `${name} may be leased 1 to ${OVERCOMMIT_MAX / 1000} times`;
    if (resources.length === 0) continue;
    const resource = resources.find((other) => other.name === name);
    if (resource === undefined)
      return `the site counts no ${name}; it counts ${resources.map((other) => other.name).join(', ')}`;
    if (resource.kind === 'units') return `${name} is handed out by name, each unit to one VM`;
  }
  return null;
}
