/** What simulated nodes report of their load, told time and orders by hand. Times are plain milliseconds. */

import { describe, expect, it } from 'vitest';
import { SimulatedCluster } from '../../adapters/simulated/cluster.js';
import { type Faults, noFaults } from '../../adapters/simulated/faults.js';
import type { Capacity, Observation } from '../../engine/index.js';
import { group, Orders, sharedNodes, terms } from './simulated-orders.js';

function cluster(count: number, capacity: Capacity, faults: Partial<Faults> = {}) {
  const c = new SimulatedCluster({ faults: { ...noFaults, ...faults }, loadOf: 0, bootMs: 5, strict: false });
  c.addNodes(sharedNodes(count, capacity));
  return { c, orders: new Orders(c) };
}

const written = (observations: readonly Observation[]): string[] =>
  observations.map((one) =>
    one.type === 'NodeLoadObserved' ? `${one.node} ${one.load} @${one.at}` : `${one.type} @${one.at}`,
  );

describe('a node reports', () => {
  it('that it is idle once somebody looks, and then only what is new', () => {
    const { c } = cluster(2, [8]);
    expect(c.hasNews).toBe(false);
    c.advance(3);
    expect(written(c.take())).toEqual(['1 idle @3', '2 idle @3']);
    c.advance(100);
    expect(c.hasNews).toBe(false);
  });

  it('by the share of its cpu that VMs use while they run', () => {
    const { c, orders } = cluster(2, [8]);
    c.advance(0);
    c.take();
    orders.at(10).start('A', [1, 1, 1, 2], terms([group(2, [2]), group(1, [5])]));
    expect(written(c.take())).toEqual([]); // they boot
    orders.at(20).suspend('A', [1, 2], 4);
    expect(written(c.take())).toEqual(['VmsStarted @15', '1 low @20', '2 high @20']); // 4 of 8, 5 of 8
    c.advance(30);
    expect(written(c.take())).toEqual(['VmsSuspended @24', '1 idle @30']);
  });

  it('nothing where it has none of that resource, or nobody asked', () => {
    const none = cluster(1, [0]);
    none.c.advance(1);
    const silent = new SimulatedCluster();
    silent.addNodes(sharedNodes(1, [8]));
    silent.advance(1);
    expect([none.c.hasNews, silent.hasNews]).toEqual([false, false]);
  });
});

describe('a node that is away', () => {
  const faults: Partial<Faults> = { nextLoss: (now) => (now < 10 ? 10 : null), loss: () => ({ node: 2, found: 20 }) };

  it('reports nothing, and anew when it is back, though it is as it was', () => {
    const { c } = cluster(2, [8], faults);
    c.advance(5);
    c.take();
    c.advance(15);
    expect(written(c.take())).toEqual(['NodeLost @10']);
    c.advance(25);
    expect(written(c.take())).toEqual(['NodeFound @20', '2 idle @25']);
  });

  it('reports anew also if it was away between two looks', () => {
    const { c } = cluster(2, [8], faults);
    c.advance(5);
    c.take();
    c.advance(25);
    expect(written(c.take())).toEqual(['NodeLost @10', 'NodeFound @20', '2 idle @25']);
  });

  it('reports nothing any more if it has left', () => {
    const { c } = cluster(2, [8]);
    c.removeNode(1);
    c.advance(5);
    expect(written(c.take())).toEqual(['2 idle @5']);
  });
});

it('a survey tells what was reported and still stands', async () => {
  const { c, orders } = cluster(3, [8]);
  c.advance(1);
  orders.at(2).start('A', [2, 2], terms([group(1, [8])]));
  c.advance(10);
  c.removeNode(3);
  expect(written(await c.survey())).toEqual(['1 idle @1', 'VmsStarted @7', '2 high @10']);
});
