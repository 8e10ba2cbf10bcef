/** Who hears what was observed, and what a survey tells. */

import { expect } from 'vitest';
import { startOrder, stopOrder, written } from './orders.js';
import type { Case } from './trial.js';

export function casesOfListening(define: Case): void {
  define('nothing is told of machines that were never commanded', {}, async (trial) => {
    await trial.surveys();
    expect(trial.observations).toEqual([]);
  });

  define('what is observed waits until somebody listens', {}, async (trial) => {
    trial.listen()();
    trial.enact(startOrder('1.0', 'A', [1, 1]));
    await trial.finds({ 'A/1': 'running' });
    trial.listen();
    await trial.hears('VmsStarted A 1.0');
  });

  define('who listens last is told, and nobody else', {}, async (trial) => {
    const others: string[] = [];
    trial.machines.listen({ next: (one) => others.push(written(one)), error: () => {} });
    const leave = trial.listen();
    await trial.does(startOrder('1.0', 'A', [1, 1]), 'VmsStarted');
    trial.listen();
    // Whoever was there before takes nobody else's place.
    leave();
    await trial.does(stopOrder('2.0', 'A'), 'VmsStopped');
    expect(others).toEqual([]);
  });

  define('a service that ends in good order leaves all as it is', {}, async (trial) => {
    await trial.does(startOrder('1.0', 'A', [1, 2]), 'VmsStarted');
    await trial.next('closed');
    await trial.surveys('VmsStarted A 1.0');
    await trial.finds({ 'A/1': 'running', 'A/2': 'running' });
    expect(trial.heard).toEqual([]);
  });
}
