/**
 * The hash chain over the turns of a log: each hash covers the turn, its number, and the hash before it. Who has one hash
 * can tell whether anything up to its turn was altered, left out or put in (Haber & Stornetta 1991).
 */

import { createHash } from 'node:crypto';
import { type Revision, type Turn, decodeTurn } from '../../engine/index.js';
import type { StoreError } from './errors.js';

/** SHA-256, 32 bytes. */
export type Hash = Buffer;

/** What is hashed is told apart by what it begins with: no hash of a turn is a hash of anything else. */
const LOG = 'leasehold log 1\n';
const TURN = 'leasehold turn 1\n';

/** The hash before the first turn. */
export const GENESIS: Hash = createHash('sha256').update(LOG, 'utf8').digest();

/** What comes before the text: `TURN`, the hash before, and the number in 64 bits. Written anew for every hash. */
const HEAD = Buffer.concat([Buffer.from(TURN, 'utf8'), Buffer.alloc(GENESIS.length + 8)]);
const POSITION = HEAD.length - 8;

/** The hash of turn `number`, whose canonical text is `text`. O(length of the text). */
export function hashAfter(before: Hash, number: Revision, text: string): Hash {
  before.copy(HEAD, TURN.length);
  HEAD.writeUInt32BE(Math.floor(number / 2 ** 32), POSITION);
  HEAD.writeUInt32BE(number >>> 0, POSITION + 4);
  return createHash('sha256').update(HEAD).update(text, 'utf8').digest();
}

/** A turn as a store keeps it. */
export interface Stored {
  readonly number: Revision;
  readonly text: string;
  /** Null: it was written before hashes were kept there. */
  readonly hash: Hash | null;
}

/** What can be asked of a log whose turns are chained, beside its turns. */
export interface ChainedLog {
  /** The hash of a turn; null: the log does not hold it. */
  hash(turn: Revision): Promise<Hash | null>;
  /** Turns after `after` as they are stored, whole and in order; their hashes are not checked. */
  stored(after: Revision): AsyncIterable<Stored>;
}

/** Holds turns against their hashes, one after the other. */
export class ChainReader {
  /** `last`: the hash that the first turn builds on. Null: not known, since the turns before it have none. */
  constructor(private last: Hash | null) {}

  /** What is wrong with the next turn; null: nothing. A turn without a hash comes before all that have one. */
  fault({ number, text, hash }: Stored): string | null {
    const due = this.last === null ? null : hashAfter(this.last, number, text);
    if (hash !== null && due !== null && !hash.equals(due))
      return 'its hash is not what follows from the turns before it';
    if (hash === null && this.sealed) return 'it has no hash, and turns before it have';
    this.sealed ||= hash !== null;
    this.last = hash ?? due;
    return null;
  }

  private sealed = false;
}

/** The turns of a page, each the next of the one before. Throws where the first is damaged; stops before any other. */
export function checkedTurns(
  page: readonly Stored[],
  after: Revision,
  chain: ChainReader,
  damaged: (turn: Revision, detail: string) => StoreError,
): Turn[] {
  const turns: Turn[] = [];
  for (const stored of page) {
    const due = after + turns.length + 1;
    const found = stored.number === due ? checked(stored, chain) : `turn ${stored.number} follows turn ${due - 1}`;
    if (typeof found !== 'string') turns.push(found);
    else if (turns.length > 0) break;
    else throw damaged(due, found);
  }
  return turns;
}

export interface StoredPages {
  page(after: Revision): Promise<readonly Stored[]>;
  /** The hash of a turn, where it is kept; null: it is not known. */
  before(after: Revision): Promise<Hash | null>;
  damaged(turn: Revision, detail: string): StoreError;
}

/** Pages of turns, for one reader: it need not ask for the hash at which its page before ended. */
export function checkedPages(log: StoredPages): (after: Revision) => Promise<readonly Turn[]> {
  let read = { turn: -1, chain: new ChainReader(null) };
  return async (after) => {
    const page = await log.page(after);
    if (page.length === 0) return [];
    if (read.turn !== after) read = { turn: after, chain: new ChainReader(await log.before(after)) };
    const turns = checkedTurns(page, after, read.chain, (turn, detail) => log.damaged(turn, detail));
    read = { ...read, turn: turns.at(-1)!.number };
    return turns;
  };
}

/** The turn, or what is wrong with it. */
function checked(stored: Stored, chain: ChainReader): Turn | string {
  let turn: Turn;
  try {
    turn = decodeTurn(stored.text);
  } catch (error) {
    return (error as Error).message;
  }
  return turn.number === stored.number ? (chain.fault(stored) ?? turn) : `its text is that of turn ${turn.number}`;
}
