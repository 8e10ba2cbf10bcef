/**
 * A seeded run of the real loop in the simulated world: nodes are lost, orders fail or are slow, observations come late
 * or twice, and the scheduler dies between an append and what it orders. Then faults stop, and everything must end.
 */

import { writeFileSync } from 'node:fs';
import { MemoryStore } from '../../adapters/event-store/memory.js';
import { SimulatedCluster } from '../../adapters/simulated/cluster.js';
import { SeededFaults } from '../../adapters/simulated/faults.js';
import { SimulatedWorld } from '../../adapters/simulated/world.js';
import {
  type Cluster,
  decodeState,
  emptyState,
  encodeState,
  encodeTurn,
  type EventStore,
  foldTurn,
  forkState,
  type Lease,
  Random,
  run,
  type State,
  type Turn,
  type World,
} from '../../engine/index.js';
import { Approvals } from './approvals.js';
import { Broken, judgeDependencies, judgeExclusion, judgeTurn, Promises } from './judge.js';
import { Loads } from './loads.js';
import { judgeLabels } from './nodes.js';
import { judgePlacing } from './placing.js';
import { judgeStarts } from './roomy.js';
import { Service } from './service.js';
import { genesis, type Scenario, scenario } from './workload.js';

export interface SwarmResult {
  readonly turns: readonly Turn[];
  readonly state: State;
  readonly over: ReadonlyMap<string, Lease>;
  readonly crashes: number;
  readonly scenario: Scenario;
}

class Crash extends Error {}

/**
 * Runs one seed to its end. Throws Broken, or whatever the loop throws, when anything is not as it must be. Up to `lateMs`
 * after something is due nobody may be there to plan.
 */
export async function swarm(seed: number, faulty = true, plan = scenario(seed), lateMs = 0): Promise<SwarmResult> {
  const random = new Random(seed ^ 0x5eed);
  const faults = new SeededFaults({
    seed,
    until: plan.end,
    failedPerMille: random.below(60),
    slowPerMille: random.below(150),
    slowMsMax: 300_000,
    latePerMille: random.below(100),
    twicePerMille: random.below(100),
    lateMsMax: 600_000,
    lossEveryMs: random.chance(1, 2) ? 3_600_000 : null,
    lossMsMax: 1_800_000,
  });
  const sharedImages = plan.policy.migration === 'no-transfer';
  const cluster = new SimulatedCluster({
    sharedImages,
    ...(faulty ? { faults } : {}),
    ...(plan.loads ? { loadOf: 0 } : {}),
  });
  let index = 0;
  const arrivals = { next: () => plan.arrivals[index++] ?? null };
  const world = tardy(new SimulatedWorld({ genesis: genesis(plan), arrivals, cluster }), lateMs, seed);
  const store = new MemoryStore();
  const judge = new Judge(lateMs);
  const crashes = faulty ? random.below(4) : 0;

  try {
    const result = await live(plan, store, judge, { cluster, world, crashes, random });
    if (!faulty && judge.adopted === 0) judgeExclusion(plan.policy, result.over.values());
    judgeDependencies(result.over);
    return result;
  } catch (error) {
    const log = process.env.LEASEHOLD_SWARM_LOG;
    if (log !== undefined) {
      const lines: string[] = [];
      for await (const turn of store.read(0)) lines.push(encodeTurn(turn));
      writeFileSync(log, `${lines.join('\n')}\n`);
    }
    throw error;
  }
}

/** The world, whose clock rings late at times. */
function tardy(world: World, lateMs: number, seed: number): World {
  const random = new Random(seed ^ 0x1a7e);
  const late = (wakeup: number) => (lateMs > 0 && random.chance(1, 3) ? wakeup + random.below(lateMs) : wakeup);
  return {
    next: (wakeup) => world.next(wakeup === null ? null : late(wakeup)),
    answer: (answers) => world.answer(answers),
  };
}

