/** The machines that the loop commands: simulated ones in this process or in one of their own, or real ones. */

import { parseClusterAddress } from '../adapters/simulated/address.js';
import { LiveSimulatedCluster } from '../adapters/simulated/live-cluster.js';
import { RemoteCluster } from '../adapters/simulated/remote-cluster.js';
import { clockFrom } from '../adapters/live/clock.js';
import type { Observation, StateView, Turn } from '../engine/index.js';
import { ConfigError } from './config.js';
import { LIBVIRT } from './settings/table.js';
import { openLibvirt } from './libvirt-machines.js';
import type { Found } from './loop.js';
import type { LoopSettings } from './loop-messages.js';
import type { MachinesTell, Opened, OpenMachines } from './opened-machines.js';

/** With the nodes that the log has seen. */
export async function openMachines(settings: LoopSettings, found: Found, tell: MachinesTell): Promise<Opened> {
  if (settings.cluster === LIBVIRT) return openLibvirt(settings, found, tell);
  const { state, nodes } = found;
  const { timeScale, journalPath, cluster: address } = settings;
  const sharedImages = (state.turn === 0 ? settings.genesis.policy : state.policy).migration === 'no-transfer';
  const gone = [...state.nodeStatus].flatMap(([node, status]) => (status === 'gone' ? [node] : []));
  if (address === null) {
    const clock = clockFrom(timeScale, state.now);
    const isKnown = (lease: string) => state.leases.has(lease);
    const machines = await LiveSimulatedCluster.open({ path: journalPath, clock, nodes, isKnown, sharedImages });
    for (const node of gone) machines.removeNode(node);
    return { machines, clock, epoch: 0 };
  }
  const machines = await RemoteCluster.connect({
    address: parseClusterAddress(address),
    nodes,
    gone,
    sharedImages,
    now: state.now,
    isNews: (observation) => isNews(state, observation),
    onRefused: tell.onRefused,
  });
  const { welcome } = machines;
  if (welcome.timeScale !== timeScale) {
    await machines.close();
    throw new ConfigError(`the cluster runs with --time-scale ${welcome.timeScale}, this service with ${timeScale}`);
  }
  return {
    machines,
    clock: clockFrom(timeScale, Math.max(state.now, timeScale === 1 ? 0 : welcome.now)),
    epoch: welcome.epoch,
  };
}

/** A survey tells all that is true; most of it is in the log already. */
export function isNews(state: StateView, observation: Observation): boolean {
  if (observation.type === 'NodeLoadObserved')
    return (state.loads.get(observation.node) ?? 'unknown') !== observation.load;
  if (!('lease' in observation)) return (state.nodeStatus.get(observation.node) ?? 'up') === 'up';
  const lease = state.leases.get(observation.lease);
  if (observation.type === 'LeaseEnded') return lease?.run === observation.order;
  return lease?.pending.some(({ decision }) => decision.order === observation.order) === true;
}

/** Nodes are added and removed by command: the simulated cluster learns of it from the log. */
export function tellOfNodes(machines: OpenMachines, turn: Turn): void {
  if (turn.number === 1) machines.begun?.(turn);
  for (const input of turn.inputs) {
    if (input.type === 'NodesAdded') machines.addNodes(input.nodes);
    else if (input.type === 'NodeRemoved') machines.removeNode(input.node);
    else if (input.type === 'NoteKept') machines.noted?.(input.key, input.value);
    else if (input.type === 'NodeGivenUp') machines.giveUp?.(input.node);
  }
}
