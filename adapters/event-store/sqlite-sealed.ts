/**
 * Sealed turns: the beginning of a log, moved out of its store into files (compressed, one turn a line, with hashes). The
 * store knows the hash after each, so what is read of them is held against it.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database as Connection } from 'better-sqlite3';
import type { Revision } from '../../engine/index.js';
import { type Anchored, NOTHING } from './anchor.js';
import { GENESIS, type Hash, hashAfter, type Stored } from './chain.js';
import { StoreError } from './errors.js';
import { LogError, readRawLog } from './log-file.js';

/** One file: turns `first` to `last`, and the hashes before and after them. */
export interface Segment {
  readonly first: Revision;
  readonly last: Revision;
  readonly hash: Hash;
  /** In the directory of sealed turns. */
  readonly file: string;
}

/** Turns of one page. */
const PAGE_TURNS = 512;
/** Readers whose place in a file is remembered: others begin the file again. */
const READERS_MAX = 8;

/** Where the sealed turns of a store lie. */
export function sealedDirectory(path: string): string {
  return `${path}.sealed`;
}

/** The name of a segment: in order of their names they are in order of their turns. */
export function segmentFile(first: Revision, last: Revision): string {
  return `${String(first).padStart(12, '0')}-${String(last).padStart(12, '0')}.ndjson.gz`;
}

/** The segments that a store knows, in order. A store of an earlier format knows none. */
export function segmentsOf(db: Connection): Segment[] {
  const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sealed'").get();
  if (table === undefined) return [];
  return db.prepare<[], Segment>('SELECT first, last, hash, file FROM sealed ORDER BY first').all();
}

export class SealedTurns {
  /** The last sealed turn. */
  readonly end: Anchored;
  /** By the turn that they have read last. */
  private readonly readers = new Map<Revision, AsyncGenerator<Stored>>();

  constructor(
    private readonly path: string,
    private readonly segments: readonly Segment[],
  ) {
    const last = segments.at(-1);
    this.end = last === undefined ? NOTHING : { turn: last.last, hash: last.hash };
  }

  /** The hash after a segment; null: the turn is not the last of one. */
  hash(turn: Revision): Hash | null {
    return this.segments.find(({ last }) => last === turn)?.hash ?? null;
  }

  /** Sealed turns after `after`, as many as a page holds. */
  async page(after: Revision): Promise<readonly Stored[]> {
    const reader = this.readers.get(after) ?? this.reader(after);
    this.readers.delete(after);
    const turns: Stored[] = [];
    while (turns.length < PAGE_TURNS) {
      const { value, done } = await reader.next();
      if (done === true) return turns;
      turns.push(value);
    }
    this.remember(turns.at(-1)!.number, reader);
    return turns;
  }

  async close(): Promise<void> {
    for (const reader of this.readers.values()) await reader.return(undefined);
    this.readers.clear();
  }

  private remember(turn: Revision, reader: AsyncGenerator<Stored>): void {
    this.readers.set(turn, reader);
    if (this.readers.size <= READERS_MAX) return;
    const [oldest, forgotten] = this.readers.entries().next().value!;
    this.readers.delete(oldest);
    void forgotten.return(undefined);
  }

  private async *reader(after: Revision): AsyncGenerator<Stored> {
    let before = GENESIS;
    for (const segment of this.segments) {
      if (segment.last > after)
        for await (const turn of readSegment(this.path, segment, before)) if (turn.number > after) yield turn;
      before = segment.hash;
    }
  }
}

/** The turns of a segment. Throws a StoreError where it is missing, or is not what was sealed. */
export async function* readSegment(path: string, segment: Segment, before: Hash): AsyncGenerator<Stored> {
  const file = join(sealedDirectory(path), segment.file);
  const { first, last } = segment;
  if (!existsSync(file))
    throw new StoreError('short', `${file} is missing; turns ${first} to ${last} are in it: bring it back`, first);
  const damaged = (detail: string) => new StoreError('corrupt', `${file} is damaged: ${detail}`, first);
  let end: Anchored = { turn: first - 1, hash: before };
  try {
    for await (const entry of readRawLog(file)) {
      if ('chain' in entry) {
        if (entry.chain.turn !== end.turn || !entry.chain.hash.equals(end.hash))
          throw damaged(`the hash of turn ${entry.chain.turn} is not what follows from the turns before it`);
      } else if ('text' in entry) {
        end = { turn: entry.number, hash: hashAfter(end.hash, entry.number, entry.text) };
        yield { number: entry.number, text: entry.text, hash: end.hash };
      }
    }
  } catch (error) {
    throw error instanceof LogError ? damaged(error.message) : error;
  }
  if (end.turn !== last || !end.hash.equals(segment.hash)) throw damaged('it does not end as it was sealed');
}
