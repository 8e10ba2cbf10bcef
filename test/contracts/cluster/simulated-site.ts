/** Simulated machines as a site for the suite: in this process, or in one of their own. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wallClock } from '../../../adapters/live/clock.js';
import { parseClusterAddress } from '../../../adapters/simulated/address.js';
import { ClusterServer } from '../../../adapters/simulated/cluster-server.js';
import { LiveSimulatedCluster } from '../../../adapters/simulated/live-cluster.js';
import { RemoteCluster } from '../../../adapters/simulated/remote-cluster.js';
import { type Epoch, expand, type LeaseId, type NodeClass } from '../../../engine/index.js';
import { sharedNodes } from '../../adapters/simulated-orders.js';
import type { ClusterKind, ClusterSite, Life } from './kind.js';
import { NODE_MIB } from './orders.js';

const LACKS = {
  hosts: 'nobody else has VMs there, and orders are not carried out by calls',
  guests: 'nothing runs in its VMs',
  processes: 'there are none',
};

/** Opens machines whose journal is in `directory`. */
type Open = (directory: string, nodes: NodeClass[], epoch: Epoch) => Promise<Life>;

export const inThisProcess: ClusterKind = {
  name: 'simulated machines',
  lacks: LACKS,
  image: null,
  site: async (nodes) => new SimulatedSite(nodes, openHere),
};

export const inTheirOwn: ClusterKind = {
  name: 'simulated machines in a process of their own',
  lacks: LACKS,
  image: null,
  site: async (nodes) => new SimulatedSite(nodes, openBeside),
};

async function openHere(directory: string, nodes: NodeClass[]): Promise<Life> {
  const path = join(directory, 'journal');
  const cluster = await LiveSimulatedCluster.open({ path, clock: wallClock, nodes, isKnown: () => true });
  return Object.assign(cluster, { end: () => cluster.close() });
}

async function openBeside(directory: string, nodes: NodeClass[], epoch: Epoch): Promise<Life> {
  const address = parseClusterAddress(`unix:${join(directory, 's')}`);
  const server = await ClusterServer.listen({
    address,
    journal: join(directory, 'journal'),
    timeScale: 1,
    clockFrom: () => wallClock,
    onOrder: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
  const site = { nodes, gone: [], sharedImages: false, now: 0 };
  const cluster = await RemoteCluster.connect({ ...site, address, isNews: () => true, onRefused: () => {} });
  await cluster.lead(epoch);
  const end = async (): Promise<void> => {
    await cluster.close();
    await server.close();
  };
  return Object.assign(cluster, { end });
}

class SimulatedSite implements ClusterSite {
  readonly wires = [];
  readonly hypervisors = [];
  private readonly directory = mkdtempSync(join(tmpdir(), 'leasehold-machines-'));
  private life: Life | null = null;

  constructor(
    private readonly nodes: number,
    private readonly open: Open,
  ) {}

  async begin(epoch: Epoch): Promise<Life> {
    const nodes = Array.from({ length: this.nodes }, (_, index) => this.node(index + 1));
    this.life = await this.open(this.directory, nodes, epoch);
    return this.life;
  }

  node(number: number): NodeClass {
    return sharedNodes(1, [NODE_MIB], number);
  }

  /** They know themselves, and nobody else does. */
  async found(sizes: ReadonlyMap<LeaseId, number>): Promise<Readonly<Record<string, string>>> {
    const found: Record<string, string> = {};
    for (const one of (await this.life?.survey()) ?? []) {
      if (!('lease' in one)) continue;
      const runs = 'vms' in one && one.vms !== null ? one.vms : [1, sizes.get(one.lease)!];
      for (const vm of expand(runs)) found[`${one.lease}/${vm}`] = one.type === 'VmsSuspended' ? 'saved' : 'running';
    }
    return found;
  }

  async things(): Promise<readonly string[]> {
    return [];
  }

  killProcess(): void {}

  async fail(): Promise<void> {}

  async end(): Promise<void> {
    await this.life?.end('closed').catch(() => {});
    rmSync(this.directory, { recursive: true, force: true });
  }
}
