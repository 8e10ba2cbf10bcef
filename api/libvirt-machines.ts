/** Real machines for the loop: hosts with libvirt, which the nodes' label `uri` names. */

import { connectLibvirt } from '../adapters/libvirt/binding/libvirt.js';
import { LibvirtCluster } from '../adapters/libvirt/cluster.js';
import { keepsDisks } from '../adapters/libvirt/kept-disks.js';
import { Maker } from '../adapters/libvirt/machine.js';
import type { ReconcilePorts } from '../adapters/libvirt/reconcile.js';
import { VmError } from '../adapters/libvirt/vm.js';
import type { RunOnNodes } from '../adapters/libvirt/whereabouts.js';
import { clockFrom } from '../adapters/live/clock.js';
import type { MachineWishes } from '../adapters/machine-wishes.js';
import { localFigures } from '../adapters/monitor/local.js';
import { Monitor } from '../adapters/monitor/monitor.js';
import { ProjectKeys } from '../adapters/project-keys/project-keys.js';
import { encodeTurn, type LeaseId, type OrderId, type StateView, type Terms, type Turn } from '../engine/index.js';
import { ConfigError } from './config.js';
import type { Found } from './loop.js';
import { placing, type Placing } from './images/placing.js';
import { NotedImages } from './images/written-images.js';
import type { LoopSettings } from './loop-messages.js';
import { LeaseNetworks } from './networks/lease-networks.js';
import { networkOfKey } from './networks/network-notes.js';
import type { MachinesTell, Opened, OpenMachines } from './opened-machines.js';
import { Personal } from './personal.js';
import { turnDigest } from './records/read-tables.js';

export async function openLibvirt(
  { timeScale, libvirt, genesis }: LoopSettings,
  { state, nodes, first }: Found,
  { warn, onHealth, onSample, keep }: MachinesTell,
): Promise<Opened> {
  if (timeScale !== 1) throw new ConfigError('real machines take their time: leave --time-scale out');
  const clock = clockFrom(1, state.now);
  const runs = new Map<LeaseId, RunOnNodes>();
  for (const { id, run, nodes: on } of state.leases.values())
    if (run !== null && on !== null) runs.set(id, { run, nodes: on });
  const gone = new Set([...state.nodeStatus].flatMap(([node, status]) => (status === 'gone' ? [node] : [])));
  const away = new Map<number, 'unreachable' | 'lost'>();
  for (const node of state.unreachable) away.set(node, 'unreachable');
  for (const [node, status] of state.nodeStatus) if (status === 'lost') away.set(node, status);
  const personal = new Personal(libvirt.personalKeys === null ? null : new ProjectKeys(libvirt.personalKeys));
  const about: Placing = { state: () => state, nodesAt: (uri) => cluster?.nodesAt(uri) ?? [] };
  let cluster: LibvirtCluster | null = null;
  const networks = new LeaseNetworks({
    notes: () => state.notes,
    nameOf: (terms) => wishesOf(personal, terms).network ?? libvirt.network,
    keep,
  });
  const written = new NotedImages({ state: () => state, keep, warn });
  cluster = await LibvirtCluster.open({
    site: first === null ? null : siteOf(first),
    nodes,
    labelsOf: (node) => state.pools[state.poolOf[node]!]?.labels,
    gone,
    runs,
    now: () => clock.now(),
    connect: connectLibvirt,
    maker: new Maker({
      resources: state.turn === 0 ? genesis.resources : state.resources,
      wishesOf: (terms) => wishesOf(personal, terms),
      network: libvirt.network,
      callbackUrl: libvirt.callbackUrl,
      networks,
      written,
      place: placing(about, { images: libvirt.imageDirectory, hosts: libvirt.directory }),
    }),
    readyOf: (terms) => {
      const wishes = personal.machine(terms);
      return wishes === null || wishes === 'erased' ? null : (wishes.ready ?? null);
    },
    directory: libvirt.directory,
    accel: libvirt.accel,
    graceMs: libvirt.graceMs,
    deaf: libvirt.deaf,
    way: libvirt.way,
    networks,
    written,
    nodeGraceMs: libvirt.nodeGraceMs,
    fenceCommand: libvirt.fenceCommand,
    away,
    standing: (lease, run) => standingIn(state, lease, run),
    warn,
    onHealth,
  });
  const monitor = new Monitor({
    hosts: () => cluster.watched(),
    everyMs: libvirt.monitorMs,
    now: () => clock.now(),
    elapsed: () => performance.now(),
    local: localFigures,
    loads: state.loads,
    onSample,
    onLoad: (change) => cluster.tell(change),
  });
  monitor.begin();
  const close = cluster.close.bind(cluster);
  const machines: OpenMachines = Object.assign(cluster, {
    begun: (turn: Turn) => cluster.begin(siteOf(turn)),
    noted: (key: string, value: string | null) => {
      if (networkOfKey(key) !== null && value === null) cluster.sweepNetworks();
    },
    close: () => {
      monitor.close();
      return close();
    },
  });
  return { machines, clock, epoch: cluster.epoch };
}

/** The state is that of the loop, which goes on. */
function standingIn({ leases }: StateView, id: LeaseId, run: OrderId): ReturnType<ReconcilePorts['standing']> {
  const lease = leases.get(id);
  if (lease === undefined) return 'over';
  if (lease.run !== run) return keepsDisks(lease.terms) && !lease.cancelled ? 'on-disk' : 'over';
  const { phase, pending, trouble, vmPhases } = lease;
  const isAtRest = (phase === 'active' || phase === 'suspended') && pending.length === 0 && trouble === null;
  return isAtRest && vmPhases === null ? 'at-rest' : 'under-way';
}

const NO_WISHES: MachineWishes = { network: null, sshKeys: [], userData: null, template: null };

function wishesOf(personal: Personal, terms: Terms): MachineWishes {
  const wishes = personal.machine(terms);
  if (wishes === 'erased') throw new VmError('what its user said of the VMs was erased with the key of the project');
  return wishes ?? NO_WISHES;
}

/** By its first turn one log is told from another: ids in it are random. */
function siteOf(first: Turn): string {
  return turnDigest(encodeTurn(first)).slice(0, 16);
}
