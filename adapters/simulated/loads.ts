/** What a simulated cluster reports of how busy its nodes are: classes, and only those that have changed. */

import { classifyLoad, type Instant, type LoadClass, type NodeLoadObserved } from '../../engine/index.js';
import type { Machines } from './machines.js';
import { partsOf } from './nodes.js';

export class Loads {
  /** What was reported of nodes last, by number; of others nothing. */
  private readonly reported = new Map<number, NodeLoadObserved>();

  /** VMs that run use all of resource `cpu` (its index) that they asked for, and others nothing. */
  constructor(
    private readonly machines: Machines,
    private readonly cpu: number,
  ) {}

  /** Nodes whose class is no longer what was reported, by number. O(nodes + VMs). */
  changes(at: Instant): NodeLoadObserved[] {
    const changes: NodeLoadObserved[] = [];
    const inUse = this.inUse();
    const { nodes } = this.machines;
    for (let node = 1; node <= nodes.count; node++) {
      if (nodes.isUnreachable(node)) continue;
      const previous = this.classOf(node);
      const cpu = nodes.capacityOf(node)[this.cpu]!;
      const load = classifyLoad(previous, cpu === 0 ? null : inUse[node]! / cpu);
      if (load === previous) continue;
      const change: NodeLoadObserved = { type: 'NodeLoadObserved', at, node, load };
      this.reported.set(node, change);
      changes.push(change);
    }
    return changes;
  }

  /** The node is away: whoever is told so forgets what was reported of it, and so it must be reported anew. */
  forget(node: number): void {
    this.reported.delete(node);
  }

  /** What was reported and still stands. */
  known(): Iterable<NodeLoadObserved> {
    return this.reported.values();
  }

  private classOf(node: number): LoadClass {
    return this.reported.get(node)?.load ?? 'unknown';
  }

  /** How much of the cpu of each node VMs use that run, by its number. */
  private inUse(): number[] {
    const sums = new Array<number>(this.machines.nodes.count + 1).fill(0);
    for (const gang of this.machines.gangs.values()) {
      if (gang.order === null) continue;
      const running = gang.which(null, (phase) => phase === 'running');
      for (const { demand, nodes } of partsOf(gang.groups, gang.nodes, running))
        for (let i = 0; i < nodes.length; i += 2)
          for (let node = nodes[i]!; node <= nodes[i + 1]!; node++) sums[node]! += demand[this.cpu]!;
    }
    return sums;
  }
}
