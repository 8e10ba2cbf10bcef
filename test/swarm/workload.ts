/** Random sites, policies and workloads: small, dense and spiteful. The same seed gives the same. */

import type { Arrival } from '../../adapters/simulated/world.js';
import {
  type Backfilling,
  type Command,
  NODE_CHOICES,
  type NodeClass,
  POLICY_DEFAULT,
  type Policy,
  Random,
  type ResourceType,
  type Start,
  type Terms,
} from '../../engine/index.js';
import { type Crowd, crowd } from './crowd.js';
import { loadArrivals, loadPolicy, reportsLoads } from './loads.js';
import { serviceArrivals, servicePolicy } from './service.js';
import { withWishes } from './wishes.js';

export interface Scenario {
  readonly policy: Policy;
  readonly resources: readonly ResourceType[];
  readonly classes: readonly NodeClass[];
  readonly arrivals: readonly Arrival[];
  /** Whether nodes report how much of their cpu, the first resource, is in use. */
  readonly loads: boolean;
  /** When the last arrival arrives. */
  readonly end: number;
}

const MINUTE = 60_000;
/** Where nodes report their load, loads.ts draws the others. */
const BLIND_CHOICES = NODE_CHOICES.filter((choice) => choice !== 'by-load@1');

export function scenario(seed: number): Scenario {
  const random = new Random(seed);
  const resources: ResourceType[] = [
    { name: 'cpu', kind: 'amount' },
    { name: 'memory', kind: 'amount' },
    ...(random.chance(1, 4) ? [{ name: 'gpu', kind: 'units' } as const] : []),
  ];
  const plain = randomPolicy(random);
  const classes = randomClasses(random, resources);
  const usual: Crowd = { policy: plain, resources, classes, arrivals: randomArrivals(random, resources, classes) };
  // Every other seed is as it was before there were crowds: some of them once found a mistake.
  const drawn = seed % 2 === 1 ? crowd(seed, plain) : usual;
  // So it is with wishes, and with priorities, quotas and prices, but with other halves.
  const wished = seed % 4 === 0 || seed % 4 === 3 ? withWishes(seed, drawn.arrivals) : drawn.arrivals;
  const served = seed % 8 >= 4 && seed % 8 !== 5;
  const policy = served ? servicePolicy(seed, drawn.policy) : drawn.policy;
  const arrivals = served ? serviceArrivals(seed, wished) : wished;
  const loads = reportsLoads(seed);
  return {
    ...drawn,
    policy: loads ? loadPolicy(seed, policy) : policy,
    arrivals: loads ? loadArrivals(seed, arrivals) : arrivals,
    loads,
    end: arrivals.at(-1)?.at ?? 0,
  };
}

export function genesis({ policy, resources, classes }: Scenario): Command[] {
  return [
    { type: 'ClaimEpoch', epoch: 1 },
    { type: 'AdoptPolicy', policy },
    { type: 'DeclareSite', resources },
    ...classes.map(({ first: _, ...nodes }): Command => ({ type: 'AddNodes', nodes })),
  ];
}

function randomPolicy(random: Random): Policy {
  const backfilling: readonly Backfilling[] = [
    { kind: 'none' },
    { kind: 'easy' },
    { kind: 'intermediate', depth: 1 + random.below(3) },
    { kind: 'conservative' },
    { kind: 'sticky', depth: random.pick([0, 1, 1, 2, null]) },
    { kind: 'sticky', depth: random.pick([1, 3, null]) },
  ];
  const estimates = random.pick(['exact', 'exact', 'haizea'] as const);
  return {
    ...POLICY_DEFAULT,
    backfilling: random.pick(backfilling),
    preemptors: random.pick([
      [],
      ['advance'],
      ['immediate'],
      ['advance', 'immediate', 'deadline'],
      ['deadline'],
    ] as const),
    victimOrder: random.pick(['least-cost@1', 'oldest-first@1', 'youngest-first@1'] as const),
    victimChoice: random.pick(['fewest', 'fewest', 'in-order'] as const),
    victimAgeMax: random.pick([null, null, 60 * MINUTE]),
    suspension: random.pick(['none', 'all', 'all', 'all', 'serial-only'] as const),
    suspendTime: random.pick([null, null, null, 20_000]),
    resumeTime: random.pick([null, null, null, 30_000, 0]),
    suspendExclusionAcross: estimates === 'exact' && random.chance(3, 4),
    estimates,
    suspendAhead: random.chance(3, 4),
    suspendThreshold: random.pick([null, null, 5 * MINUTE]),
    suspendThresholdFactor: random.pick([0, 1000, 3000]),
    enactmentOverhead: random.pick([0, 0, 2_000]),
    shutdownTime: random.pick([0, 0, 10_000]),
    wholeSeconds: random.chance(1, 3),
    packing: random.pick(['search', 'search', 'next-fit'] as const),
    suspendRate: 8 + random.below(64),
    resumeRate: 8 + random.below(64),
    suspendExclusion: random.pick(['local', 'global'] as const),
    migration: random.pick(['no', 'no-transfer', 'yes', 'yes'] as const),
    migrationRate: random.pick([100, 1000]),
    preparation: random.pick(['none', 'none', 'transfer'] as const),
    imageRate: random.pick([20, 100]),
    imageTransferTime: random.pick([null, null, 90_000]),
    imageTransfer: random.pick(['unicast', 'multicast'] as const),
    imagePiggyback: random.chance(1, 2),
    imageReuse: random.pick(['none', 'cache'] as const),
    imageCacheMax: random.pick([null, 0, 1500]),
    nodeChoice: random.pick([...BLIND_CHOICES, 'greedy@1', 'greedy@1', 'first@1']),
    orderTimeout: random.pick([null, 2 * MINUTE]),
    candidatesMax: random.pick([null, null, 2]),
  };
}

