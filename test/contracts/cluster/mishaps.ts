/** Each step of each order goes wrong once: its answer is lost, it never gets there, or the service dies in it. */

import type { CallName } from '../../../adapters/libvirt/binding/calls.js';
import type { Order } from '../../../engine/index.js';
import type { Capability } from './kind.js';
import { resumeOrder, startOrder, stopOrder, suspendOrder } from './orders.js';
import { type Case, findsNothing, type Trial } from './trial.js';

const start = startOrder('1.0', 'A', [1, 1]);
const suspend = suspendOrder('2.0', 'A', [1, 1]);
const resume = resumeOrder('3.0', 'A', [1, 1], [1, 1]);
const stop = stopOrder('4.0', 'A');

interface Steps {
  readonly name: string;
  readonly before: readonly (readonly [Order, string])[];
  readonly order: Order;
  readonly answer: string;
  readonly there: Readonly<Record<string, string>>;
  /** What it is made of; those in files only where VMs have some. */
  readonly calls: readonly CallName[];
  readonly ofFiles: readonly CallName[];
}

const STEPS: readonly Steps[] = [
  {
    ...{ name: 'start', before: [], order: start, answer: 'VmsStarted', there: { 'A/1': 'running' } },
    ...{ calls: ['define', 'start'], ofFiles: ['createVolume', 'upload'] },
  },
  {
    ...{ name: 'suspend', before: [[start, 'VmsStarted']], order: suspend, answer: 'VmsSuspended' },
    ...{ there: { 'A/1': 'saved' }, calls: [], ofFiles: ['save', 'digest', 'setMetadata'] },
  },
  {
    ...{ name: 'resume', order: resume, answer: 'VmsResumed', there: { 'A/1': 'running' } },
    before: [
      [start, 'VmsStarted'],
      [suspend, 'VmsSuspended'],
    ],
    ...{ calls: [], ofFiles: ['restore', 'setMetadata', 'deleteVolume'] },
  },
  {
    ...{ name: 'stop', before: [[start, 'VmsStarted']], order: stop, answer: 'VmsStopped', there: {} },
    ...{ calls: ['destroy', 'undefine'], ofFiles: ['deleteVolume'] },
  },
];

export function casesOfMishaps(define: Case): void {
  for (const steps of STEPS)
    for (const call of [...steps.calls, ...steps.ofFiles]) {
      const needs: Capability[] = steps.calls.includes(call) ? ['hosts'] : ['hosts', 'saving'];
      const about = `${steps.name}, whose ${call}`;

      define(`${about} is done and not answered`, { needs }, async (trial) => {
        await prepare(trial, steps);
        trial.wire(1).plan(call, 'lost');
        await trial.does(steps.order, steps.answer);
        await stands(trial, steps);
      });

      define(`${about} never gets there`, { needs }, async (trial) => {
        await prepare(trial, steps);
        trial.wire(1).plan(call, 'late');
        await trial.does(steps.order, steps.answer);
        await stands(trial, steps);
      });

      for (const when of ['held before', 'held after'] as const)
        define(`${about} is the last that a service sees, ${when.slice(5)} it is done`, { needs }, async (trial) => {
          await prepare(trial, steps);
          const held = trial.wire(1).plan(call, when);
          trial.enact(steps.order);
          await held.met;
          await trial.next();
          held.release();
          trial.enact(steps.order);
          await trial.hearsOnly(`${steps.answer} A ${steps.order.id}`);
          await stands(trial, steps);
        });
    }

  for (const { name, before, order, answer, there, ofFiles } of STEPS) {
    const call = ofFiles.includes('save') ? 'save' : ofFiles.includes('restore') ? 'restore' : null;
    if (call === null && name !== 'start') continue;
    define(`${name}, and the process beside is killed in it`, { needs: ['processes', 'saving'] }, async (trial) => {
      for (const [earlier, its] of before) await trial.does(earlier, its);
      const held = trial.wire(1).plan(call ?? 'start', 'held before');
      trial.enact(order);
      await held.met;
      held.release();
      // Somewhere in the call, wherever that is.
      trial.site.killProcess(1);
      await trial.hears(`${answer} A ${order.id}`);
      await trial.finds(there);
    });
  }
}

async function prepare(trial: Trial, { before }: Steps): Promise<void> {
  for (const [order, answer] of before) await trial.does(order, answer);
}

async function stands(trial: Trial, { there, name }: Steps): Promise<void> {
  await trial.finds(there);
  if (name === 'stop') await findsNothing(trial);
}
