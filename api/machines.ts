/** The machines that the loop commands: simulated ones in this process, or in one of their own. */

import { parseClusterAddress } from '../adapters/simulated/address.js';
import { LiveSimulatedCluster, type ClusterListener } from '../adapters/simulated/live-cluster.js';
import { RemoteCluster } from '../adapters/simulated/remote-cluster.js';
import { type Clock, clockFrom } from '../adapters/live/clock.js';
import type { Epoch, NodeClass, Observation, StateView, Turn } from '../engine/index.js';
import { ConfigError } from './config.js';
import type { Found } from './loop.js';
import type { LoopSettings } from './loop-messages.js';
import type { Machines } from './term.js';

export interface OpenMachines extends Machines {
  listen(listener: ClusterListener): () => void;
  addNodes(nodes: NodeClass): void;
  removeNode(node: number): void;
  close(): Promise<void>;
}

export interface Opened {
  readonly machines: OpenMachines;
  /** Theirs is the time. */
  readonly clock: Clock;
  /** The highest epoch that they have seen. */
  readonly epoch: Epoch;
}

/** With the nodes that the log has seen. `onRefused`: they have seen a later epoch than ours. */
export async function openMachines(
  settings: LoopSettings,
  { state, nodes }: Found,
  onRefused: (highest: Epoch) => void,
): Promise<Opened> {
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
    onRefused,
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
  for (const input of turn.inputs) {
    if (input.type === 'NodesAdded') machines.addNodes(input.nodes);
    else if (input.type === 'NodeRemoved') machines.removeNode(input.node);
  }
}
