/** What a workload is cut and bent to on its way: a window of time, some queues, the memory of VMs, a smaller machine. */

import type { Group } from '../../engine/index.js';
import { InputError, USAGE } from '../input-error.js';
import { indexOfResource } from '../site-figures.js';
import type { WorkloadEntry } from '../workloads/entry.js';
import { type LeaseSource, moved } from './lease-source.js';
import type { Losses } from './losses.js';
import { QUEUE, SWF_LABELS, SWF_QUEUE } from './swf-labels.js';

export interface Shape {
  /** Milliseconds since the workload's beginning: only leases submitted from then on, and that becomes 0. */
  readonly fromTime?: number;
  /** Only leases submitted within so many milliseconds. */
  readonly length?: number;
  readonly queues?: readonly string[];
  /** Of each VM, instead of what was asked for. */
  readonly memoryMiB?: number;
  /** VMs are divided by this; at least one stays. */
  readonly scale?: number;
  /** Whether the nodes are divided by the scale, too: where they were not described but counted. */
  readonly scalesSite: boolean;
}

/** The same workload in that shape. */
export function shaped(source: LeaseSource, shape: Shape): LeaseSource {
  const memory = indexOfResource(source.resources, 'memory');
  if (shape.memoryMiB !== undefined && memory < 0) {
    const hint = 'Add memory to the nodes of the site (--nodes or --site).';
    throw new InputError('the site does not count memory', { file: '--memory' }, hint, USAGE);
  }
  async function* leases(): AsyncGenerator<WorkloadEntry, void, undefined> {
    for await (const entry of source.leases) {
      if (isWanted(entry, shape, source.losses)) yield bent(entry, shape, memory, source.losses);
    }
  }
  return { ...source, site: siteOf(source, shape), leases: leases() };
}

function isWanted(entry: WorkloadEntry, shape: Shape, losses: Losses): boolean {
  const from = shape.fromTime ?? 0;
  const until = shape.length === undefined ? Number.POSITIVE_INFINITY : from + shape.length;
  if (entry.submit < from || entry.submit >= until) {
    losses.leftOut('leases submitted outside of the window', entry.line);
    return false;
  }
  if (shape.queues === undefined || shape.queues.includes(queueOf(entry) ?? '')) return true;
  losses.leftOut('leases of other queues', entry.line);
  return false;
}

/** The queue that the lease's job was in; null: not known. */
export function queueOf({ terms: { labels } }: WorkloadEntry): string | null {
  if (labels === null) return null;
  for (const name of [QUEUE, SWF_QUEUE]) if (Object.hasOwn(labels, name)) return labels[name]!;
  return null;
}

function bent(entry: WorkloadEntry, shape: Shape, memory: number, losses: Losses): WorkloadEntry {
  const later = shape.fromTime === undefined || shape.fromTime === 0 ? entry : moved(entry, shape.fromTime);
  if (shape.memoryMiB === undefined && shape.scale === undefined) return later;
  const { line, terms } = later;
  let groups = terms.groups;
  let labels = terms.labels;
  if (shape.memoryMiB !== undefined) {
    const demand = (group: Group) => group.demand.map((amount, r) => (r === memory ? shape.memoryMiB! : amount));
    if (groups.some((group) => group.demand[memory] !== shape.memoryMiB))
      losses.changed('memory: as --memory says', line);
    groups = groups.map((group) => ({ ...group, demand: demand(group) }));
  }
  if (shape.scale !== undefined && shape.scale > 1) {
    if (groups.some(({ vms }) => vms < shape.scale!)) losses.changed('scale: leases that keep one VM', line);
    if (groups.some(({ vms }) => vms % shape.scale! !== 0)) losses.changed('scale: rounded down', line);
    groups = groups.map((group) => ({ ...group, vms: Math.max(1, Math.floor(group.vms / shape.scale!)) }));
    labels = without(labels, SWF_LABELS.get(7)!);
  }
  return { ...later, terms: { ...terms, groups, labels } };
}

/** What was requested at the larger machine says nothing about the smaller one. */
function without(labels: WorkloadEntry['terms']['labels'], name: string): WorkloadEntry['terms']['labels'] {
  if (labels === null || !Object.hasOwn(labels, name)) return labels;
  return Object.fromEntries(Object.entries(labels).filter(([key]) => key !== name));
}

function siteOf({ site, losses }: LeaseSource, { scale, scalesSite }: Shape): LeaseSource['site'] {
  if (site === null || scale === undefined || scale === 1) return site;
  if (!scalesSite) {
    losses.changed('scale: leases only; the nodes are as described', null);
    return site;
  }
  let first = 1;
  const classes = site.classes.map((nodes) => {
    const count = Math.max(1, Math.floor(nodes.count / scale));
    const scaled = { ...nodes, first, count };
    first += count;
    return scaled;
  });
  return { ...site, classes };
}
