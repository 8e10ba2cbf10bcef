/** What can be said of a site as a whole: where a resource stands in its vectors, and how much cpu it has. */

import type { ResourceType } from '../engine/index.js';
import type { SiteDescription } from './workloads/entry.js';

/** Where the amounts of that resource stand in capacities and demands; -1: it is not counted. */
export function indexOfResource(resources: readonly ResourceType[], wanted: string): number {
  return resources.findIndex(({ name }) => name === wanted);
}

/** Cpu of all nodes together, in thousandths. */
export function cpuOfSite({ resources, classes }: SiteDescription): number {
  const cpu = indexOfResource(resources, 'cpu');
  return classes.reduce((sum, { count, capacity }) => sum + count * (capacity[cpu] ?? 0), 0);
}