interface Lives {
  readonly cluster: SimulatedCluster;
  readonly world: World;
  readonly crashes: number;
  readonly random: Random;
}

async function live(plan: Scenario, store: EventStore, judge: Judge, lives: Lives): Promise<SwarmResult> {
  const { cluster, world, crashes, random } = lives;
  // The scheduler lives, dies and is rebuilt from the log, or from a snapshot and the rest of it.
  let state = emptyState();
  for (let life = 0; ; life++) {
    const death = life < crashes ? 1 + random.below(40) : Number.POSITIVE_INFINITY;
    try {
      state = await run(state, {
        store: judge.watching(store, () => state, death),
        cluster: judge.mortal(cluster),
        world,
      });
      break;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      state = await rebuilt(store, random);
    }
  }
  const turns: Turn[] = [];
  for await (const turn of store.read(0)) turns.push(turn);
  const { leasesOnNodes } = cluster.machines;
  if (leasesOnNodes.length > 0) throw new Broken(`VMs that run for nobody: ${leasesOnNodes.join(', ')}`);
  if (state.leases.size > 0)
    throw new Broken(
      `leases that never end: ${state.leases
        .values()
        .map((lease) => lease.id)
        .join(', ')}`,
    );
  return { turns, state, over: judge.over, crashes, scenario: plan };
}

/** The state from the log alone; half of it goes through a snapshot, and at times through a fork, which leaves what it is of. */
async function rebuilt(store: EventStore, random: Random): Promise<State> {
  let state = emptyState();
  const { revision } = await store.head();
  const half = random.below(revision + 1);
  let left: State | null = null;
  let text = '';
  for await (const turn of store.read(0)) {
    state = foldTurn(state, turn);
    if (turn.number !== half) continue;
    text = encodeState(state);
    state = decodeState(text);
    if (half % 2 === 0) continue;
    left = state;
    state = forkState(left);
  }
  if (left !== null && encodeState(left) !== text) throw new Broken('a fork that goes on changes nothing of the state');
  return state;
}

class Judge {
  readonly over = new Map<string, Lease>();
  /** When a policy was adopted last. */
  adopted = 0;
  private readonly promises: Promises;
  private readonly service = new Service();
  private readonly loads = new Loads();
  private readonly approvals = new Approvals();
  private dying = false;

  constructor(lateMs: number) {
    this.promises = new Promises(lateMs);
  }

  /** The store, with a judge at each append, and a death after some of them. */
  watching(store: EventStore, stateNow: () => State, death: number): EventStore {
    let left = death;
    this.dying = false;
    return {
      append: async (turn, expected, epoch) => {
        const appended = await store.append(turn, expected, epoch);
        const state = stateNow();
        if (turn.inputs.some(({ type }) => type === 'PolicyAdopted')) this.adopted = turn.now;
        judgeTurn(state, turn, this.adopted);
        this.promises.watch(turn);
        this.service.watch(state, turn);
        this.loads.watch(state, turn);
        this.approvals.watch(state, turn);
        judgePlacing(state, turn);
        judgeStarts(state, turn);
        judgeLabels(state);
        for (const lease of state.over) {
          if (this.over.has(lease.id)) throw new Broken(`lease ${lease.id} ended twice`);
          this.over.set(lease.id, lease);
        }
        if (--left <= 0) this.dying = true;
        return appended;
      },
      read: (after) => store.read(after),
      head: () => store.head(),
      subscribe: (after) => store.subscribe(after),
      saveSnapshot: (snapshot) => store.saveSnapshot(snapshot),
      latestSnapshot: () => store.latestSnapshot(),
      close: () => store.close(),
    };
  }

  /** The cluster, which a dying scheduler no longer reaches. */
  mortal(cluster: Cluster): Cluster {
    return {
      enact: (order) => {
        if (this.dying) throw new Crash();
        cluster.enact(order);
      },
      survey: () => cluster.survey(),
    };
  }
}
