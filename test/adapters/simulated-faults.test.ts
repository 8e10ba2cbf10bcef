/** Faults: what they do to VMs, and that the same seed gives the same ones. */

import { describe, expect, it } from 'vitest';
import { SimulatedCluster } from '../../adapters/simulated/cluster.js';
import { noFaults, SeededFaults, type FaultRates, type Faults } from '../../adapters/simulated/faults.js';
import { exclusiveNodes, group, news, Orders, playOut, terms } from './simulated-orders.js';

const ONE = terms([group(1)]);
const TWO = terms([group(2)]);

/** Nothing goes wrong but what is given. */
function cluster(nodes: number, faults: Partial<Faults>): { cluster: SimulatedCluster; orders: Orders } {
  return faultyCluster(nodes, { ...noFaults, ...faults });
}

function faultyCluster(nodes: number, faults: Faults): { cluster: SimulatedCluster; orders: Orders } {
  const made = new SimulatedCluster({ faults });
  made.addNodes(exclusiveNodes(nodes));
  return { cluster: made, orders: new Orders(made) };
}

describe('an order that fails', () => {
  const failsAt = (at: number) => ({ fails: (now: number) => now === at });

  it('leaves the nodes of a start free', () => {
    const { cluster: c, orders } = cluster(1, failsAt(1));
    orders.at(1).start('A', [1, 1], ONE);
    orders.at(2).start('B', [1, 1], ONE);
    expect(playOut(c)).toEqual(['OrderFailed A @1', 'VmsStarted B @2']);
  });

  it('lets the VMs of a suspension run on, and their clock with them', () => {
    const { cluster: c, orders } = cluster(1, failsAt(10));
    c.machines.expect('A', 50);
    orders.at(0).start('A', [1, 1], ONE);
    const suspend = orders.at(10).suspend('A', [1, 1], 5);
    orders.start('B', [1, 1], ONE, { after: [suspend.id] });
    const said = ['VmsStarted A @0', 'OrderFailed A @15', 'LeaseEnded A @50', 'VmsStarted B @50'];
    expect(playOut(c)).toEqual(said);
  });

  it('keeps the images of a resumption', () => {
    const { cluster: c, orders } = cluster(1, failsAt(20));
    c.machines.expect('A', 50);
    orders.at(0).start('A', [1, 1], ONE);
    orders.at(10).suspend('A', [1, 1], 5);
    orders.at(20).resume('A', [1, 1], [1, 1], 5);
    c.advance(25);
    orders.at(30).start('B', [1, 1], ONE);
    orders.at(31).stop('B');
    orders.at(32).resume('A', [1, 1], [1, 1], 5);
    expect(playOut(c).filter((line) => line.includes(' A '))).toEqual([
      'VmsStarted A @0',
      'VmsSuspended A @15 stopped 10',
      'OrderFailed A @25',
      'VmsResumed A @37',
      'LeaseEnded A @77',
    ]);
  });

  it('leaves VMs that were to be stopped as they are', () => {
    const { cluster: c, orders } = cluster(1, failsAt(10));
    c.machines.expect('A', 50);
    orders.at(0).start('A', [1, 1], ONE);
    const stop = orders.at(10).stop('A');
    orders.at(11).again(stop);
    expect(playOut(c)).toEqual(['VmsStarted A @0', 'OrderFailed A @10', 'OrderFailed A @10', 'LeaseEnded A @50']);
  });

  it('may make no sense any more, and fails for that', () => {
    const { cluster: c, orders } = cluster(1, {});
    orders.at(0).start('A', [1, 1], ONE);
    orders.resume('A', [1, 1], [1, 1], 5);
    expect(news(c)).toEqual(['VmsStarted A @0', 'OrderFailed A @0']);
  });
});

describe('a slow order', () => {
  it('keeps its nodes until it is done, and what follows waits', () => {
    const { cluster: c, orders } = cluster(1, { takes: (planned) => planned + 7 });
    orders.at(0).start('A', [1, 1], ONE);
    const suspend = orders.at(10).suspend('A', [1, 1], 5);
    orders.start('B', [1, 1], ONE, { after: [suspend.id] });
    expect(playOut(c)).toEqual(['VmsStarted A @7', 'VmsSuspended A @22 stopped 10', 'VmsStarted B @29']);
  });
});

describe('observations', () => {
  it('may come late and twice, each with the instant at which it was made', () => {
    const { cluster: c, orders } = cluster(1, { deliveries: (now) => (now === 0 ? [30, 2] : [0]) });
    c.machines.expect('A', 30);
    orders.at(0).start('A', [1, 1], ONE);
    expect(news(c)).toEqual([]);
    c.advance(2);
    expect(news(c)).toEqual(['VmsStarted A @0']);
    c.advance(30);
    // Together they are in order of what happened, not of delivery.
    expect(news(c)).toEqual(['VmsStarted A @0', 'LeaseEnded A @30']);
  });
});

