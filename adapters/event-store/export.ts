/**
 * A store as a file that proves itself: its turns, a hash after every so many and after the last, and the checkpoints that
 * were signed of it. What is written was held against the store's own hashes.
 */

import { type Anchored, NOTHING } from './anchor.js';
import { ChainReader, type ChainedLog, hashAfter } from './chain.js';
import type { SignedCheckpoint } from './checkpoints.js';
import { StoreError } from './errors.js';
import { CHAIN_TURNS, LOG_HEADER, segmentHeader } from './log-file.js';
import type { LogWriter } from './log-writer.js';

/** So many checkpoints go along, the latest, and all that introduce a key. */
const CHECKPOINTS_MAX = 100;

/** Writes the log `shown` up to turn `last`. Returns where it ends. Throws a StoreError where a turn does not fit. */
export async function exportTurns(
  log: Pick<ChainedLog, 'stored'>,
  shown: string,
  last: number,
  checkpoints: readonly SignedCheckpoint[],
  file: LogWriter,
  after: Anchored = NOTHING,
): Promise<Anchored> {
  const chain = new ChainReader(after.hash);
  let end = after;
  file.line(after.turn === 0 ? LOG_HEADER : segmentHeader(after));
  const along = checkpoints.filter(({ position }) => position <= last);
  const recent = along.filter(({ next }, i) => next !== undefined || i >= along.length - CHECKPOINTS_MAX);
  for (const checkpoint of recent) file.line(JSON.stringify(checkpoint));
  for await (const stored of log.stored(after.turn)) {
    const fault = chain.fault(stored);
    if (fault !== null) {
      throw new StoreError('corrupt', `${shown}: turn ${stored.number} is damaged: ${fault}`, stored.number);
    }
    end = { turn: stored.number, hash: stored.hash ?? hashAfter(end.hash, stored.number, stored.text) };
    file.turn(stored.number, stored.text);
    if (stored.number % CHAIN_TURNS === 0) file.line(`{"chain":${head(end)}}}`);
    const room = file.room();
    if (room !== null) await room;
    if (stored.number === last) break;
  }
  file.line(`{"end":${head(end)},"checkpoints":${recent.length}}}`);
  return end;
}

function head({ turn, hash }: Anchored): string {
  return `{"turn":${turn},"hash":"${hash.toString('hex')}"`;
}
