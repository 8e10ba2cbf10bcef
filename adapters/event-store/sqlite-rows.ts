/** Turns as rows: number, part, how many parts, text. What does not fit together is damage, reported by turn. */

import Database, { type Database as Connection, type Statement } from 'better-sqlite3';
import type { Epoch, Head, Revision, Turn } from '../../engine/index.js';
import { type Anchored, assertAnchored } from './anchor.js';
import { ChainReader, GENESIS, type Hash, type Stored, checkedTurns } from './chain.js';
import { StoreError } from './errors.js';
import { PartsJoin } from './parts.js';
import { SealedTurns, segmentsOf } from './sqlite-sealed.js';

/** A page ends after so many rows or bytes, at the end of a turn: memory stays flat, however long the log. */
const PAGE_ROWS = 512;
const PAGE_UNITS = 4 * 1024 * 1024;

interface Row {
  readonly number: number;
  readonly part: number;
  readonly of: number;
  readonly text: string;
  /** Of the turn. */
  readonly hash: Buffer;
}

export class TurnRows {
  readonly sealed: SealedTurns;
  private readonly selectHead: Statement<[], Head>;
  private readonly selectAfter: Statement<[number], Row>;
  private readonly selectFirst: Statement<[], Row>;
  private readonly selectTurn: Statement<[number], string>;
  private readonly selectHash: Statement<[number], Buffer>;
  private readonly insertRow: Statement<[number, number, number, string, Hash]>;
  private readonly updateEpoch: Statement<[number]>;
  /** Up to where turns were read from the first on, and the epoch that they claim. */
  private claimed: { readonly after: Revision; readonly epoch: Epoch } = { after: 0, epoch: 0 };

  constructor(
    private readonly path: string,
    db: Connection,
  ) {
    this.sealed = new SealedTurns(path, segmentsOf(db));
    this.selectHead = db.prepare('SELECT ifnull((SELECT max(number) FROM turns), 0) AS revision, epoch FROM meta');
    this.selectFirst = db.prepare('SELECT number, part, "of", text, hash FROM turns WHERE number = 1 ORDER BY part');
    this.selectAfter = db.prepare(
      'SELECT number, part, "of", text, hash FROM turns WHERE number > ? ORDER BY number, part',
    );
    this.selectTurn = db.prepare<[number], string>('SELECT text FROM turns WHERE number = ? ORDER BY part').pluck();
    this.selectHash = db.prepare<[number], Buffer>('SELECT hash FROM turns WHERE number = ? AND part = 1').pluck();
    this.insertRow = db.prepare('INSERT INTO turns (number, part, "of", text, hash) VALUES (?, ?, ?, ?, ?)');
    this.updateEpoch = db.prepare('UPDATE meta SET epoch = ?');
  }

  head(): Head {
    const { revision, epoch } = this.selectHead.get()!;
    return { revision: Math.max(revision, this.sealed.end.turn), epoch };
  }

  /** Whether the turn after `after` is sealed, and is not the first: that one is kept here, too. */
  isSealed(after: Revision): boolean {
    return after > 0 && after < this.sealed.end.turn;
  }

  setEpoch(epoch: Epoch): void {
    this.updateEpoch.run(epoch);
  }

  insert(number: number, parts: readonly string[], hash: Hash): void {
    for (let k = 0; k < parts.length; k++) this.insertRow.run(number, k + 1, parts.length, parts[k]!, hash);
  }

  /** The text of a turn of the log. */
  text(number: number): string {
    return this.selectTurn.all(number).join('');
  }

  /** The hash of a turn of the log; null: the log does not hold it. */
  hash(number: Revision): Hash | null {
    return number === 0 ? GENESIS : (this.selectHash.get(number) ?? this.sealed.hash(number));
  }

  /** Whole turns after `after` that are not sealed, each the next of the one before, up to the first that is damaged. */
  page(after: Revision): readonly Turn[] {
    const chain = new ChainReader(this.hash(after) ?? GENESIS);
    const turns = checkedTurns(this.stored(after), after, chain, (turn, detail) => this.damaged(turn, detail));
    this.checkEpoch(after, turns);
    return turns;
  }

  /** As `page`, as they are stored. */
  stored(after: Revision): readonly Stored[] {
    const turns: Stored[] = [];
    try {
      this.collect(after, turns);
    } catch (error) {
      if (turns.length > 0) return turns;
      if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_CORRUPT')) throw error;
      throw this.damaged(after + 1, error.message);
    }
    return turns;
  }

  /** Who may write is kept beside the turns; they say it, too, to whoever has read all of them. */
  private checkEpoch(after: Revision, turns: readonly Turn[]): void {
    if (after === 0) this.claimed = { after: 0, epoch: 0 };
    if (after !== this.claimed.after) return;
    let { epoch } = this.claimed;
    for (const { inputs } of turns) for (const input of inputs) if (input.type === 'EpochClaimed') epoch = input.epoch;
    this.claimed = { after: after + turns.length, epoch };
    const head = this.head();
    if (head.revision !== this.claimed.after || head.epoch === epoch) return;
    throw new StoreError('corrupt', `${this.path}: its turns end with epoch ${epoch}, and it says ${head.epoch}`);
  }

  /** One statement: a consistent view. */
  private collect(after: Revision, turns: Stored[]): void {
    const parts = new PartsJoin();
    let rows = 0;
    let units = 0;
    let first: Hash | null = null;
    const alone = after < this.sealed.end.turn; // the first turn; those that follow are sealed
    for (const { number, part, of, text, hash } of alone
      ? this.selectFirst.iterate()
      : this.selectAfter.iterate(after)) {
      const due = after + turns.length + 1;
      if (turns.length > 0 && number === due - 1) {
        turns.pop();
        throw this.damaged(number, 'it has a part too many');
      }
      if (!parts.open && (rows >= PAGE_ROWS || units >= PAGE_UNITS)) return;
      if (number !== due)
        throw this.damaged(due, parts.open ? parts.missing : `turn ${number} follows turn ${due - 1}`);
      if (typeof text !== 'string' || !Buffer.isBuffer(hash))
        throw this.damaged(due, 'its text or its hash is missing');
      const fault = parts.add(number, part, of, text);
      if (fault !== null) throw this.damaged(due, fault);
      first ??= hash;
      if (!first.equals(hash)) throw this.damaged(due, 'its parts have different hashes');
      rows++;
      units += text.length;
      const whole = parts.take();
      if (whole === null) continue;
      turns.push({ number, text: whole, hash });
      first = null;
    }
    if (parts.open) throw this.damaged(after + turns.length + 1, parts.missing);
  }

  private damaged(turn: number, detail: string): StoreError {
    return new StoreError('corrupt', `${this.path}: turn ${turn} is damaged: ${detail}`, turn);
  }
}

/** Whether the log holds what was acknowledged. Throws a StoreError. */
export function checkAnchor(path: string, rows: TurnRows, anchorPath: string, anchored: Anchored | null): void {
  const { revision } = rows.head();
  if (anchored === null) {
    if (revision === 0) return;
    const what = `${path} has ${revision} turns, and its anchor ${anchorPath} is missing`;
    throw new StoreError('short', `${what}; bring it back, or accept the log as it is: leasehold log anchor ${path}`);
  }
  assertAnchored(path, anchored, revision, rows.hash(anchored.turn));
}