describe('a lost node', () => {
  const loses = (node: number, at: number, found: number): Partial<Faults> => ({
    nextLoss: (now) => (now < at ? at : null),
    loss: () => ({ node, found }),
  });

  it('loses its VMs, is found again empty, and the gang is stopped without them', () => {
    const { cluster: c, orders } = cluster(3, loses(2, 10, 20));
    c.machines.expect('A', 50);
    orders.at(0).start('A', [1, 2], TWO);
    c.advance(15);
    expect(news(c)).toEqual(['VmsStarted A @0', 'NodeLost node 2 @10']);
    expect(c.machines.leasesOnNodes).toEqual(['A']);
    orders.start('B', [2, 2], ONE);
    orders.stop('A', 'queue');
    expect(playOut(c)).toEqual(['OrderFailed B @15', 'VmsStopped A @15', 'NodeFound node 2 @20']);
    orders.at(30).start('A', [1, 2], TWO);
    expect(playOut(c)).toEqual(['VmsStarted A @30', 'LeaseEnded A @80']);
  });

  it('fails what was under way there', () => {
    const { cluster: c, orders } = cluster(2, { ...loses(2, 12, 90), takes: (planned) => planned + 5 });
    orders.at(10).start('A', [1, 2], TWO);
    expect(playOut(c)).toEqual(['NodeLost node 2 @12', 'OrderFailed A @15', 'NodeFound node 2 @90']);
    expect(c.machines.leasesOnNodes).toEqual([]);
  });

  it('does not take back what has begun since all VMs were lost', () => {
    const { cluster: c, orders } = cluster(2, {
      ...loses(2, 12, 90),
      takes: (planned, now) => (now === 10 ? planned + 20 : planned),
    });
    orders.at(10).start('A', [2, 2], ONE);
    orders.at(13).start('A', [1, 1], ONE);
    expect(playOut(c)).toEqual([
      'NodeLost node 2 @12',
      'VmsStarted A @13',
      'OrderFailed A @30',
      'NodeFound node 2 @90',
    ]);
    expect(c.machines.leasesOnNodes).toEqual(['A']);
  });

  it('loses the images on it', () => {
    const { cluster: c, orders } = cluster(2, loses(1, 20, 21));
    orders.at(0).start('A', [1, 1], ONE);
    orders.at(10).suspend('A', [1, 1], 5);
    orders.at(30).resume('A', [1, 1], [1, 1], 5);
    expect(playOut(c).at(-1)).toBe('OrderFailed A @30');
  });

  it('is among what a survey finds', async () => {
    const { cluster: c } = cluster(2, loses(2, 10, 20));
    c.advance(15);
    expect(await c.survey()).toEqual([{ type: 'NodeLost', at: 10, node: 2 }]);
    c.advance(20);
    expect(await c.survey()).toEqual([]);
  });
});

describe('seeded faults', () => {
  const RATES: FaultRates = {
    seed: 1,
    until: 10_000,
    failedPerMille: 200,
    slowPerMille: 300,
    slowMsMax: 40,
    latePerMille: 300,
    twicePerMille: 200,
    lateMsMax: 60,
    lossEveryMs: 500,
    lossMsMax: 300,
  };

  /** Leases one after another on four nodes, each stopped after a while. */
  function story(seed: number): string[] {
    const { cluster: c, orders } = faultyCluster(4, new SeededFaults({ ...RATES, seed }));
    const said: string[] = [];
    for (let i = 0; i < 200; i++) {
      c.machines.expect(`L${i}`, 90);
      const node = 1 + (i % 4);
      orders.at(100 * i).start(`L${i}`, [node, node], ONE);
      said.push(...news(c));
      orders.at(100 * i + 80).stop(`L${i}`);
      said.push(...news(c));
    }
    return [...said, ...playOut(c)];
  }

  it('are the same for the same seed, and others for another', () => {
    expect(story(7)).toEqual(story(7));
    expect(story(7)).not.toEqual(story(8));
  });

  it('are of every kind, and over after their time', () => {
    const said = story(7);
    const types = new Set(said.map((line) => line.split(' ')[0]));
    expect([...types].sort()).toEqual([
      'LeaseEnded',
      'NodeFound',
      'NodeLost',
      'OrderFailed',
      'VmsStarted',
      'VmsStopped',
    ]);
    expect(said.length).toBeGreaterThan(new Set(said).size);
    const later = said.filter((line) => Number(line.split('@')[1]) > RATES.until + RATES.lateMsMax);
    expect(later.length).toBeGreaterThan(150);
    expect(later.filter((line) => !/^Vms(Started|Stopped)/.test(line))).toEqual([]);
    expect(later.length).toBe(new Set(later).size);
    for (const line of later) expect(Number(line.split('@')[1]) % 100).toBe(line.startsWith('VmsStarted') ? 0 : 80);
  });

  it('leave no node lost', () => {
    const { cluster: c } = faultyCluster(4, new SeededFaults(RATES));
    const said = playOut(c);
    expect(said.filter((line) => line.startsWith('NodeLost')).length).toBeGreaterThan(5);
    expect(said.filter((line) => line.startsWith('NodeLost')).length).toBe(
      said.filter((line) => line.startsWith('NodeFound')).length,
    );
  });
});
