/**
 * Who makes room, against a search through all sets of up to eight leases: one where one suffices, and the cheapest of
 * those; nobody in vain; and room is made wherever it can be.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evolve, expand, type Lease, type Policy, type State, type Terms } from '../../engine/index.js';
import { Draft } from '../../engine/schedule/draft.js';
import { fitAt } from '../../engine/schedule/place.js';
import { preemptFor } from '../../engine/schedule/preempt.js';
import { type Occupant, occupied } from '../support/occupied.js';
import { MINUTE, nodes } from '../support/play.js';

/** Two nodes of four cpus and two of two, memory enough: only cpus are short. */
const CPUS = [4, 4, 2, 2];
const SITE = [nodes(2, 4, 65536), nodes(2, 2, 65536)];

/** One-cpu VMs of leases that run since `from` or hold a reservation, on concrete nodes. */
const occupants = fc
  .array(
    fc.record({
      node: fc.nat(3),
      vms: fc.integer({ min: 1, max: 4 }),
      memory: fc.constantFrom(256, 1024, 8192),
      from: fc.integer({ min: -90, max: 60 }),
      length: fc.integer({ min: 91, max: 240 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((asked) => {
    const taken = CPUS.map(() => 0);
    return asked.flatMap(({ node, vms, memory, from, length }): Occupant[] => {
      if (taken[node]! + vms > CPUS[node]!) return []; // reservations count, too: nobody is there twice
      taken[node]! += vms;
      const span = { vms: [[vms, 1, memory] as const], from, until: from + length };
      return [
        from > 0
          ? { ...span, pools: [node, vms] }
          : {
              ...span,
              nodes: Array(vms)
                .fill([node + 1, node + 1])
                .flat(),
            },
      ];
    });
  });

const arrivals = fc.record({
  vms: fc.integer({ min: 1, max: 6 }),
  cpus: fc.integer({ min: 1, max: 3 }),
  at: fc.integer({ min: 1, max: 90 }),
  minutes: fc.integer({ min: 1, max: 120 }),
});
type Arriving = typeof arrivals extends fc.Arbitrary<infer T> ? T : never;

const SUSPENSIONS = ['none', 'all'] as const;

test.each(SUSPENSIONS)('least-cost victims, suspension %s', (suspension) => {
  fc.assert(
    fc.property(occupants, arrivals, (leases, asked) => {
      const state = running(leases, { suspension, victimOrder: 'least-cost@1', victimChoice: 'fewest' });
      const arriving = arrive(state, asked);
      const candidates = inTheWay(state, arriving, asked);
      const enough = subsets(candidates).filter((set) => fits(state, asked, set));
      const victims = chosen(state, arriving, asked);
      if (enough.length === 0 || enough[0]!.length === 0) {
        expect(victims).toEqual(enough[0] ?? null);
        return;
      }
      expect(fits(state, asked, victims!)).toBe(true);
      for (const one of victims!)
        expect(
          fits(
            state,
            asked,
            victims!.filter((other) => other !== one),
          ),
        ).toBe(false);
      const alone = enough.filter((set) => set.length === 1).map(([lease]) => lease!);
      if (alone.length === 0) return;
      expect(victims).toHaveLength(1);
      const cost = (lease: Lease) => costOf(lease, asked.at * MINUTE, state.policy);
      expect(cost(victims![0]!)).toBe(Math.min(...alone.map(cost)));
    }),
    { numRuns: 1000 },
  );
});

test.each(['oldest-first@1', 'youngest-first@1'])(
  '%s, in order: the shortest beginning of the order that suffices',
  (victimOrder) => {
    fc.assert(
      fc.property(occupants, arrivals, (leases, asked) => {
        const state = running(leases, { suspension: 'none', victimOrder, victimChoice: 'in-order' });
        const arriving = arrive(state, asked);
        const inOrder = inTheWay(state, arriving, asked);
        if (victimOrder === 'youngest-first@1') inOrder.reverse();
        const counts = [0, ...inOrder.map((_, i) => i + 1)];
        const count = counts.find((first) => fits(state, asked, inOrder.slice(0, first)));
        const victims = chosen(state, arriving, asked)?.map(({ id }) => id);
        expect(victims).toEqual(count === undefined ? undefined : inOrder.slice(0, count).map(({ id }) => id));
      }),
      { numRuns: 500 },
    );
  },
);

/** The leases run: their clocks have begun when they did. */
function running(leases: readonly Occupant[], policy: Partial<Policy>): State {
  const state = occupied(SITE, leases, { suspendThreshold: 0, suspendExclusionAcross: false, ...policy });
  for (const [i, { nodes: on, from }] of leases.entries())
    if (on !== undefined)
      evolve(state, { type: 'VmsStarted', at: from * MINUTE, lease: `${i + 1}`, order: `${i + 1}.0`, vms: null }, 0);
  return state;
}

function arrive(state: State, { vms, cpus, at, minutes }: Arriving): Lease {
  const terms: Terms = {
    groups: [{ name: null, vms, demand: [cpus * 1000, 0], image: null }],
    duration: minutes * MINUTE,
    start: { kind: 'advance', at: at * MINUTE },
    preemptible: false,
    where: null,
    name: null,
    user: null,
    project: null,
    labels: null,
  };
  evolve(state, { type: 'LeaseRequested', lease: 'R', terms, key: null }, 0);
  return state.leases.get('R')!;
}

/** Whom the scheduler chooses, which is nobody where there is room; null: it would not help. */
function chosen(state: State, lease: Lease, { at }: Arriving): Lease[] | null {
  const draft = Draft.of(state, 0);
  try {
    if (fitAt(draft, lease, at * MINUTE) !== null) return [];
    if (preemptFor(draft, lease, at * MINUTE) === null) return null;
    const ids = draft.decisions.flatMap((one) => ('lease' in one && 'reasons' in one ? [one.lease] : []));
    return ids.map((id) => state.leases.get(id)!);
  } finally {
    draft.finish();
  }
}

/** Leases that hold something in the time asked for, oldest first. */
function inTheWay(state: State, arriving: Lease, { at, minutes }: Arriving): Lease[] {
  const [from, until] = [at * MINUTE, (at + minutes) * MINUTE];
  const all = [...state.leases.values()].filter((lease) => lease !== arriving);
  return all.filter((lease) => lease.from < until && lease.until > from).sort((a, b) => a.sequence - b.sequence);
}

function subsets<T>(of: readonly T[]): T[][] {
  return Array.from({ length: 2 ** of.length }, (_, bits) => of.filter((_, i) => (bits >> i) & 1));
}

/** Whether the VMs asked for, which are all alike, have room beside everybody but `gone`. */
function fits(state: State, { vms, cpus, at, minutes }: Arriving, gone: readonly Lease[]): boolean {
  const [from, until] = [at * MINUTE, (at + minutes) * MINUTE];
  let room = 0;
  for (const [pool, capacity] of CPUS.entries()) {
    const there = [...state.leases.values()].filter((lease) => !gone.includes(lease) && lease.id !== 'R');
    const usedAt = (instant: number) =>
      there
        .filter((lease) => lease.from <= instant && instant < lease.until)
        .flatMap((lease) => lease.loads!.filter((load) => load.pool === pool))
        .reduce((sum, load) => sum + load.amounts[0]! / 1000, 0);
    const begins = there.map((lease) => lease.from).filter((instant) => instant > from && instant < until);
    room += Math.floor((capacity - Math.max(...[from, ...begins].map(usedAt))) / cpus);
  }
  return room >= vms;
}

/** What it loses in VM-milliseconds: nothing if it does not run yet, its work, or the time to save it and to bring it back. */
function costOf(lease: Lease, at: number, policy: Policy): number {
  if (lease.pools !== null) return -1;
  if (policy.suspension === 'none') return lease.vms * (at - lease.clockFrom!);
  expect(new Set(expand(lease.nodes!)).size).toBe(1); // all on one node: one after another
  const each = (rate: number) => Math.ceil((lease.terms.groups[0]!.demand[1]! * 1000) / rate);
  const saved = lease.vms * each(policy.suspendRate);
  // What cannot be saved in time any more is stopped, and loses its work.
  if (at - saved < 0) return lease.vms * (at - lease.clockFrom!);
  return lease.vms * (saved + lease.vms * each(policy.resumeRate));
}