function randomClasses(random: Random, resources: readonly ResourceType[]): NodeClass[] {
  const classes: NodeClass[] = [];
  let first = 1;
  const kinds = 1 + random.below(3);
  for (let k = 0; k < kinds; k++) {
    const count = 1 + random.below(4);
    const gpus = random.chance(1, 2) ? 2 : 0;
    classes.push({
      first,
      count,
      capacity: resources.map(({ name }) =>
        name === 'cpu' ? 1000 * (1 + random.below(4)) : name === 'memory' ? 1024 * (1 + random.below(4)) : gpus,
      ),
      exclusive: random.chance(1, 3),
      labels: random.chance(1, 3) ? { zone: random.pick(['a', 'b']) } : {},
      names: null,
      units: resources.length > 2 && gpus > 0 ? { gpu: ['gpu0', 'gpu1'] } : resources.length > 2 ? { gpu: [] } : {},
    });
    first += count;
  }
  return classes;
}

function randomArrivals(random: Random, resources: readonly ResourceType[], classes: readonly NodeClass[]): Arrival[] {
  const nodes = classes.reduce((sum, one) => sum + one.count, 0);
  const arrivals: Arrival[] = [];
  let now = 0;
  const count = 5 + random.below(40);
  for (let i = 1; i <= count; i++) {
    if (random.chance(2, 3)) now += random.below(10) * MINUTE;
    const roll = random.below(20);
    if (roll === 0 && i > 1)
      arrivals.push({ at: now, run: null, command: { type: 'CancelLease', lease: `${1 + random.below(i)}` } });
    else if (roll === 1) {
      const type = random.pick(['DrainNode', 'RestoreNode', 'RestoreNode', 'RemoveNode'] as const);
      arrivals.push({ at: now, run: null, command: { type, node: 1 + random.below(nodes) } });
    } else arrivals.push(randomLease(random, `${i}`, now, resources, nodes));
  }
  // Whatever was drained comes back, so that everything can end.
  for (let node = 1; node <= nodes; node++)
    arrivals.push({ at: now + 1, run: null, command: { type: 'RestoreNode', node } });
  return arrivals;
}

function randomLease(
  random: Random,
  id: string,
  now: number,
  resources: readonly ResourceType[],
  nodes: number,
): Arrival {
  const duration = (1 + random.below(60)) * MINUTE;
  const notBefore = now + random.below(60) * MINUTE;
  const starts: readonly Start[] = [
    { kind: 'best-effort', before: random.chance(1, 8) ? now + 1 + random.below(60) * MINUTE : null },
    { kind: 'best-effort', before: null },
    { kind: 'best-effort', before: null },
    { kind: 'advance', at: now + random.below(90) * MINUTE },
    { kind: 'immediate' },
    { kind: 'deadline', notBefore, by: notBefore + duration + random.below(180) * MINUTE },
  ];
  const groups = random.chance(1, 4) ? 2 : 1;
  const terms: Terms = {
    groups: Array.from({ length: groups }, () => ({
      name: null,
      vms: 1 + random.below(Math.max(1, nodes)),
      demand: resources.map(({ name }) =>
        name === 'cpu'
          ? 250 * (1 + random.below(5))
          : name === 'memory'
            ? 128 * (1 + random.below(8))
            : random.below(2),
      ),
      image: random.pick([null, 'a', 'b', 'c']),
    })),
    duration,
    imageSize: 100 * (1 + random.below(10)),
    start: random.pick(starts),
    preemptible: random.chance(3, 4),
    where: random.chance(1, 10) ? { labels: { zone: 'a' }, requirements: null, rank: null } : null,
    name: null,
    user: null,
    project: null,
    labels: null,
  };
  const run = random.chance(1, 3) ? duration : 1 + random.below(duration);
  return {
    at: now,
    run: random.chance(1, 10) ? null : run,
    command: { type: 'SubmitLease', lease: id, terms, key: null },
  };
}
