/** Users with priorities, quotas and prices, for some of the seeds; and what must hold of them after every turn. */

import type { Arrival } from '../../adapters/simulated/world.js';
import {
  type Capacity,
  type Lease,
  type Policy,
  type Pricing,
  type Quota,
  Random,
  type State,
  type Terms,
  type Turn,
} from '../../engine/index.js';
import { Broken } from './judge.js';

const HOUR = 3_600_000;
/** So long that nothing decays. */
const AGES = 500 * 366 * 24 * HOUR;

/** The policy with knobs of service drawn, from a random source of its own: all other draws stay as they are. */
export function servicePolicy(seed: number, policy: Policy): Policy {
  const random = new Random(seed ^ 0x5e41ce);
  const queueOrder = random.pick(['arrival', 'priority', 'priority', 'priority'] as const);
  const byPriority = queueOrder === 'priority';
  const quota = (): Quota | null =>
    random.chance(1, 2)
      ? null
      : {
          leases: random.pick([null, 3, 6]),
          vms: random.pick([null, 5, 20]),
          cpu: random.pick([null, 4_000]),
          advance: random.pick([null, 0, 2]),
        };
  const pricings: readonly Pricing[] = [
    { kind: 'free' },
    { kind: 'constant', rate: 400_000 },
    { kind: 'random', min: 0, max: 900_000, seed },
    { kind: 'maximum' },
    { kind: 'adaptive', rate: 300_000 },
  ];
  const admission = random.pick(['accept-all@1', 'accept-all@1', 'no-advance@1'] as const);
  return {
    ...policy,
    queueOrder,
    priorityWeight: random.pick([0, 1, 1, 100]),
    ageWeight: byPriority ? random.pick([0, 0, 1, 50]) : 0,
    ageMax: random.pick([HOUR, 24 * HOUR]),
    fairShare:
      byPriority && random.chance(1, 2)
        ? {
            by: random.pick(['user', 'project'] as const),
            halfLife: random.pick([60_000, HOUR, 24 * HOUR, AGES]),
            weight: random.pick([1, 1000]),
            shares: random.chance(1, 2) ? {} : { a: 3, b: 1 },
          }
        : null,
    victimOrder: random.chance(1, 2) ? 'lowest-priority@1' : policy.victimOrder,
    admission,
    minimumNotice: admission === 'accept-all@1' ? random.pick([0, 0, HOUR / 4]) : 0,
    quotas: { user: quota(), project: quota() },
    pricing: random.pick(pricings),
  };
}

/** The leases with users, priorities and what they pay. */
export function serviceArrivals(seed: number, arrivals: readonly Arrival[]): Arrival[] {
  const random = new Random(seed ^ 0xa66);
  return arrivals.map((arrival): Arrival => {
    const { command } = arrival;
    if (command.type !== 'SubmitLease') return arrival;
    const terms: Terms = {
      ...command.terms,
      user: random.pick([null, 'a', 'b', 'c']),
      project: random.pick([null, 'a', 'p']),
      ...(random.chance(1, 2) ? { priority: random.pick([0, 1, 1, 500, 1000]) } : {}),
      ...(random.chance(2, 3) ? { maxRate: random.below(1_000_000) } : {}),
    };
    return { ...arrival, command: { ...command, terms } };
  });
}

function must(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Broken(rule);
}

/** Keeps an eye on what users have, use and pay. */
export class Service {
  private readonly ended: Lease[] = [];
  /** What accounts had of what is limited when a policy was adopted, by limit and account: nothing is taken away. */
  private had = new Map<string, number>();
  private adoptedLater = false;

