/**
 * Deadline leases that run and make room: whoever does comes back by its deadline, beside everybody else, and an attempt
 * that fails leaves the draft as it was.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyState, evolve, POLICY_DEFAULT, type Start, type State, type Terms } from '../../engine/index.js';
import { Draft } from '../../engine/schedule/draft.js';
import { preemptFor } from '../../engine/schedule/preempt.js';
import { MINUTE, nodes } from '../support/play.js';

const CPUS = [3, 3, 2];
const SITE = [nodes(2, 3, 65536), nodes(1, 2, 65536)];

const running = fc.array(
  fc.record({
    node: fc.nat(2),
    cpus: fc.integer({ min: 1, max: 3 }),
    memory: fc.constantFrom(256, 1024, 8192),
    minutes: fc.integer({ min: 10, max: 120 }),
    spare: fc.integer({ min: 0, max: 240 }),
  }),
  { minLength: 1, maxLength: 6 },
);
const arriving = fc.record({
  vms: fc.integer({ min: 1, max: 3 }),
  cpus: fc.integer({ min: 1, max: 3 }),
  minutes: fc.integer({ min: 1, max: 120 }),
  at: fc.integer({ min: 1, max: 60 }),
});

test.each(['no', 'no-transfer', 'yes'] as const)('migration %s', (migration) => {
  let made = 0;
  let failed = 0;
  fc.assert(
    fc.property(running, arriving, fc.boolean(), (leases, asked, fewest) => {
      const state = site(migration, fewest ? 'fewest' : 'in-order');
      const taken = CPUS.map(() => 0);
      for (const [i, { node, cpus, memory, minutes, spare }] of leases.entries()) {
        taken[node]! += cpus;
        if (taken[node]! > CPUS[node]!) continue;
        const start: Start = { kind: 'deadline', notBefore: 0, by: (minutes + spare) * MINUTE };
        run(state, `${i + 1}`, node + 1, termsOf(1, cpus, memory, minutes, start));
      }
      const { vms, cpus, minutes, at } = asked;
      const start: Start = { kind: 'deadline', notBefore: at * MINUTE, by: (at + minutes) * MINUTE };
      evolve(
        state,
        { type: 'LeaseRequested', lease: 'R', terms: termsOf(vms, cpus, 256, minutes, start), key: null },
        0,
      );

      const draft = Draft.of(state, 0);
      const before = profiles(draft);
      const fit = preemptFor(draft, state.leases.get('R')!, at * MINUTE);
      if (fit === null) {
        failed++;
        expect(profiles(draft)).toEqual(before);
        expect(draft.decisions).toEqual([]);
      } else {
        made++;
        draft.place(state.leases.get('R')!, fit);
        expect(
          Math.min(...profiles(draft).flatMap((segments) => segments.flatMap(({ free }) => free))),
        ).toBeGreaterThanOrEqual(0);
        for (const decision of draft.decisions)
          if (decision.type === 'SuspensionPlanned') {
            const { by } = state.leases.get(decision.lease)!.terms.start as Start & { kind: 'deadline' };
            expect(decision.resumption!.from).toBeGreaterThanOrEqual(at * MINUTE);
            expect(decision.resumption!.until).toBeLessThanOrEqual(by);
          }
      }
      draft.finish();
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(made, failed)).toBeGreaterThan(50);
});

function site(migration: 'no' | 'no-transfer' | 'yes', victimChoice: 'fewest' | 'in-order'): State {
  const state = emptyState();
  const policy = {
    ...POLICY_DEFAULT,
    preemptors: ['deadline'],
    victims: ['deadline'],
    suspendExclusionAcross: false,
    suspendThreshold: 0,
    migration,
    victimChoice,
  } as const;
  evolve(state, { type: 'PolicyAdopted', policy }, 0);
  const resources = ['cpu', 'memory'].map((name) => ({ name, kind: 'amount' as const }));
  evolve(state, { type: 'SiteDeclared', resources }, 0);
  for (const one of SITE) evolve(state, { type: 'NodesAdded', nodes: { first: state.nextNode, ...one } }, 0);
  return state;
}

function termsOf(vms: number, cpus: number, memory: number, minutes: number, start: Start): Terms {
  return {
    groups: [{ name: null, vms, demand: [cpus * 1000, memory], image: null }],
    duration: minutes * MINUTE,
    start,
    preemptible: true,
    where: null,
    name: null,
    user: null,
    project: null,
    labels: null,
  };
}

/** It has just begun. */
function run(state: State, lease: string, node: number, terms: Terms): void {
  const order = `${lease}.0`;
  evolve(state, { type: 'LeaseRequested', lease, terms, key: null }, 0);
  const start = { order, lease, until: 0 + terms.duration, deadline: null, after: [], units: null };
  evolve(state, { type: 'StartOrdered', ...start, nodes: [node, node] }, 0);
  evolve(state, { type: 'VmsStarted', at: 0, lease, order, vms: null }, 0);
}

/** What is free on each node, by segment. */
function profiles(draft: Draft): { from: number; free: number[] }[][] {
  return draft.state.pools.map(({ index }) => {
    const segments: { from: number; free: number[] }[] = [];
    const profile = draft.profile(index);
    profile.forEachSegment(0, (from, segment) =>
      segments.push({ from, free: [0, 1].map((r) => profile.amount(segment, r)) }),
    );
    return segments;
  });
}
