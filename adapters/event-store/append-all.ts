/** A log that comes from elsewhere into a store that is empty, or holds the beginning of just this log. */

import { type Appended, type EventStore, encodeTurn, type Epoch, type Turn } from '../../engine/index.js';
import { StoreError } from './errors.js';
import { epochAfter } from './fence.js';

/** Appends that are on their way at a time. */
const UNDER_WAY = 64;

/**
 * Appends what the store has not yet. Broken off, it goes on where it was when it is called again. Returns the number of the
 * last turn. Throws a StoreError where the store holds another log, or nobody knows whether a turn was stored.
 */
export async function appendAll(turns: AsyncIterable<Turn>, store: EventStore): Promise<number> {
  const { revision: held } = await store.head();
  const stored = store.read(0)[Symbol.asyncIterator]();
  const waiting: Promise<void>[] = [];
  let epoch: Epoch = 0;
  let last = 0;
  try {
    for await (const turn of turns) {
      const after = epochOf(turn, last, epoch);
      if (turn.number <= held) mustBeSame(turn, (await stored.next()).value as Turn | undefined);
      else waiting.push(settled(store.append(turn, last, epoch), turn.number));
      if (waiting.length >= UNDER_WAY) await waiting.shift();
      last = turn.number;
      epoch = after;
    }
    if (last < held) throw another(last + 1);
  } finally {
    await stored.return?.();
    await Promise.allSettled(waiting);
  }
  await Promise.all(waiting);
  return last;
}

/** The epoch after the turn, which must be the next one. */
export function epochOf(turn: Turn, last: number, epoch: Epoch): Epoch {
  const { number } = turn;
  if (number !== last + 1) throw new StoreError('corrupt', `turn ${number} follows turn ${last}`, number);
  const after = epochAfter(last, epoch, turn, last, epoch);
  if (after === null) throw new StoreError('corrupt', `turn ${number} claims an epoch that is over`, number);
  return after;
}

async function settled(appending: Appended | Promise<Appended>, turn: number): Promise<void> {
  const { outcome } = await appending;
  if (outcome === 'appended') return;
  if (outcome === 'refused')
    throw new StoreError('locked', `turn ${turn} was refused: somebody else writes to the store`);
  throw new StoreError(
    'io',
    `nobody knows whether turn ${turn} was stored: do it once more, and it goes on from there`,
  );
}

function mustBeSame(turn: Turn, stored: Turn | undefined): void {
  if (stored === undefined || encodeTurn(stored) !== encodeTurn(turn)) throw another(turn.number);
}

function another(turn: number): StoreError {
  const what = `the store is not empty, and holds another log: it differs from turn ${turn} on`;
  return new StoreError('path', `${what}; name a store that is empty`, turn);
}
