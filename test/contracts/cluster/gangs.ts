/** VMs of one lease: all of those that an order names come to where it says, or stay as they are. */

import { expect } from 'vitest';
import type { Capability } from './kind.js';
import { resumeOrder, startOrder, stopOrder, suspendOrder } from './orders.js';
import { type Case, findsNothing } from './trial.js';

const ON_HOSTS: { needs: readonly Capability[] } = { needs: ['hosts'] };
const SAVED_ON_HOSTS: { needs: readonly Capability[] } = { needs: ['hosts', 'saving'] };
const SAVING: { needs: readonly Capability[] } = { needs: ['saving'] };
const both = startOrder('1.0', 'A', [1, 2]);

export function casesOfGangs(define: Case): void {
  define('several may be on one node', {}, async (trial) => {
    await trial.does(startOrder('1.0', 'A', [1, 1, 1, 1, 2, 2]), 'VmsStarted');
    await trial.finds({ 'A/1': 'running', 'A/2': 'running', 'A/3': 'running' });
    await trial.does(stopOrder('2.0', 'A'), 'VmsStopped');
    await findsNothing(trial);
  });

  define('one for a node that nobody knows: none is started', { nodes: 1 }, async (trial) => {
    trial.machines.addNodes({ ...trial.site.node(2), labels: {} });
    trial.machines.removeNode(2);
    await trial.does(startOrder('2.0', 'A', [1, 2]), 'OrderFailed');
    await findsNothing(trial);
  });

  for (const call of ['define', 'start'] as const)
    define(`one whose ${call} is refused: none is left`, ON_HOSTS, async (trial) => {
      trial.wire(2).plan(call, 'refused');
      await trial.does(both, 'OrderFailed');
      expect(detailOf(trial.observations.at(-1))).toMatch(/^VM 2 on node 2: .*would rather not/);
      await findsNothing(trial);
      await trial.does(startOrder('2.0', 'A', [1, 2]), 'VmsStarted');
    });

  define('one that cannot be saved: all run', SAVED_ON_HOSTS, async (trial) => {
    await trial.does(both, 'VmsStarted');
    trial.wire(2).plan('save', 'refused');
    await trial.does(suspendOrder('2.0', 'A', [1, 2]), 'OrderFailed');
    await trial.finds({ 'A/1': 'running', 'A/2': 'running' });
    await trial.does(suspendOrder('3.0', 'A', [1, 2]), 'VmsSuspended');
    await trial.finds({ 'A/1': 'saved', 'A/2': 'saved' });
  });

  define('one whose memory cannot be read back: all run', SAVED_ON_HOSTS, async (trial) => {
    await trial.does(both, 'VmsStarted');
    trial.wire(2).plan('digest', 'refused');
    await trial.does(suspendOrder('2.0', 'A', [1, 2]), 'OrderFailed');
    await trial.finds({ 'A/1': 'running', 'A/2': 'running' });
  });

  define('one that cannot be brought back: all stay saved', SAVED_ON_HOSTS, async (trial) => {
    await trial.does(both, 'VmsStarted');
    await trial.does(suspendOrder('2.0', 'A', [1, 2]), 'VmsSuspended');
    trial.wire(2).plan('restore', 'refused');
    await trial.does(resumeOrder('3.0', 'A', [1, 2], [1, 2]), 'OrderFailed');
    await trial.finds({ 'A/1': 'saved', 'A/2': 'saved' });
    await trial.does(resumeOrder('4.0', 'A', [1, 2], [1, 2]), 'VmsResumed');
    await trial.finds({ 'A/1': 'running', 'A/2': 'running' });
  });

  define('can be suspended and brought back one after another', SAVING, async (trial) => {
    await trial.does(both, 'VmsStarted');
    await trial.does(suspendOrder('2.0', 'A', [2, 2]), 'VmsSuspended');
    await trial.finds({ 'A/1': 'running', 'A/2': 'saved' });
    await trial.does(suspendOrder('3.0', 'A', [1, 1]), 'VmsSuspended');
    await trial.finds({ 'A/1': 'saved', 'A/2': 'saved' });
    await trial.next();
    await trial.does(resumeOrder('4.0', 'A', [1, 1], [1, 2]), 'VmsResumed');
    await trial.does(resumeOrder('5.0', 'A', [2, 2], [1, 2]), 'VmsResumed');
    await trial.finds({ 'A/1': 'running', 'A/2': 'running' });
    await trial.does(suspendOrder('6.0', 'A', [1, 1]), 'VmsSuspended');
    await trial.does(stopOrder('7.0', 'A'), 'VmsStopped');
    await findsNothing(trial);
  });

  define('of several leases do not come into each other’s way', {}, async (trial) => {
    const leases = ['A', 'B', 'C', 'D'];
    for (const [index, lease] of leases.entries())
      trial.enact(startOrder(`1.${index}`, lease, [1 + (index % 2), 1 + (index % 2)]));
    await trial.hearsAll(...leases.map((lease, index) => `VmsStarted ${lease} 1.${index}`));
    trial.enact(stopOrder('2.0', 'A'));
    trial.enact(stopOrder('2.1', 'D'));
    await trial.hearsAll('VmsStopped A 2.0', 'VmsStopped D 2.1');
    await trial.finds({ 'B/1': 'running', 'C/1': 'running' });
    expect([...(await trial.machines.survey())].map((one) => 'lease' in one && one.lease).sort()).toEqual(['B', 'C']);
  });
}

function detailOf(observation: object | undefined): string {
  return (observation as { detail?: string }).detail ?? '';
}
