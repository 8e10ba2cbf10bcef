/** VMs of the simulated cluster that move while they run: they take room on both sides until that is done. */

import { describe, expect, it } from 'vitest';
import { type ClusterOptions, SimulatedCluster } from '../../adapters/simulated/cluster.js';
import { exclusiveNodes, group, news, Orders, playOut, sharedNodes, terms } from './simulated-orders.js';

const ONE = terms([group(1)]);
const TWO = terms([group(2)]);

function cluster(nodes: number, options: ClusterOptions = {}): { c: SimulatedCluster; orders: Orders } {
  const c = new SimulatedCluster({ strict: false, ...options });
  c.addNodes(exclusiveNodes(nodes));
  return { c, orders: new Orders(c) };
}

describe('a VM that moves while it runs', () => {
  it('is on its new node afterwards, its old one is free, and its clock never stood still', () => {
    const { c, orders } = cluster(3);
    c.machines.expect('A', 70);
    orders.at(0).start('A', [1, 2], TWO);
    orders.at(10).carry('A', [2, 2], [1, 1, 3, 3], 20);
    expect(c.machines.record('A')?.nodes).toEqual([1, 2]);
    c.advance(30);
    expect(news(c)).toEqual(['VmsStarted A @0', 'VmsLiveMigrated A @30']);
    expect(c.machines.record('A')?.nodes).toEqual([1, 1, 3, 3]);
    orders.at(30).start('B', [2, 2], ONE);
    expect(playOut(c)).toEqual(['VmsStarted B @30', 'LeaseEnded A @70']);
  });

  it('takes room on both sides while it moves', () => {
    const { c, orders } = cluster(3);
    orders.at(0).start('A', [1, 1], ONE);
    orders.at(10).carry('A', [1, 1], [2, 2], 20);
    orders.start('B', [1, 1], ONE);
    orders.start('C', [2, 2], ONE);
    orders.at(29);
    expect(news(c)).toEqual(['VmsStarted A @0']);
    orders.at(30);
    expect(news(c)).toEqual(['VmsLiveMigrated A @30', 'VmsStarted B @30']);
    orders.at(40).stop('A');
    expect(news(c)).toEqual(['VmsStopped A @40', 'VmsStarted C @40']);
  });

  it('runs on where it was, where the order fails', () => {
    const { c, orders } = cluster(2);
    orders.at(0).start('A', [1, 1], ONE);
    orders.at(10).carry('A', [1, 1], [2, 2], 20);
    c.removeNode(2);
    orders.at(30);
    expect(news(c)).toEqual(['VmsStarted A @0', 'OrderFailed A @30']);
    expect(c.machines.record('A')).toMatchObject({ nodes: [1, 1], phases: 'running' });
  });

  it('gives back what it has taken on the other side where its lease is stopped', () => {
    const { c, orders } = cluster(2);
    orders.at(0).start('A', [1, 1], ONE);
    orders.at(10).carry('A', [1, 1], [2, 2], 20);
    orders.at(20).stop('A');
    orders.start('B', [1, 2], TWO);
    expect(playOut(c)).toEqual(['VmsStarted A @0', 'VmsStopped A @20', 'VmsStarted B @20']);
  });

  it('has the named units of its new node', () => {
    const c = new SimulatedCluster();
    c.addNodes(sharedNodes(2, [4]));
    const orders = new Orders(c);
    orders.at(0).start('A', [1, 1], ONE, { units: { gpu: [['g0']] } });
    orders.at(10).carry('A', [1, 1], [2, 2], 5, { units: { gpu: [['g3']] } });
    c.advance(20);
    expect(c.machines.record('A')?.units).toEqual({ gpu: [['g3']] });
    orders.at(20).start('B', [1, 1], ONE, { units: { gpu: [['g0']] } });
    orders.stop('A');
    expect(news(c).at(-1)).toBe('VmsStopped A @20');
  });
});