  watch(state: State, turn: Turn): void {
    this.ended.push(...state.over);
    if (turn.number > 1 && turn.inputs.some(({ type }) => type === 'PolicyAdopted')) {
      this.adoptedLater = true;
      this.had = new Map(figuresOf(state).map(({ account, limit, has }) => [`${limit} ${account}`, has]));
    }
    this.judgePrices(state, turn);
    for (const { account, limit, has, most } of figuresOf(state))
      must(
        has <= Math.max(most, this.had.get(`${limit} ${account}`) ?? 0),
        `${account} keeps within the quota of ${limit}`,
      );
    if (!this.adoptedLater) this.judgeUsage(state); // it may have been counted from then on
    for (const lease of state.leases.values())
      must(lease.offer?.accepted !== false, `lease ${lease.id}, whose user declined, is refused`);
    const prioritised = state.leases.values().filter((lease) => (lease.terms.priority ?? 0) > 0).length;
    must(state.prioritised === prioritised, 'leases with a priority are counted');
  }

  /** Nobody pays more than he said. */
  private judgePrices(state: State, turn: Turn): void {
    for (const decision of turn.decisions) {
      if (decision.type !== 'Priced') continue;
      const lease = state.leases.get(decision.lease) ?? this.ended.find(({ id }) => id === decision.lease)!;
      const { maxRate, duration, groups } = lease.terms;
      const vms = groups.reduce((sum, group) => sum + group.vms, 0);
      const worth = maxRate === undefined ? Number.POSITIVE_INFINITY : (vms * duration * maxRate) / HOUR;
      must(decision.price >= decision.surcharge, 'the surcharge is a part of the price');
      must(!decision.accepted || decision.price <= worth, `lease ${decision.lease} costs no more than is paid`);
      must(decision.accepted || decision.price > Math.floor(worth), 'who can pay does not decline');
    }
  }

  /** Where nothing decays, accounts have used what their leases ran, and nothing is lost or counted twice. */
  private judgeUsage(state: State): void {
    const { fairShare } = state.policy;
    if (fairShare?.halfLife !== AGES) return;
    const cpu = state.resources.findIndex(({ name }) => name === 'cpu');
    let ran = 0;
    for (const lease of this.ended) {
      const cpus = (demands?: readonly Capacity[]) =>
        lease.terms.groups.reduce((sum, { vms, demand }, g) => sum + vms * (demands?.[g] ?? demand)[cpu]!, 0);
      const runs = lease.spans.filter(({ kind }) => kind === 'run');
      const timeOf = (spans: typeof runs) => spans.reduce((sum, { from, until }) => sum + until! - from, 0);
      // Those with VMs of another size each by itself.
      ran += Math.floor((timeOf(runs.filter(({ demands }) => demands === undefined)) * cpus()) / 1000);
      for (const run of runs)
        if (run.demands !== undefined) ran += Math.floor((timeOf([run]) * cpus(run.demands)) / 1000);
    }
    const used = [...state.usage.values()].reduce((sum, usage) => sum + usage, 0);
    must(used === ran, `accounts used what their leases ran: ${used}, ${ran}`);
  }
}

interface Figure {
  readonly account: string;
  readonly limit: string;
  readonly has: number;
  readonly most: number;
}

/** What every account has of what is limited, over all leases that are not over. */
function figuresOf(state: State): Figure[] {
  const cpu = state.resources.findIndex(({ name }) => name === 'cpu');
  const figures: Figure[] = [];
  for (const kind of ['user', 'project'] as const) {
    const quota = state.policy.quotas[kind];
    if (quota === null) continue;
    const had = new Map<string, Record<keyof Quota, number>>();
    for (const { terms, vms } of state.leases.values()) {
      const account = terms[kind];
      if (account === null) continue;
      const sum = had.get(account) ?? { leases: 0, vms: 0, cpu: 0, advance: 0 };
      had.set(account, sum);
      sum.leases++;
      sum.vms += vms;
      sum.cpu += terms.groups.reduce((all, group) => all + group.vms * group.demand[cpu]!, 0);
      if (terms.start.kind === 'advance') sum.advance++;
    }
    for (const [account, sum] of had)
      for (const limit of ['leases', 'vms', 'cpu', 'advance'] as const)
        figures.push({
          account: `${kind} ${account}`,
          limit,
          has: sum[limit],
          most: quota[limit] ?? Number.POSITIVE_INFINITY,
        });
  }
  return figures;
}
