/** The loop: the same for the live service and for simulations. Only the ports differ. */

import { encodeTurn } from '../model/codec.js';
import type { Turn } from '../model/events.js';
import type { State } from '../state/state.js';
import { nextWakeup, ordersOf, unansweredOrders } from './pending.js';
import type { Cluster, Epoch, EventStore, Revision, World } from './ports.js';
import { takeTurn } from './take-turn.js';

export interface Ports {
  readonly store: EventStore;
  readonly cluster: Cluster;
  readonly world: World;
}

/** The log has gone on without us: another writer claimed a later epoch. Rebuild from the log, or stand aside. */
export class StaleWriterError extends Error {
  override readonly name = 'StaleWriterError';
}

/** Nobody knows whether the turn is in the log, and reading it back did not tell. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
}

/**
 * Runs until the world is over and returns the last state. A turn is durable before anybody is answered and before
 * anything is enacted. Throws StaleWriterError when fenced off, and whatever the store throws: then what the disk holds
 * is unknown, and the process must stop.
 */
export async function run(state: State, { store, cluster, world }: Ports): Promise<State> {
  for (const order of unansweredOrders(state)) cluster.enact(order);
  let now = state.now - 1; // what was due when the log ended may still be
  for (;;) {
    // Simulations need not wait: two awaited promises a turn would be a tenth of them.
    const next = world.next(nextWakeup(state, now));
    const input = next instanceof Promise ? await next : next;
    if (input === null) return state;
    now = input.now;
    const before = state.turn;
    const { turn, answers } = takeTurn(state, input.inbox, input.now);
    if (turn !== null) {
      const appended = store.append(turn, before, state.epoch);
      const { outcome } = appended instanceof Promise ? await appended : appended;
      if (outcome !== 'appended') await appendAgain(store, turn, before, state.epoch, outcome);
    }
    if (answers.length > 0) world.answer(answers);
    if (turn !== null && turn.decisions.length > 0) for (const order of ordersOf(state, turn)) cluster.enact(order);
  }
}

/** How often a turn of unknown outcome is tried again. The store's own deadlines set the pace. */
const ATTEMPTS_MAX = 100;

/** After a refused or unknown append: finds out what the log holds, and repeats the same turn until that is certain. */
async function appendAgain(
  store: EventStore,
  turn: Turn,
  expected: Revision,
  epoch: Epoch,
  first: 'refused' | 'unknown',
): Promise<void> {
  let outcome: 'appended' | 'refused' | 'unknown' = first;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const stored = await turnAfter(store, expected);
    if (stored === 'unknown') continue;
    if (stored !== null) {
      if (encodeTurn(stored) === encodeTurn(turn)) return;
      throw new StaleWriterError(`turn ${turn.number} was written by another scheduler`);
    }
    if (outcome === 'refused') throw new StaleWriterError(`another scheduler has claimed the log after epoch ${epoch}`);
    outcome = (await store.append(turn, expected, epoch)).outcome;
    if (outcome === 'appended') return;
  }
  throw new UnknownOutcomeError(`turn ${turn.number}: the store does not tell whether it is in the log`);
}

/** The turn that follows `revision` in the log; null: there is none; unknown: the store cannot be read just now. */
async function turnAfter(store: EventStore, revision: Revision): Promise<Turn | null | 'unknown'> {
  try {
    for await (const turn of store.read(revision)) return turn;
    return null;
  } catch {
    return 'unknown';
  }
}
