/** Orders that make no sense as things are, that overtake each other, or that wait. */

import type { CallName } from '../../../adapters/libvirt/binding/calls.js';
import type { Order } from '../../../engine/index.js';
import type { Capability } from './kind.js';
import { resumeOrder, startOrder, stopOrder, suspendOrder } from './orders.js';
import { type Case, findsNothing } from './trial.js';

/** Long enough for a simulated step to be under way until the end of the test. */
const LONG = { takes: 3_600_000 };
const start = (id: string): Order => startOrder(id, 'A', [1, 1]);
const suspend = (id: string, more = {}): Order => suspendOrder(id, 'A', [1, 1], more);
const resume = (id: string, more = {}): Order => resumeOrder(id, 'A', [1, 1], [1, 1], more);
const SAVING: { needs: readonly Capability[] } = { needs: ['saving'] };

export function casesOfOrder(define: Case): void {
  define('stop of a lease that was never started is done', {}, async (trial) => {
    await trial.does(stopOrder('1.0', 'A'), 'VmsStopped');
    await trial.does(start('2.0'), 'VmsStarted');
  });

  for (const [name, order] of [
    ['suspend', suspend('1.0')],
    ['resume', resume('1.0')],
  ] as const)
    define(`${name} of a lease that nobody knows fails`, {}, async (trial) => {
      await trial.does(order, 'OrderFailed');
      await findsNothing(trial);
    });

  define('suspend of what is suspended changes nothing', SAVING, async (trial) => {
    await trial.does(start('1.0'), 'VmsStarted');
    await trial.does(suspend('2.0'), 'VmsSuspended');
    await trial.does(suspend('3.0'), 'OrderFailed');
    await trial.finds({ 'A/1': 'saved' });
    await trial.does(resume('4.0'), 'VmsResumed');
  });

  define('resume of what runs changes nothing', SAVING, async (trial) => {
    await trial.does(start('1.0'), 'VmsStarted');
    // Those that look before they act have nothing to do.
    trial.enact(resume('2.0'));
    await trial.hearsEither('VmsResumed A 2.0', 'OrderFailed A 2.0');
    await trial.finds({ 'A/1': 'running' });
    await trial.does(suspend('3.0'), 'VmsSuspended');
  });

  define('a start that comes again after its stop brings nothing back', {}, async (trial) => {
    trial.enact(start('1.0'));
    trial.enact(stopOrder('2.0', 'A'));
    await trial.hearsLast('VmsStopped A 2.0');
    trial.enact(start('1.0'));
    trial.enact(stopOrder('3.0', 'B', { after: ['1.0'] }));
    await trial.hearsLast('VmsStopped B 3.0');
    await findsNothing(trial);
  });

  define('a lease that was suspended and brought back can be suspended again', SAVING, async (trial) => {
    await trial.does(start('1.0'), 'VmsStarted');
    for (const turn of [2, 4]) {
      await trial.does(suspend(`${turn}.0`), 'VmsSuspended');
      await trial.does(resume(`${turn + 1}.0`), 'VmsResumed');
    }
    await trial.surveys('VmsStarted A 1.0', 'VmsResumed A 5.0');
    await trial.does(stopOrder('6.0', 'A'), 'VmsStopped');
    await findsNothing(trial);
  });

  define('an order waits for those that it names, and for no others', {}, async (trial) => {
    await trial.does(startOrder('1.0', 'A', [1, 2]), 'VmsStarted');
    trial.enact(startOrder('2.0', 'B', [1, 1], { after: ['1.1', '7.7'] }));
    await trial.hears('VmsStarted B 2.0');
    trial.enact(stopOrder('3.0', 'A'));
    trial.enact(startOrder('3.1', 'C', [1, 1], { after: ['3.0'] }));
    await trial.hears('VmsStopped A 3.0', 'VmsStarted C 3.1');
    await trial.finds({ 'B/1': 'running', 'C/1': 'running' });
  });

  define('orders of one lease that wait for each other are carried out in order', SAVING, async (trial) => {
    trial.enact(start('1.0'));
    trial.enact(suspendOrder('2.0', 'A', [1, 1], { after: ['1.0'] }));
    trial.enact(resumeOrder('3.0', 'A', [1, 1], [1, 1], { after: ['2.0'] }));
    await trial.hears('VmsStarted A 1.0', 'VmsSuspended A 2.0', 'VmsResumed A 3.0');
    await trial.finds({ 'A/1': 'running' });
  });

  const STOPPED: readonly (readonly [string, readonly Order[], Order, CallName])[] = [
    ['starting', [], start('5.0'), 'start'],
    ['suspending', [start('1.0')], suspend('5.0', LONG), 'save'],
    ['resuming', [start('1.0'), suspend('2.0')], resume('5.0', LONG), 'restore'],
  ];
  for (const [doing, before, order, call] of STOPPED)
    for (const when of ['held before', 'held after'] as const)
      define(`stop while ${doing}, ${when.slice(5)} its call, leaves nothing`, needsOf(call, when), async (trial) => {
        for (const one of before) await trial.does(one, one.id === '1.0' ? 'VmsStarted' : 'VmsSuspended');
        const [wire] = trial.site.wires;
        const held = wire?.plan(call, when);
        trial.enact(order);
        await held?.met;
        trial.enact(stopOrder('6.0', 'A'));
        held?.release();
        await trial.hearsLast('VmsStopped A 6.0');
        await findsNothing(trial);
      });
}

/** Without calls there is one moment, not two. */
function needsOf(call: CallName, when: 'held before' | 'held after'): { needs: Capability[] } {
  return {
    needs: [...(call === 'start' ? [] : (['saving'] as const)), ...(when === 'held after' ? (['hosts'] as const) : [])],
  };
}
