/** Room on nodes, judged by a slow twin that keeps a list of the VMs on every node. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compact, type NodeClass } from '../../engine/index.js';
import { Nodes, partsOf } from '../../adapters/simulated/nodes.js';
import { exclusiveNodes, group, sharedNodes } from './simulated-orders.js';

/** 40 exclusive nodes, 10 shared ones, 40 exclusive ones again: runs cross words and classes. */
const SITE: NodeClass[] = [exclusiveNodes(40), sharedNodes(10, [4], 41), exclusiveNodes(40, 51)];
const COUNT = 90;

class SlowNodes {
  private readonly on = Array.from({ length: COUNT + 1 }, (): number[] => []);

  take(nodes: number[], demands: number[]): boolean {
    const trial = this.on.map((list) => [...list]);
    nodes.forEach((node, i) => trial[node]!.push(demands[i]!));
    const fits = trial.every((list, node) => {
      const sum = list.reduce((a, b) => a + b, 0);
      return isShared(node) ? sum <= 4 : list.length <= 1 && sum <= 1;
    });
    if (fits) nodes.forEach((node, i) => this.on[node]!.push(demands[i]!));
    return fits;
  }

  give(nodes: number[], demands: number[]): void {
    nodes.forEach((node, i) => {
      const list = this.on[node]!;
      list.splice(list.indexOf(demands[i]!), 1);
    });
  }
}

function isShared(node: number): boolean {
  return node >= 41 && node <= 50;
}

describe('room on nodes', () => {
  it('is given exactly when every VM fits, and then to all of them or to none', () => {
    const vm = fc.record({ node: fc.integer({ min: 1, max: COUNT }), demand: fc.integer({ min: 1, max: 2 }) });
    const run = fc
      .record({ first: fc.integer({ min: 1, max: COUNT }), length: fc.integer({ min: 1, max: 60 }) })
      .map(({ first, length }) =>
        Array.from({ length: Math.min(length, COUNT + 1 - first) }, (_, i) => ({ node: first + i, demand: 1 })),
      );
    const lease = fc.oneof(run, fc.array(vm, { minLength: 1, maxLength: 8 }));
    const operations = fc.array(fc.oneof(lease, fc.nat(5)), { maxLength: 60 });
    fc.assert(
      fc.property(operations, (all) => {
        const nodes = new Nodes();
        for (const some of SITE) nodes.add(some);
        const slow = new SlowNodes();
        const held: { on: number[]; demands: number[] }[] = [];
        for (const operation of all) {
          if (typeof operation === 'number') {
            const [left] = held.splice(operation, 1);
            if (left === undefined) continue;
            nodes.give(partsFor(left.on, left.demands), []);
            slow.give(left.on, left.demands);
          } else {
            const on = operation.map((one) => one.node);
            const demands = operation.map((one) => one.demand);
            const fits = slow.take(on, demands);
            expect(nodes.take(partsFor(on, demands), [])).toBe(fits);
            if (fits) held.push({ on, demands });
          }
        }
      }),
    );
  });

  it('hands a named unit out once', () => {
    const nodes = new Nodes();
    nodes.add(sharedNodes(1, [4]));
    const parts = partsOf([group(1)], [1, 1], null);
    expect(nodes.take(parts, ['1 gpu a'])).toBe(true);
    expect(nodes.take(parts, ['1 gpu a'])).toBe(false);
    nodes.give(parts, ['1 gpu a']);
    expect(nodes.take(parts, ['1 gpu a'])).toBe(true);
  });

  it('is never given back by somebody who does not hold it', () => {
    const nodes = new Nodes();
    nodes.add(exclusiveNodes(2));
    nodes.add(sharedNodes(1, [4], 3));
    expect(() => nodes.give(partsOf([group(1)], [1, 1], null), [])).toThrow('holds one VM or none');
    expect(() => nodes.give(partsOf([group(1)], [3, 3], null), [])).toThrow('between nothing and its capacity');
  });
});

function partsFor(on: number[], demands: number[]) {
  return partsOf(
    demands.map((demand) => group(1, [demand])),
    compact(on),
    null,
  );
}
