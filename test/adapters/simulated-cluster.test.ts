/** The simulated cluster driven by hand: what it carries out, when, and what it says. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedCluster, type ClusterOptions } from '../../adapters/simulated/cluster.js';
import { exclusiveNodes, group, news, Orders, playOut, sharedNodes, terms } from './simulated-orders.js';

function cluster(nodes: number, options: ClusterOptions = {}): { cluster: SimulatedCluster; orders: Orders } {
  const made = new SimulatedCluster(options);
  made.addNodes(exclusiveNodes(nodes));
  return { cluster: made, orders: new Orders(made) };
}

const ONE = terms([group(1)]);
const TWO = terms([group(2)]);

describe('a lease on the cluster', () => {
  it('starts at once and ends by itself when its true run time is used up', () => {
    const { cluster: c, orders } = cluster(2);
    c.machines.expect('A', 70);
    orders.at(10).start('A', [1, 2], TWO);
    expect(news(c)).toEqual(['VmsStarted A @10']);
    expect(playOut(c)).toEqual(['LeaseEnded A @80']);
    expect(c.machines.leasesOnNodes).toEqual([]);
  });

  it('ends by itself at the very end of its duration', () => {
    const { cluster: c, orders } = cluster(1);
    c.machines.expect('A', 1_000);
    orders.at(0).start('A', [1, 1], ONE);
    expect(playOut(c)).toEqual(['VmsStarted A @0', 'LeaseEnded A @1000']);
  });

  it('runs until it is stopped where it would run longer than its duration, or for ever', () => {
    for (const run of [1_001, null]) {
      const { cluster: c, orders } = cluster(1);
      c.machines.expect('A', run);
      orders.at(0).start('A', [1, 1], ONE);
      expect(playOut(c)).toEqual(['VmsStarted A @0']);
      orders.at(1_000).stop('A');
      expect(playOut(c)).toEqual(['VmsStopped A @1000']);
      expect(c.machines.leasesOnNodes).toEqual([]);
    }
  });

  it('begins its run anew when it was stopped and queued again', () => {
    const { cluster: c, orders } = cluster(1);
    c.machines.expect('A', 50);
    orders.at(0).start('A', [1, 1], ONE);
    orders.at(30).stop('A', 'queue');
    orders.at(40).start('A', [1, 1], ONE);
    expect(playOut(c)).toEqual(['VmsStarted A @0', 'VmsStopped A @30', 'VmsStarted A @40', 'LeaseEnded A @90']);
  });

  it('takes its time to boot and to stop where the cluster does', () => {
    const { cluster: c, orders } = cluster(1, { bootMs: 5, stopMs: 3 });
    c.machines.expect('A', 50);
    orders.at(0).start('A', [1, 1], ONE);
    const stop = orders.at(20).stop('A');
    const next = orders.start('B', [1, 1], ONE, { after: [stop.id] });
    expect(c.ordersWaiting).toEqual([next.id]);
    expect(playOut(c)).toEqual(['VmsStarted A @5', 'VmsStopped A @23', 'VmsStarted B @28']);
  });

  it('is stopped all the same when it has ended already', () => {
    const { cluster: c, orders } = cluster(1);
    c.machines.expect('A', 5);
    orders.at(0).start('A', [1, 1], ONE);
    playOut(c);
    orders.at(9).stop('A');
    expect(news(c)).toEqual(['VmsStopped A @9']);
  });
});

describe('room on the nodes', () => {
  it('is never given twice: an exclusive node', () => {
    const { orders } = cluster(2);
    orders.at(0).start('A', [1, 2], TWO);
    expect(() => orders.start('B', [2, 2], ONE)).toThrow('a node is never over its capacity (order 1.1, lease B)');
  });

  it('is never given twice: a shared node', () => {
    const c = new SimulatedCluster();
    c.addNodes(sharedNodes(2, [4, 100]));
    const orders = new Orders(c).at(0);
    // Two VMs of 1 and 60, then one of 2 and 40: node 1 has 3 of 4 and 100 of 100 in use, node 2 60.
    orders.start('A', [1, 2, 1, 1], terms([group(2, [1, 60]), group(1, [2, 40])]));
    expect(() => orders.start('B', [1, 1], terms([group(1, [1, 1])]))).toThrow('never over its capacity');
    orders.start('C', [2, 2], terms([group(1, [3, 40])]));
    expect(() => orders.start('D', [2, 2], terms([group(1, [1, 0])]))).toThrow('never over its capacity');
  });

  it('is never given twice: a named unit', () => {
    const c = new SimulatedCluster();
    c.addNodes(sharedNodes(1, [4]));
    const orders = new Orders(c).at(0);
    orders.start('A', [1, 1], ONE, { units: { gpu: [['g0']] } });
    expect(() => orders.start('B', [1, 1], ONE, { units: { gpu: [['g0']] } })).toThrow('never over its capacity');
    orders.start('C', [1, 1], ONE, { units: { gpu: [['g1']] } });
  });

  it('is waited for where things may go wrong', () => {
    const { cluster: c, orders } = cluster(2, { strict: false });
    orders.at(0).start('A', [1, 1], ONE);
    orders.start('B', [1, 2], TWO);
    expect(news(c)).toEqual(['VmsStarted A @0']);
    orders.at(7).stop('A');
    expect(news(c)).toEqual(['VmsStopped A @7', 'VmsStarted B @7']);
  });

  it('is not given to a VM that is larger than an exclusive node', () => {
    const { orders } = cluster(1);
    expect(() => orders.at(0).start('A', [1, 1], terms([group(1, [2])]))).toThrow('never over its capacity');
  });

  it('holds no lease twice', () => {
    const { orders } = cluster(2);
    orders.at(0).start('A', [1, 1], ONE);
    expect(() => orders.start('A', [2, 2], ONE)).toThrow('only when none of its VMs is left');
  });
});

describe('orders', () => {
  it('wait for the orders whose capacity they take over, however many follow each other', () => {
    const { cluster: c, orders } = cluster(1, { stopMs: 10 });
    orders.at(0).start('A', [1, 1], ONE);
    const first = orders.at(1).stop('A');
    orders.start('B', [1, 1], ONE, { after: [first.id] });
    const second = orders.stop('B', 'over', ['1.2']);
    orders.start('C', [1, 1], ONE, { after: [second.id] });
    const said = ['VmsStarted A @0', 'VmsStopped A @11', 'VmsStarted B @11', 'VmsStopped B @21', 'VmsStarted C @21'];
    expect(playOut(c)).toEqual(said);
  });

  it('are carried out once, and answered as often as they are sent', () => {
    const { cluster: c, orders } = cluster(1, { bootMs: 5 });
    c.machines.expect('A', 20);
    const start = orders.at(0).start('A', [1, 1], ONE);
    orders.again(start);
    c.advance(5);
    expect(news(c)).toEqual(['VmsStarted A @5']);
    orders.at(6).again(start);
    expect(news(c)).toEqual(['VmsStarted A @5']);
    expect(playOut(c)).toEqual(['LeaseEnded A @25']);
    orders.at(30).again(start);
    expect(playOut(c)).toEqual(['VmsStarted A @5', 'LeaseEnded A @25']);
    expect(c.machines.leasesOnNodes).toEqual([]);
  });

  it('do not stop a later run of the lease when an old stop is sent again', () => {
    const { cluster: c, orders } = cluster(1);
    orders.at(0).start('A', [1, 1], ONE);
    const stop = orders.at(1).stop('A', 'queue');
    orders.at(2).start('A', [1, 1], ONE);
    orders.at(3).again(stop);
    expect(playOut(c)).toEqual(['VmsStarted A @0', 'VmsStopped A @1', 'VmsStarted A @2', 'VmsStopped A @1']);
    expect(c.machines.leasesOnNodes).toEqual(['A']);
  });

  it('stay done though they were forgotten', () => {
    const { cluster: c } = cluster(1);
    const epoch = 1;
    const start = (turn: number, index: number) => {
      const order = `${turn}.${index}`;
      const decision = { order, lease: order, deadline: null, after: [], until: 0, nodes: [1, 1], units: null };
      c.enact({ id: order, epoch, issued: 0, decision: { type: 'StartOrdered', ...decision }, terms: ONE });
    };
    const stop = (turn: number, index: number, lease: string, then: 'over') => {
      const order = `${turn}.${index}`;
      const decision = { order, lease, deadline: null, after: [], cause: 'time-over', then } as const;
      c.enact({
        id: order,
        epoch,
        issued: 0,
        decision: { type: 'StopOrdered', until: 0, ...decision, reasons: [] },
        terms: ONE,
      });
    };
    for (let turn = 1; turn <= 12_000; turn++) {
      start(turn, 0);
      stop(turn, 1, `${turn}.0`, 'over');
    }
    c.take();
    start(1, 0);
    expect(news(c)).toEqual([]);
    expect(c.machines.leasesOnNodes).toEqual([]);
  });

  it('of a writer that has been superseded are not heard', () => {
    const { cluster: c, orders } = cluster(2);
    orders.epoch = 2;
    orders.at(0).start('A', [1, 1], ONE);
    orders.epoch = 1;
    orders.stop('A');
    orders.start('B', [2, 2], ONE);
    expect(playOut(c)).toEqual(['VmsStarted A @0']);
  });

  it('name nodes that the cluster has', () => {
    const { orders } = cluster(2);
    expect(() => orders.at(0).start('A', [3, 3], ONE)).toThrow('orders name nodes that the cluster has');
  });
});

describe('suspension and resumption', () => {
  it('take their planned time, free the node, and let the clock stand still meanwhile', () => {
    const { cluster: c, orders } = cluster(1);
    c.machines.expect('A', 100);
    orders.at(0).start('A', [1, 1], ONE);
    const suspend = orders.at(30).suspend('A', [1, 1], 10);
    orders.start('B', [1, 1], ONE, { after: [suspend.id] });
    c.advance(50);
    const stop = orders.at(60).stop('B');
    orders.resume('A', [1, 1], [1, 1], 10, [stop.id]);
    expect(playOut(c)).toEqual([
      'VmsStarted A @0',
      'VmsSuspended A @40 stopped 30',
      'VmsStarted B @40',
      'VmsStopped B @60',
      'VmsResumed A @70',
      'LeaseEnded A @140',
    ]);
  });

  it('of one VM stop the clock of the whole gang', () => {
    const { cluster: c, orders } = cluster(2);
    c.machines.expect('A', 100);
    orders.at(0).start('A', [1, 2], TWO);
    orders.at(20).suspend('A', [2, 2], 5);
    c.advance(25);
    orders.at(25).suspend('A', [1, 1], 5);
    c.advance(30);
    orders.at(40).resume('A', [1, 1], [1, 2], 5);
    c.advance(45);
    orders.at(45).resume('A', [2, 2], [1, 2], 5);
    expect(playOut(c).slice(1)).toEqual([
      'VmsSuspended A @25 stopped 20',
      'VmsSuspended A @30 stopped 25',
      'VmsResumed A @45',
      'VmsResumed A @50',
      'LeaseEnded A @130',
    ]);
  });

  it('leave what is left of the run as it was, however often they happen', () => {
    const pause = fc.record({ runs: fc.nat(20), saves: fc.nat(20), rests: fc.nat(20), loads: fc.nat(20) });
    fc.assert(
      fc.property(fc.array(pause, { maxLength: 10 }), fc.integer({ min: 1, max: 300 }), (pauses, run) => {
        const { cluster: c, orders } = cluster(3);
        const given = terms([group(3)]);
        c.machines.expect('A', run);
        orders.at(0).start('A', [1, 3], given);
        let now = 0;
        let left = run;
        for (const { runs, saves, rests, loads } of pauses) {
          if (runs >= left) break;
          left -= runs;
          now += runs;
          orders.at(now).suspend('A', [1, 3], saves);
          now += saves + rests;
          orders.at(now).resume('A', [1, 3], [1, 3], loads);
          now += loads;
        }
        expect(playOut(c).at(-1)).toBe(`LeaseEnded A @${now + left}`);
      }),
    );
  });

  it('are void when the lease is stopped, and its images are discarded', () => {
    const { cluster: c, orders } = cluster(2);
    orders.at(0).start('A', [1, 2], TWO);
    orders.at(10).suspend('A', [1, 1], 5);
    c.advance(15);
    const second = orders.at(15).suspend('A', [2, 2], 5);
    orders.at(17).stop('A', 'queue');
    expect(playOut(c)).toEqual(['VmsStarted A @0', 'VmsSuspended A @15 stopped 10', 'VmsStopped A @17']);
    orders.again(second);
    orders.at(18).start('A', [1, 2], TWO);
    expect(playOut(c)).toEqual(['VmsStarted A @18']);
  });

  it('happen where the images lie, unless all nodes reach them', () => {
    for (const sharedImages of [false, true]) {
      const { cluster: c, orders } = cluster(2, { sharedImages });
      orders.at(0).start('A', [1, 1], ONE);
      orders.at(1).suspend('A', [1, 1], 1);
      c.advance(2);
      const resume = () => orders.at(3).resume('A', [1, 1], [2, 2], 1);
      if (!sharedImages) expect(resume).toThrow('VMs are resumed where their images lie (order 1.2, lease A)');
      else {
        resume();
        orders.start('B', [1, 1], ONE);
        expect(playOut(c).slice(2)).toEqual(['VmsStarted B @3', 'VmsResumed A @4']);
      }
    }
  });

  it('are for VMs that run, and for VMs that are suspended', () => {
    const { cluster: c, orders } = cluster(2);
    orders.at(0).start('A', [1, 1], ONE);
    expect(() => orders.resume('A', [1, 1], [1, 1], 1)).toThrow('only VMs that are suspended are resumed');
    orders.at(1).suspend('A', [1, 1], 1);
    c.advance(2);
    expect(() => orders.suspend('A', [1, 1], 1)).toThrow('only VMs that run are suspended');
    news(c);
    orders.at(3).suspend('B', [1, 1], 1);
    expect(news(c)).toEqual(['OrderFailed B @3']);
  });
});

describe('a survey', () => {
  it('says what is true now, as if it had just been observed', async () => {
    const { cluster: c, orders } = cluster(4);
    c.machines.expect('A', 5);
    orders.at(0).start('A', [1, 1], ONE);
    orders.at(1).start('B', [2, 2], ONE);
    orders.at(2).suspend('B', [1, 1], 2);
    orders.at(3).start('C', [3, 3], ONE);
    orders.at(4).stop('C', 'queue');
    orders.at(4).start('D', [4, 4], ONE);
    c.advance(10);
    news(c);
    const survey = await c.survey();
    expect(survey.map((one) => `${one.type} ${'lease' in one ? one.lease : ''} @${one.at}`)).toEqual([
      'VmsStarted A @0',
      'VmsStarted B @1',
      'VmsSuspended B @4',
      'VmsStarted D @4',
      'LeaseEnded A @5',
    ]);
  });

  it('tells only the latest of suspensions and resumptions', async () => {
    const { cluster: c, orders } = cluster(1);
    orders.at(0).start('A', [1, 1], ONE);
    for (let now = 10; now < 50; now += 10) {
      orders.at(now).suspend('A', [1, 1], 2);
      orders.at(now + 5).resume('A', [1, 1], [1, 1], 2);
    }
    c.advance(50);
    expect((await c.survey()).map((one) => `${one.type} @${one.at}`)).toEqual(['VmsStarted @0', 'VmsResumed @47']);
  });
});

describe('a node that leaves the site', () => {
  it('takes its VMs along; the rest of the gang runs until it is stopped', () => {
    const { cluster: c, orders } = cluster(3);
    c.machines.expect('A', 50);
    c.machines.expect('B', 50);
    orders.at(0).start('A', [1, 2], TWO);
    orders.start('B', [3, 3], ONE);
    c.removeNode(2);
    expect(playOut(c)).toEqual(['VmsStarted A @0', 'VmsStarted B @0', 'LeaseEnded B @50']);
    expect(c.machines.leasesOnNodes).toEqual(['A']);
    orders.at(60).stop('A');
    expect(playOut(c)).toEqual(['VmsStopped A @60']);
    expect(c.machines.leasesOnNodes).toEqual([]);
    orders.start('C', [2, 2], ONE);
    expect(playOut(c)).toEqual(['OrderFailed C @60']);
  });

  it('fails the starts that wait for it', () => {
    const { cluster: c, orders } = cluster(1, { stopMs: 10 });
    orders.at(0).start('A', [1, 1], ONE);
    const stop = orders.at(1).stop('A');
    orders.start('B', [1, 1], ONE, { after: [stop.id] });
    c.removeNode(1);
    expect(playOut(c)).toEqual(['VmsStarted A @0', 'OrderFailed B @1', 'VmsStopped A @11']);
  });
});
