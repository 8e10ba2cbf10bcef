/** Who is told to be in the way of the lease in front, beside a slow twin that lays the two in all ways there are. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Lease, State } from '../../engine/index.js';
import { Draft } from '../../engine/schedule/draft.js';
import { InTheWay } from '../../engine/schedule/in-the-way.js';
import { begun, nodes } from '../support/play.js';

const CPU = 1000;
const NODES = 4;

const taken = fc.record({
  pool: fc.nat(NODES - 1),
  from: fc.nat(20),
  length: fc.integer({ min: 1, max: 30 }),
  cpus: fc.integer({ min: 0, max: 4 }),
  memory: fc.integer({ min: 0, max: 4 }),
});
const asked = fc.record({
  length: fc.integer({ min: 1, max: 40 }),
  vms: fc.integer({ min: 1, max: 6 }),
  cpus: fc.integer({ min: 0, max: 3 }),
  memory: fc.integer({ min: 1, max: 3 }),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

test('who is told to be in the way is so, however the two are laid', () => {
  const cases = fc.record({
    holds: fc.array(taken, { maxLength: 14 }),
    front: asked,
    from: fc.integer({ min: 1, max: 25 }),
    others: fc.array(asked, { minLength: 20, maxLength: 30 }),
  });
  const told = { yes: 0, inVain: 0 };
  fc.assert(
    fc.property(cases, ({ holds, front, from, others }) => {
      const state = site();
      for (const { pool, length, cpus, memory, ...one } of holds)
        state.pools[pool]!.profile.add(one.from, one.from + length, [cpus * CPU, memory], -1);
      const draft = Draft.of(state, 0);
      const hole = { from, until: from + front.length, pools: [], loads: [] };
      const way = new InTheWay(draft, leaseOf(state, front), hole);
      for (const other of others) {
        const isTold = way.tells(leaseOf(state, other), other.length);
        const canBe = canBeLaid(draft, other, front, from);
        expect(isTold && canBe).toBe(false);
        if (isTold) told.yes++;
        else if (!canBe && fitsAlone(draft, other)) told.inVain++;
      }
      draft.finish();
    }),
    { numRuns: 1500 },
  );
  // Most of those that fit alone and are in the way are told so.
  expect(told.yes).toBeGreaterThan(told.inVain);
}, 120_000);

function site(): State {
  return begun([nodes(NODES, 4, 4)], [{ id: 'waits', vms: [[1, 1, 1]], minutes: 1, held: true }], {
    backfilling: { kind: 'none' },
  });
}

function leaseOf(state: State, { vms, cpus, memory }: Asked): Lease {
  const lease = [...state.leases.values()][0]!;
  return {
    ...lease,
    terms: { ...lease.terms, groups: [{ name: null, vms, demand: [cpus * CPU, memory], image: null }] },
  };
}

/** Whether there are so many VMs of `other` on each node that all of those in front have room for their time, too. */
function canBeLaid(draft: Draft, other: Asked, front: Asked, from: number): boolean {
  const counts: number[] = [];
  const lay = (node: number, missing: number): boolean => {
    if (node === NODES) return missing === 0 && roomFor(draft, front, from, other, counts) >= front.vms;
    for (let count = 0; count <= missing && countOn(draft, node, other, 0, NONE, 0) >= count; count++) {
      counts[node] = count;
      if (lay(node + 1, missing - count)) return true;
    }
    return false;
  };
  return lay(0, other.vms);
}

function fitsAlone(draft: Draft, other: Asked): boolean {
  return roomFor(draft, other, 0, NONE, [0, 0, 0, 0]) >= other.vms;
}

const NONE: Asked = { length: 0, vms: 0, cpus: 0, memory: 0 };

/** For how many VMs there is room from `from` on, beside those of `other`, which are there from the first instant on. */
function roomFor(draft: Draft, asks: Asked, from: number, other: Asked, counts: readonly number[]): number {
  return counts.reduce((sum, count, node) => sum + countOn(draft, node, asks, from, other, count), 0);
}

function countOn(draft: Draft, node: number, asks: Asked, from: number, other: Asked, count: number): number {
  let room = 99;
  for (let at = from; at < from + asks.length; at++) {
    const there = at < other.length ? count : 0;
    const cpu = draft.profile(node).freeAt(at, 0) - there * other.cpus * CPU;
    const memory = draft.profile(node).freeAt(at, 1) - there * other.memory;
    if (cpu < asks.cpus * CPU || memory < asks.memory) return 0;
    room = Math.min(room, asks.cpus === 0 ? 99 : Math.floor(cpu / (asks.cpus * CPU)), Math.floor(memory / asks.memory));
  }
  return room;
}
