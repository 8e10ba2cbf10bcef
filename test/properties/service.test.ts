/** Who comes first is a total order; usage is conserved; quotas and prices hold whatever is asked. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  costOf,
  decodeState,
  emptyState,
  encodeState,
  evolve,
  type FairShare,
  type Lease,
  POLICY_DEFAULT,
  type Policy,
  type Quota,
  type State,
} from '../../engine/index.js';
import { Draft } from '../../engine/schedule/draft.js';
import { fairShareFactors } from '../../engine/schedule/priority.js';
import { occupied } from '../support/occupied.js';
import { type Asked, MINUTE, nodes, play, termsOf } from '../support/play.js';

const HOUR = 60 * MINUTE;
/** Nothing decays within any of these workloads. */
const NEVER = 500 * 366 * 24 * HOUR;

const names = fc.constantFrom('ann', 'bob', 'cid');
const asked = fc
  .array(
    fc.record({
      vms: fc.integer({ min: 1, max: 3 }),
      minutes: fc.integer({ min: 1, max: 90 }),
      at: fc.integer({ min: 0, max: 120 }),
      runs: fc.integer({ min: 1, max: 90 }),
      user: names,
      project: names,
      priority: fc.nat(3),
      maxRate: fc.nat(2_000_000),
      ahead: fc.nat(60),
      kind: fc.constantFrom('best-effort', 'best-effort', 'immediate', 'advance'),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map(({ kind, ahead, runs, ...one }, i): Asked => {
      const start = kind === 'advance' ? { at: one.at + ahead } : (kind as 'best-effort' | 'immediate');
      return { ...one, id: `L${i}`, start, runs: Math.min(runs, one.minutes) };
    }),
  );

const shares = fc.dictionary(names, fc.integer({ min: 1, max: 5 }));
const fairShare = fc.record({
  by: fc.constantFrom('user' as const, 'project' as const),
  halfLife: fc.constantFrom(NEVER, HOUR, MINUTE),
  weight: fc.integer({ min: 0, max: 3 }),
  shares,
});

/** Cpu-milliseconds that the lease has run: its VMs have one cpu each. */
function ran({ spans, vms }: Lease): number {
  let time = 0;
  for (const { kind, from, until } of spans) if (kind === 'run') time += until! - from;
  return time * vms;
}

describe('the order in which leases are served', () => {
  const waiting = fc.record({
    policy: fc.record({
      priorityWeight: fc.nat(3),
      ageWeight: fc.nat(3),
      ageMax: fc.constantFrom(HOUR, 24 * HOUR),
      fairShare: fc.option(fairShare, { nil: null }),
    }),
    leases: fc.array(fc.record({ user: names, project: names, priority: fc.nat(3), at: fc.nat(60) }), {
      maxLength: 12,
    }),
    usage: fc.array(fc.tuple(names, fc.integer({ min: 1, max: 1_000_000 }))),
  });

  function queued({ policy, leases, usage }: typeof waiting extends fc.Arbitrary<infer T> ? T : never): State {
    const state = emptyState();
    evolve(state, { type: 'PolicyAdopted', policy: { ...POLICY_DEFAULT, ...policy } }, 0);
    const cpu = { name: 'cpu', kind: 'amount' } as const;
    evolve(state, { type: 'SiteDeclared', resources: [cpu, { name: 'memory', kind: 'amount' }] }, 0);
    const sorted = [...leases].sort((a, b) => a.at - b.at);
    for (const [i, one] of sorted.entries()) {
      const terms = termsOf({ ...one, id: `L${i}`, vms: 1, minutes: 10 });
      evolve(state, { type: 'LeaseRequested', lease: `L${i}`, terms, key: null }, one.at * MINUTE);
    }
    for (const [account, used] of usage) state.usage.set(account, used);
    return state;
  }

  function order(state: State, now: number): readonly { readonly id: string; readonly points: number }[] {
    const draft = Draft.of(state, now);
    const served = draft.queue.map((lease) => ({ id: lease.id, points: draft.standing.of(lease) }));
    draft.finish();
    return served;
  }

  test('is total, by points and then arrival, and depends on no history of maps', () => {
    fc.assert(
      fc.property(waiting, fc.integer({ min: 60, max: 600 }), (scene, minute) => {
        const state = queued(scene);
        const served = order(state, minute * MINUTE);
        expect([...served].map(({ id }) => id).sort()).toEqual(state.queue.map(({ id }) => id).sort());
        for (const [i, { id, points }] of served.entries()) {
          expect(Number.isSafeInteger(points)).toBe(true);
          const next = served[i + 1];
          if (next === undefined) continue;
          const arrival = Number(id.slice(1)) - Number(next.id.slice(1));
          expect(points > next.points || (points === next.points && arrival < 0)).toBe(true);
        }
        expect(order(decodeState(encodeState(state)), minute * MINUTE)).toEqual(served);
        const turned = queued({ ...scene, usage: [...scene.usage].reverse() });
        turned.usage.clear();
        for (const [account, used] of [...state.usage].reverse()) turned.usage.set(account, used);
        expect(order(turned, minute * MINUTE)).toEqual(served);
      }),
    );
  });

  test('by age alone is the order of arrival', () => {
    fc.assert(
      fc.property(waiting, fc.integer({ min: 60, max: 600 }), (scene, minute) => {
        const state = queued({ ...scene, policy: { ...scene.policy, priorityWeight: 0, fairShare: null } });
        expect(order(state, minute * MINUTE).map(({ id }) => id)).toEqual(state.queue.map(({ id }) => id));
      }),
    );
  });

  test('who has used more, or has a smaller share, has no higher factor', () => {
    fc.assert(
      fc.property(
        fairShare,
        fc.dictionary(names, fc.nat(1_000_000_000)),
        names,
        fc.nat(1000),
        (knob, used, who, more) => {
          const usage = new Map(Object.entries({ ann: 0, bob: 0, cid: 0, ...used }));
          const before = fairShareFactors(knob, usage).get(who) ?? 1000;
          const after = fairShareFactors(knob, new Map([...usage, [who, usage.get(who)! + more]])).get(who) ?? 1000;
          expect(before).toBeGreaterThanOrEqual(0);
          expect(before).toBeLessThanOrEqual(1000);
          expect(after).toBeLessThanOrEqual(before);
        },
      ),
    );
  });
});

describe('usage', () => {
  test('of all accounts is what their leases ran, before it decays', async () => {
    await fc.assert(
      fc.asyncProperty(asked, fairShare, async (leases, knob) => {
        const { state, over } = await play([nodes(3)], leases, { fairShare: { ...knob, halfLife: NEVER } });
        const expected = new Map<string, number>();
        for (const lease of over.values()) {
          const account = lease.terms[knob.by]!;
          if (ran(lease) > 0) expected.set(account, (expected.get(account) ?? 0) + ran(lease));
        }
        expect(new Map([...state.usage].sort())).toEqual(new Map([...expected].sort()));
      }),
      { numRuns: 60 },
    );
  });

  test('only ever decays, and is never more than what was run', async () => {
    await fc.assert(
      fc.asyncProperty(asked, fairShare, fc.integer({ min: 1, max: 400 }), async (leases, knob, later) => {
        const { state, over } = await play([nodes(3)], leases, { fairShare: knob });
        const total = ({ usage }: State) => [...usage.values()].reduce((sum, one) => sum + one, 0);
        const all = [...over.values()].reduce((sum, lease) => sum + ran(lease), 0);
        const before = total(state);
        expect(before).toBeLessThanOrEqual(all);
        evolve(state, { type: 'EpochClaimed', epoch: 2 }, state.now + later * MINUTE);
        expect(total(state)).toBeLessThanOrEqual(before);
        if (knob.halfLife === MINUTE && later > 60) expect(state.usage.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('does not depend on how often the log is looked at', () => {
    const looks = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(looks, fc.nat(1_000_000_000), fc.integer({ min: 300, max: 400 }), (minutes, used, last) => {
        const knob: FairShare = { by: 'user', halfLife: 16 * MINUTE, weight: 1, shares: {} };
        const usageAfter = (instants: readonly number[]) => {
          const site = [nodes(1)];
          const running = { vms: [[1, 1, 1024]] as const, from: 0, until: 1000, nodes: [1, 1] };
          const state = occupied(site, [running], { fairShare: knob });
          evolve(state, { type: 'VmsStarted', at: 0, lease: '1', order: '1.0', vms: null }, 0);
          state.usage.set('ann', used);
          for (const minute of instants) evolve(state, { type: 'EpochClaimed', epoch: 1 }, minute * MINUTE);
          return state.usage;
        };
        const often = usageAfter([...minutes].sort((a, b) => a - b).concat(last));
        expect(often).toEqual(usageAfter([last]));
        expect(often.get('')).toBeGreaterThan(0);
      }),
    );
  });
});

describe('quotas and prices', () => {
  const limit = fc.option(fc.nat(4), { nil: null });
  const quota: fc.Arbitrary<Quota | null> = fc.option(
    fc.record({
      leases: limit,
      vms: limit,
      cpu: limit.map((cpus) => (cpus === null ? null : cpus * 1000)),
      advance: limit,
    }),
    { nil: null },
  );

  test('nobody has more than his quota at any time', async () => {
    await fc.assert(
      fc.asyncProperty(asked, fc.record({ user: quota, project: quota }), async (leases, quotas) => {
        const { over } = await play([nodes(3)], leases, { quotas });
        const admitted = [...over.values()].filter(({ reasons }) => reasons[0]?.code !== 'quota-exceeded');
        for (const kind of ['user', 'project'] as const)
          for (const first of admitted) {
            // All that were there when it came, itself included; who went in that millisecond was still there.
            const there = admitted.filter(
              ({ sequence, ended, terms }) =>
                sequence <= first.sequence && ended! > first.submitted && terms[kind] === first.terms[kind],
            );
            const { leases: count, vms, cpu, advance } = quotas[kind] ?? NO_LIMIT;
            const machines = there.reduce((sum, lease) => sum + lease.vms, 0);
            expect(there.length).toBeLessThanOrEqual(count ?? Number.POSITIVE_INFINITY);
            expect(machines).toBeLessThanOrEqual(vms ?? Number.POSITIVE_INFINITY);
            expect(machines * 1000).toBeLessThanOrEqual(cpu ?? Number.POSITIVE_INFINITY);
            const reserved = there.filter(({ terms }) => terms.start.kind === 'advance').length;
            expect(reserved).toBeLessThanOrEqual(advance ?? Number.POSITIVE_INFINITY);
          }
      }),
      { numRuns: 100 },
    );
  });

  test('nobody pays more than he said, whatever the prices are', async () => {
    const rate = fc.nat(2_000_000);
    const pricing: fc.Arbitrary<Policy['pricing']> = fc.oneof(
      rate.map((one) => ({ kind: 'constant', rate: one }) as const),
      fc.tuple(rate, rate, fc.nat()).map(([a, b, seed]) => {
        return { kind: 'random', min: Math.min(a, b), max: Math.max(a, b), seed } as const;
      }),
      fc.constant({ kind: 'maximum' } as const),
      rate.map((one) => ({ kind: 'adaptive', rate: one + 1 }) as const),
    );
    await fc.assert(
      fc.asyncProperty(asked, pricing, async (leases, prices) => {
        const { over } = await play([nodes(3)], leases, { pricing: prices });
        for (const { id, offer, outcome, terms, vms, reasons, spans } of over.values()) {
          if (offer === null) continue; // it could never fit
          const worth = costOf(vms, terms.duration, terms.maxRate!);
          expect(offer.price <= worth, id).toBe(offer.accepted);
          if (offer.accepted) continue;
          expect(outcome).toBe('rejected');
          expect(spans).toEqual([]);
          expect(reasons.at(-1)).toMatchObject({ code: 'price-too-high', need: offer.price, have: worth });
        }
      }),
      { numRuns: 100 },
    );
  });
});

const NO_LIMIT: Quota = { leases: null, vms: null, cpu: null, advance: null };
