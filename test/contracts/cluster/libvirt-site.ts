/** Hosts with libvirt as a site for the suite: each service sees them over a wire, and the test over connections of its own. */

import { vi } from 'vitest';
import { LibvirtCluster } from '../../../adapters/libvirt/cluster.js';
import type { Hypervisor } from '../../../adapters/libvirt/hypervisor.js';
import { Maker } from '../../../adapters/libvirt/machine.js';
import { recordOf, type VmRecord } from '../../../adapters/libvirt/metadata.js';
import { ownerOfVolume } from '../../../adapters/libvirt/names.js';
import { poolImages } from '../../../adapters/libvirt/pool-images.js';
import { POOL } from '../../../adapters/libvirt/vm.js';
import type { RunOnNodes } from '../../../adapters/libvirt/whereabouts.js';
import type { LeaseId, NodeClass } from '../../../engine/index.js';
import type { ClusterSite, Life } from './kind.js';
import { NODE_MIB } from './orders.js';
import { Wire, type WireEnd } from './wire.js';

export const SITE = '0123456789abcdef';
/** How long guests of the suite may take to shut down. */
const GRACE_MS = 300;
/** Nobody is out of reach for so long. */
const NODE_GRACE_MS = 3_600_000;
const NO_WISHES = { network: null, sshKeys: [], userData: null, template: null };

export interface Hosts {
  readonly type: 'qemu' | 'test';
  readonly uris: readonly string[];
  /** By which they reach each other; absent: they do not. */
  readonly amongHosts?: readonly string[];
  /** For services, one after another; and for the test itself. They may be the same. */
  readonly served: readonly Hypervisor[];
  readonly seen: readonly Hypervisor[];
  /** On each host. */
  readonly directory: string;
  readonly killProcess: (node: number) => void;
}

function makerOf({ directory }: Hosts): Maker {
  return new Maker({
    resources: [{ name: 'memory', kind: 'amount' }],
    network: null,
    wishesOf: () => NO_WISHES,
    place: poolImages(directory),
  });
}

export class LibvirtSite implements ClusterSite {
  readonly wires: readonly Wire[];
  readonly hypervisors: readonly Hypervisor[];
  private life: Life | null = null;

  constructor(
    private readonly hosts: Hosts,
    private readonly nodes: number,
    private readonly maker: Pick<Maker, 'prepare' | 'place' | 'sizeOf'> = makerOf(hosts),
  ) {
    this.wires = hosts.served.map((hypervisor) => new Wire(hypervisor));
    this.hypervisors = hosts.seen;
  }

  async begin(_epoch: number, runs: ReadonlyMap<LeaseId, RunOnNodes>): Promise<Life> {
    const { type, directory } = this.hosts;
    const ends: WireEnd[] = [];
    const cluster = await LibvirtCluster.open({
      site: SITE,
      nodes: Array.from({ length: this.nodes }, (_, index) => this.node(index + 1)),
      gone: new Set(),
      runs: new Map(runs),
      now: () => Date.now(),
      connect: (uri) => {
        // Hosts of the test driver all have one URI: nodes are joined in order.
        const index = type === 'test' ? ends.length : this.hosts.uris.indexOf(uri);
        const end = this.wires[index]!.end();
        ends.push(end);
        return end;
      },
      maker: this.maker,
      directory,
      accel: 'tcg',
      graceMs: GRACE_MS,
      nodeGraceMs: NODE_GRACE_MS,
      away: new Map(),
      fenceCommand: null,
      warn: () => {},
    });
    const end = async (how: 'closed' | 'killed'): Promise<void> => {
      if (how === 'closed') await cluster.close();
      else for (const one of ends) one.cut();
    };
    this.life = Object.assign(cluster, { end });
    return this.life;
  }

  node(number: number): NodeClass {
    const { uris, amongHosts = [] } = this.hosts;
    const among = amongHosts[number - 1];
    return {
      ...{ first: number, count: 1, capacity: [NODE_MIB], exclusive: false, names: null, units: {} },
      labels: { uri: uris[number - 1] ?? 'nobody', ...(among === undefined ? {} : { 'migration-uri': among }) },
    };
  }

  async found(): Promise<Readonly<Record<string, string>>> {
    const found: Record<string, string> = {};
    for (const hypervisor of this.hypervisors)
      for (const { uuid, metadata, state } of await hypervisor.domains()) {
        const record = recordOf(metadata, uuid);
        if (record === null || record.site !== SITE) continue;
        const name = `${record.lease}/${record.vm}`;
        found[name] = name in found ? 'twice' : stateOf(state === 'running', record);
      }
    return found;
  }

  async things(): Promise<readonly string[]> {
    const things: string[] = [];
    for (const hypervisor of this.hypervisors) {
      for (const { name } of await hypervisor.domains()) if (name.startsWith('leasehold-')) things.push(name);
      for (const { name } of await hypervisor.volumes(POOL)) if (ownerOfVolume(name) !== null) things.push(name);
    }
    return things;
  }

  killProcess(node: number): void {
    this.hosts.killProcess(node);
  }

  async fail(uuid: string, node: number): Promise<void> {
    await this.hypervisors[node - 1]!.destroy(uuid);
  }

  /** Nothing of a test stays for the next one. */
  async end(): Promise<void> {
    await this.life?.end('killed');
    await vi.waitFor(() => Promise.all(this.hypervisors.map(clear)), { timeout: 60_000 });
  }
}

async function clear(hypervisor: Hypervisor): Promise<void> {
  for (const { uuid, name, state } of await hypervisor.domains()) {
    if (name === 'test') continue;
    if (state !== 'off') await hypervisor.destroy(uuid);
    await hypervisor.undefine(uuid);
  }
  for (const { name } of await hypervisor.volumes(POOL))
    if (ownerOfVolume(name) !== null) await hypervisor.deleteVolume(POOL, name);
}

function stateOf(isRunning: boolean, { saved }: VmRecord): string {
  if (isRunning) return 'running';
  return saved === null ? 'off' : 'saved';
}
