/**
 * Crowded sites, for some of the seeds: a few nodes that are wanted by more than they can hold, so that many make room
 * for others, under all combinations of knobs in turn.
 */

import type { Arrival } from '../../adapters/simulated/world.js';
import { type NodeClass, type Policy, Random, type ResourceType, type Start, type Terms } from '../../engine/index.js';
import { AXES } from './coverage.js';

const MINUTE = 60_000;
const RESOURCES: readonly ResourceType[] = [
  { name: 'cpu', kind: 'amount' },
  { name: 'memory', kind: 'amount' },
];

export interface Crowd {
  readonly policy: Policy;
  readonly resources: readonly ResourceType[];
  readonly classes: readonly NodeClass[];
  readonly arrivals: readonly Arrival[];
}

/** The crowd of this seed, with other knobs as in `policy`. Each eighth of the seeds goes through all combinations. */
export function crowd(seed: number, policy: Policy): Crowd {
  const random = new Random(seed ^ 0xc40d);
  const classes = randomClasses(random);
  return {
    policy: combined(random, Math.floor(seed / 8) + 23 * (seed % 8), policy),
    resources: RESOURCES,
    classes,
    arrivals: randomArrivals(random, classes.at(-1)!.first + classes.at(-1)!.count - 1),
  };
}

/** Backfilling, suspension, migration and preparation by the index, as in a number with a digit for each. */
function combined(random: Random, index: number, policy: Policy): Policy {
  let rest = index;
  const digit = <T>(values: readonly T[]): T => {
    const value = values[rest % values.length]!;
    rest = Math.floor(rest / values.length);
    return value;
  };
  const backfilling = digit(AXES.backfilling);
  return {
    ...policy,
    backfilling:
      backfilling === 'sticky'
        ? { kind: backfilling, depth: random.pick([1, 2, null]) }
        : backfilling === 'intermediate'
          ? { kind: backfilling, depth: 2 }
          : { kind: backfilling },
    suspension: digit(AXES.suspension),
    migration: digit(AXES.migration),
    preparation: digit(AXES.preparation),
    preemptors: ['advance', 'immediate', 'deadline'],
    imageRate: random.pick([20, 100, 100]),
    imageTransferTime: null,
    victimAgeMax: null,
    suspendThreshold: null,
    suspendThresholdFactor: random.pick([0, 1000]),
  };
}

function randomClasses(random: Random): NodeClass[] {
  const cores = 1 + random.below(2);
  const shape = { exclusive: random.chance(1, 6), names: null, units: {}, labels: {} };
  return [0, 1].map((i) => ({
    ...shape,
    first: 1 + 2 * i,
    count: 2,
    capacity: [1000 * (cores + i), 1024 * (cores + i)],
  }));
}

function randomArrivals(random: Random, nodes: number): Arrival[] {
  const arrivals: Arrival[] = [];
  let now = 0;
  for (let i = 1; i <= 48; i++) {
    now += random.below(6) * MINUTE;
    arrivals.push(randomLease(random, `${i}`, now, nodes));
    if (!random.chance(1, 8)) continue;
    const node = 1 + random.below(nodes);
    arrivals.push({ at: now, run: null, command: { type: 'DrainNode', node } });
    arrivals.push({ at: now + MINUTE, run: null, command: { type: 'RestoreNode', node } });
    now += MINUTE;
  }
  return arrivals;
}

function randomLease(random: Random, id: string, now: number, nodes: number): Arrival {
  const best = random.chance(3, 5);
  const duration = (best ? 30 + random.below(60) : 5 + random.below(10)) * MINUTE;
  const notBefore = now + random.below(20) * MINUTE;
  const starts: readonly Start[] = [
    { kind: 'advance', at: now + (5 + random.below(15)) * MINUTE },
    { kind: 'advance', at: now + (5 + random.below(15)) * MINUTE },
    { kind: 'immediate' },
    { kind: 'deadline', notBefore, by: notBefore + duration + random.below(8) * MINUTE },
  ];
  const terms: Terms = {
    groups: [
      {
        name: null,
        vms: randomVms(random, best ? nodes : 2),
        demand: [random.pick([500, 1000]), random.pick([256, 512, 1024])],
        image: random.pick([null, 'a', 'b']),
      },
    ],
    duration,
    imageSize: 100 * (1 + random.below(6)),
    start: best ? { kind: 'best-effort', before: random.chance(1, 8) ? now + 20 * MINUTE : null } : random.pick(starts),
    preemptible: random.chance(19, 20),
    where: null,
    name: null,
    user: null,
    project: null,
    labels: null,
  };
  return {
    at: now,
    run: random.chance(2, 3) ? duration : 1 + random.below(duration),
    command: { type: 'SubmitLease', lease: id, terms, key: null },
  };
}

/** Mostly one; a few leases ask for more than there is. */
function randomVms(random: Random, most: number): number {
  if (random.chance(1, 20)) return 30;
  return random.chance(3, 4) ? 1 : 1 + random.below(most);
}
