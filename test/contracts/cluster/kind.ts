/** What the suite for clusters needs of each kind that it runs on. */

import type { Cluster, LeaseId, NodeClass, Observation } from '../../../engine/index.js';
import type { RunOnNodes } from '../../../adapters/libvirt/whereabouts.js';
import type { Hypervisor } from '../../../adapters/libvirt/hypervisor.js';
import type { ClusterListener } from '../../../adapters/cluster-listener.js';
import type { Wire } from './wire.js';

/**
 * What not every cluster has. `saving`: memory of VMs can be kept in files, and disks too. `hosts`: somebody else may
 * have VMs there, calls can be disturbed on their way, VMs can fail. `moving`: VMs that run can go from one to the other.
 * `guests`: they can shut down by themselves.
 * `processes`: there is one beside the service for each host, which may die alone.
 */
export type Capability = 'saving' | 'hosts' | 'moving' | 'guests' | 'processes';

export interface ClusterKind {
  readonly name: string;
  /** What it lacks, and why: cases that need that are none for it. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>;
  /** Of libvirt's domains there; absent where it has no hosts. */
  readonly domainType?: 'qemu' | 'test';
  /** What VMs start from; null: nothing. */
  readonly image: string | null;
  /** Machines without VMs: nodes 1 to `nodes`. */
  site(nodes: number): Promise<ClusterSite>;
}

/** Machines, and the services that command them, one after another. */
export interface ClusterSite {
  /** A service that knows of these runs from its log. */
  begin(epoch: number, runs: ReadonlyMap<LeaseId, RunOnNodes>): Promise<Life>;
  /** What is there, whatever the service says: `running` or `saved`, by `LEASE/VM`. `sizes`: VMs of each lease. */
  found(sizes: ReadonlyMap<LeaseId, number>): Promise<Readonly<Record<string, string>>>;
  /** Names of what is there of ours, domains and files; not images. */
  things(): Promise<readonly string[]>;
  /** By node, from 1; none where there are no hosts. */
  readonly wires: readonly Wire[];
  /** As somebody else sees the hosts. */
  readonly hypervisors: readonly Hypervisor[];
  node(number: number): NodeClass;
  /** kill -9 of the process beside the service that talks to a node's host. */
  killProcess(node: number): void;
  /** Ends a VM as nobody has ordered. */
  fail(uuid: string, node: number): Promise<void>;
  end(): Promise<void>;
}

export interface Life extends Cluster {
  survey(): Promise<readonly Observation[]>;
  addNodes(nodes: NodeClass): void;
  removeNode(node: number): void;
  listen(listener: ClusterListener): () => void;
  /** In good order, or as by kill -9: nothing that it has begun is finished by it. The machines go on. */
  end(how: 'closed' | 'killed'): Promise<void>;
}
