/**
 * How suspensions and resumptions are laid out: every VM once, for as long as it takes, within the time planned; no two
 * at once on a node (or anywhere, with global exclusion), not of different leases either, where these exclude each other.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compact, expand, type Lease, nodesOf, type Policy, type State, type Step } from '../../engine/index.js';
import { Draft } from '../../engine/schedule/draft.js';
import { lengthAnywhere, resumptionSteps, suspensionSteps, threshold } from '../../engine/schedule/suspend.js';
import { type Occupant, occupied } from '../support/occupied.js';
import { MINUTE, nodes } from '../support/play.js';

const NODES = 3;
const END = 60 * MINUTE;

/** Leases of one or two groups, each VM on a node of its own choice. */
const leases = fc.array(
  fc
    .record({
      groups: fc.array(
        fc.record({
          on: fc.array(fc.integer({ min: 1, max: NODES }), { minLength: 1, maxLength: 4 }),
          memory: fc.integer({ min: 1, max: 2048 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    })
    .map(
      ({ groups }): Occupant => ({
        vms: groups.map(({ on, memory }) => [on.length, 1, memory] as const),
        from: -60,
        until: 120,
        nodes: groups.flatMap(({ on }) => on.flatMap((node) => [node, node])),
      }),
    ),
  { minLength: 1, maxLength: 4 },
);

const policies = fc
  .record({
    suspendExclusion: fc.constantFrom('local' as const, 'global' as const),
    estimates: fc.constantFrom('exact' as const, 'haizea' as const),
    suspendRate: fc.integer({ min: 100, max: 64_000 }).map((thousandths) => thousandths / 1000),
    resumeRate: fc.integer({ min: 1, max: 64 }),
    suspendTime: fc.constantFrom(null, null, 0, 20_000),
    resumeTime: fc.constantFrom(null, null, 0, 30_000),
    enactmentOverhead: fc.constantFrom(0, 0, 2_000),
    wholeSeconds: fc.boolean(),
  })
  // In Haizea's steps VMs that take no time are together on their node, and only overheads follow one another.
  .filter(({ estimates, suspendTime, resumeTime }) => estimates === 'exact' || (suspendTime !== 0 && resumeTime !== 0));

/** A step of one VM on its node. */
interface Alone {
  readonly lease: string;
  readonly lane: number;
  readonly from: number;
  readonly until: number;
}

const OPERATIONS = ['suspend', 'resume'] as const;
type Operation = (typeof OPERATIONS)[number];

describe.each(OPERATIONS)('%s', (operation) => {
  test('a lease by itself: every VM once, for long enough, up to the end or from the beginning, no two at once', () => {
    fc.assert(
      fc.property(leases, policies, (occupants, knobs) => {
        const state = occupied([nodes(NODES, 64, 65536)], occupants.slice(0, 1), {
          ...knobs,
          suspendExclusionAcross: false,
        });
        const lease = state.leases.get('1')!;
        const steps = inDraft(state, (draft) => stepsOf(draft, lease, operation));

        expect(compact(steps.flatMap(({ vms }) => expand(vms)).sort((a, b) => a - b))).toEqual([1, lease.vms]);
        for (const step of steps)
          for (const vm of expand(step.vms))
            expect(step.until - step.from).toBeGreaterThanOrEqual(timeOf(state.policy, lease, vm, operation));
        const [first, last] = [
          Math.min(...steps.map(({ from }) => from)),
          Math.max(...steps.map(({ until }) => until)),
        ];
        expect(operation === 'suspend' ? last : first).toBe(END);
        expect(last - first).toBeLessThanOrEqual(lengthAnywhere(state, lease, operation));
        expect(clashes(alone(state.policy, lease, steps))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('leases one after another: those planned before are kept clear of', () => {
    fc.assert(
      fc.property(leases, policies, (occupants, knobs) => {
        const policy = { ...knobs, estimates: 'exact' as const, suspendExclusionAcross: true };
        const state = occupied([nodes(NODES, 64, 65536)], occupants, policy);
        const all = inDraft(state, (draft) =>
          [...state.leases.values()].flatMap((lease) => {
            const steps = stepsOf(draft, lease, operation);
            if (steps[0]!.from < 0) return []; // too late: it is stopped
            draft.plan(lease, steps, lease.nodes!);
            return alone(state.policy, lease, steps);
          }),
        );
        expect(clashes(all)).toEqual([]);
        for (const { from, until } of all)
          expect(operation === 'suspend' ? until <= END : from >= END, 'within the time planned').toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test('what must be saved and brought back runs for longer than that takes', () => {
  const factors = fc.constantFrom(0, 500, 1000, 3000);
  fc.assert(
    fc.property(leases, policies, factors, (occupants, knobs, suspendThresholdFactor) => {
      const state = occupied([nodes(NODES, 64, 65536)], occupants, { ...knobs, suspendThresholdFactor });
      for (const lease of state.leases.values()) {
        const safe = lengthAnywhere(state, lease, 'suspend');
        expect(threshold(state, lease)).toBeGreaterThan(safe);
        expect(threshold(state, lease)).toBeGreaterThanOrEqual((safe * (1000 + suspendThresholdFactor)) / 1000);
      }
    }),
    { numRuns: 200 },
  );
});

function inDraft<T>(state: State, use: (draft: Draft) => T): T {
  const draft = Draft.of(state, 0);
  try {
    return use(draft);
  } finally {
    draft.finish();
  }
}

function stepsOf(draft: Draft, lease: Lease, operation: Operation): Step[] {
  return (operation === 'suspend' ? suspensionSteps : resumptionSteps)(draft, lease, lease.nodes!, END);
}

/** Milliseconds that the VM takes by itself. */
function timeOf(policy: Policy, lease: Lease, vm: number, operation: Operation): number {
  const group = lease.terms.groups.flatMap((one) => Array.from({ length: one.vms }, () => one))[vm - 1]!;
  const [fixed, rate] =
    operation === 'suspend' ? [policy.suspendTime, policy.suspendRate] : [policy.resumeTime, policy.resumeRate];
  return (fixed ?? (group.demand[1]! * 1000) / rate) + policy.enactmentOverhead;
}

function alone(policy: Policy, lease: Lease, steps: readonly Step[]): Alone[] {
  return steps.flatMap(({ vms, from, until }) =>
    expand(vms).map((vm) => {
      const [node] = nodesOf(lease.nodes!, [vm, vm]);
      return { lease: lease.id, lane: policy.suspendExclusion === 'global' ? 0 : node!, from, until };
    }),
  );
}

/** Pairs that overlap where they must not. What takes no time is in nobody's way. */
function clashes(all: readonly Alone[]): (readonly [Alone, Alone])[] {
  return all.flatMap((one, i) =>
    all
      .slice(i + 1)
      .filter((other) => one.lane === other.lane && one.from < other.until && other.from < one.until)
      .map((other) => [one, other] as const),
  );
}
