/** The loop's thread: it chooses the store, the world and the cluster, and runs the loop. It never serves reads. */

import { parentPort, workerData } from 'node:worker_threads';
import { merge, Observable, Subject } from 'rxjs';
import { scaledClock, wallClock } from '../adapters/live/clock.js';
import { LiveWorld } from '../adapters/live/world.js';
import { LiveSimulatedCluster } from '../adapters/simulated/live-cluster.js';
import type { Observation, StateView, Turn } from '../engine/index.js';
import { endingOf } from './exit-codes.js';
import { type Found, Loop, type LoopPorts } from './loop.js';
import type { FromLoop, LoopSettings, ToLoop } from './loop-messages.js';
import { openStore } from './store.js';

async function main(settings: LoopSettings, tell: (message: FromLoop) => void): Promise<void> {
  const store = await openStore(settings.store);
  let cluster: LiveSimulatedCluster | null = null;
  try {
    const loop = new Loop(settings, store, tell, async (found) => {
      const ports = await portsFor(settings, found);
      cluster = ports.cluster;
      return ports;
    });
    const told = new Promise<ToLoop>((resolve) => {
      parentPort!.on('message', (message: ToLoop) => {
        loop.receive(message);
        resolve(message);
      });
    });
    tell({ type: 'opened' });
    const first = await told;
    if (first.type === 'go') await loop.run(first.kept);
  } finally {
    await (cluster as LiveSimulatedCluster | null)?.close();
    await store.close();
  }
}

type Ports = LoopPorts & { readonly cluster: LiveSimulatedCluster };

/** The cluster with the nodes that the log has seen, and a world whose time goes on from the last turn. */
async function portsFor(settings: LoopSettings, { state, nodes }: Found): Promise<Ports> {
  const { timeScale, journalPath } = settings;
  const from = Math.max(Date.now(), state.now);
  const clock = timeScale === 1 && from > state.now ? wallClock : scaledClock(timeScale, from);
  const isKnown = (lease: string) => state.leases.has(lease);
  const sharedImages = (state.turn === 0 ? settings.genesis.policy : state.policy).migration === 'no-transfer';
  const cluster = await LiveSimulatedCluster.open({ path: journalPath, clock, nodes, isKnown, sharedImages });
  const told = new Observable<Observation>((listener) => cluster.listen(listener));
  const surveyed = new Subject<Observation>();
  const world = new LiveWorld({ observations: merge(told, surveyed), clock, from: state.now });
  for (const [node, status] of state.nodeStatus) if (status === 'gone') cluster.removeNode(node);
  for (const observation of await cluster.survey()) if (isNews(state, observation)) surveyed.next(observation);
  return { cluster, world, now: () => clock.now(), onTurn: (turn) => tellOfNodes(cluster, turn) };
}

/** A survey tells all that is true; most of it is in the log already. */
function isNews(state: StateView, observation: Observation): boolean {
  if (observation.type === 'NodeLoadObserved')
    return (state.loads.get(observation.node) ?? 'unknown') !== observation.load;
  if (!('lease' in observation)) return (state.nodeStatus.get(observation.node) ?? 'up') === 'up';
  const lease = state.leases.get(observation.lease);
  if (observation.type === 'LeaseEnded') return lease?.run === observation.order;
  return lease?.pending.some(({ decision }) => decision.order === observation.order) === true;
}

/** Nodes are added and removed by command: the simulated cluster learns of it from the log. */
function tellOfNodes(cluster: LiveSimulatedCluster, turn: Turn): void {
  for (const input of turn.inputs) {
    if (input.type === 'NodesAdded') cluster.addNodes(input.nodes);
    else if (input.type === 'NodeRemoved') cluster.removeNode(input.node);
  }
}

const EXIT_BUG = 70;
const tell = (message: FromLoop): void => parentPort!.postMessage(message);

// The last message ends the thread from the outside: by itself it might be gone before the message is.
main(workerData as LoopSettings, tell).then(
  () => tell({ type: 'ended' }),
  (error: unknown) => {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    const { exitCode, hint } = endingOf(error) ?? { exitCode: EXIT_BUG, hint: '' };
    tell({ type: 'failed', exitCode, message, hint, stack });
  },
);
