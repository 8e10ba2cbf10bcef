/** Each order: what it brings about, and that it does so once, however often it comes. */

import { expect } from 'vitest';
import type { CallName } from '../../../adapters/libvirt/binding/calls.js';
import type { Order } from '../../../engine/index.js';
import type { Capability } from './kind.js';
import {
  moveOrder,
  resizeOrder,
  resumeOrder,
  startOrder,
  stopOrder,
  suspendOrder,
  transferOrder,
  VM_MIB,
} from './orders.js';
import { type Case, findsNothing, type Trial } from './trial.js';

type Step = readonly [order: Order, answer: string];

interface Verb {
  readonly name: string;
  readonly needs: readonly Capability[];
  /** What was done before. */
  readonly before: readonly Step[];
  readonly order: Order;
  readonly answer: string;
  /** What is there then. */
  readonly there: Readonly<Record<string, string>>;
  readonly survey: readonly string[];
  /** The call that brings it about, once a VM; null: it may be several, or none. */
  readonly call: CallName | null;
}

const started: Step = [startOrder('1.0', 'A', [1, 2]), 'VmsStarted'];
const roomy: Step = [startOrder('1.0', 'A', [1, 2], { max: 2 * VM_MIB }), 'VmsStarted'];
const suspended: Step = [suspendOrder('2.0', 'A', [1, 2]), 'VmsSuspended'];
const resumed: Step = [resumeOrder('3.0', 'A', [1, 2], [1, 2]), 'VmsResumed'];
const RUNNING = { 'A/1': 'running', 'A/2': 'running' };
const SAVED = { 'A/1': 'saved', 'A/2': 'saved' };

function stop(name: string, before: readonly Step[], needs: readonly Capability[], more: object): Verb {
  const order = stopOrder('9.0', 'A', more);
  return { name: `stop ${name}`, needs, before, order, answer: 'VmsStopped', there: {}, survey: [], call: 'undefine' };
}

const VERBS: readonly Verb[] = [
  {
    ...{ name: 'start', needs: [], before: [], order: started[0], answer: started[1], there: RUNNING },
    ...{ survey: ['VmsStarted A 1.0'], call: 'start' },
  },
  {
    ...{ name: 'suspend', needs: ['saving'], before: [started], order: suspended[0], answer: suspended[1] },
    ...{ there: SAVED, survey: ['VmsStarted A 1.0', 'VmsSuspended A 2.0'], call: 'save' },
  },
  {
    ...{ name: 'resume', needs: ['saving'], before: [started, suspended], order: resumed[0], answer: resumed[1] },
    ...{ there: RUNNING, survey: ['VmsStarted A 1.0', 'VmsResumed A 3.0'], call: 'restore' },
  },
  {
    ...{ name: 'resize', needs: [], before: [roomy], order: resizeOrder('2.0', 'A', 2 * VM_MIB, 2) },
    ...{ answer: 'VmsResized', there: RUNNING, survey: ['VmsStarted A 1.0'], call: null },
  },
  {
    ...{ name: 'resize, cold', needs: [], before: [started], order: resizeOrder('2.0', 'A', 2 * VM_MIB, 2, true) },
    ...{ answer: 'VmsResized', there: RUNNING, survey: ['VmsStarted A 1.0'], call: null },
  },
  {
    ...{ name: 'move', needs: ['moving'], before: [started], order: moveOrder('2.0', 'A', [1, 2], [2, 2, 1, 1]) },
    ...{
      answer: 'VmsLiveMigrated',
      there: RUNNING,
      survey: ['VmsStarted A 1.0', 'VmsLiveMigrated A 2.0'],
      call: 'migrate',
    },
  },
  {
    ...{ name: 'transfer', needs: ['saving'], before: [], order: transferOrder('1.0', 'A', [1, 2], 'blank') },
    ...{ answer: 'ImageTransferred', there: {}, survey: [], call: null },
  },
  stop('of what runs', [started], [], {}),
  stop('of what is suspended', [started, suspended], ['saving'], {}),
];

export function casesOfVerbs(define: Case): void {
  for (const verb of VERBS) {
    const { name, needs, order, answer, there, survey } = verb;
    const said = `${answer} A ${order.id}`;
    const stands = async (trial: Trial): Promise<void> => {
      await trial.finds(there);
      await trial.surveys(...survey);
      if (survey.length === 0) await findsNothing(trial);
      // However often it came, it was done once.
      for (const { made } of verb.call === null ? [] : trial.site.wires)
        expect(made.filter((call) => call === verb.call)).toHaveLength(1);
    };
    const before = async (trial: Trial): Promise<void> => {
      for (const [earlier, its] of verb.before) await trial.does(earlier, its);
    };

    define(`${name}: is carried out, and answered; again when it comes again`, { needs }, async (trial) => {
      await before(trial);
      await trial.does(order, answer);
      await stands(trial);
      for (let time = 0; time < 2; time++) trial.enact(order);
      await trial.hears(said, said);
      await stands(trial);
    });

    define(`${name}: is carried out once when it comes twice at once`, { needs }, async (trial) => {
      await before(trial);
      for (let time = 0; time < 2; time++) trial.enact(order);
      await trial.hearsOnly(said);
      await stands(trial);
    });

    define(`${name}: is answered again in a new life`, { needs }, async (trial) => {
      await before(trial);
      await trial.does(order, answer);
      await trial.next();
      await trial.surveys(...survey);
      for (let time = 0; time < 2; time++) trial.enact(order);
      await trial.hearsOnly(said);
      await stands(trial);
    });

    define(`${name}: is carried out by the next service when one dies at once`, { needs }, async (trial) => {
      await before(trial);
      trial.enact(order);
      await trial.next();
      trial.enact(order);
      await trial.hearsOnly(said);
      await trial.finds(there);
      await trial.surveys(...survey);
      if (survey.length === 0) await findsNothing(trial);
    });

    define(`${name}: is not taken from whoever has been superseded`, { needs }, async (trial) => {
      await before(trial);
      await trial.does(startOrder('8.0', 'B', [1, 1]), 'VmsStarted');
      trial.enact(order, 0);
      // Answered after it would have been.
      await trial.does(stopOrder('8.1', 'B', { after: [order.id] }), 'VmsStopped');
      await trial.surveys(...surveyOf(verb.before));
    });
  }

  for (const cause of ['time-over', 'cancelled', 'preempted', 'failed', 'node-lost'] as const)
    define(`stop, since ${cause}: leaves nothing, and the lease may run again`, {}, async (trial) => {
      await trial.does(startOrder('1.0', 'A', [1, 1]), 'VmsStarted');
      const then = cause === 'preempted' ? 'queue' : 'over';
      await trial.does(stopOrder('2.0', 'A', { cause, then }), 'VmsStopped');
      await findsNothing(trial);
      await trial.does(startOrder('3.0', 'A', [2, 2]), 'VmsStarted');
      await trial.finds({ 'A/1': 'running' });
    });
}

function surveyOf(steps: readonly Step[]): string[] {
  return steps.map(([order, answer]) => `${answer} A ${order.id}`);
}
