/**
 * The store of simulations: it keeps nothing. It counts, feeds the digest of the decisions, and writes the log to a
 * file where one is wanted. The digest is the same with and without a file.
 */

import { type Hash, createHash } from 'node:crypto';
import {
  type Appended,
  type Epoch,
  type EventStore,
  type Head,
  InvariantError,
  RecordWriter,
  type Revision,
  type Snapshot,
  type Turn,
} from '../../engine/index.js';
import { closedError } from './errors.js';
import { epochAfter } from './fence.js';
import { LogWriter } from './log-writer.js';

/** Every so many turns the log carries a checkpoint: a digest of the state and of all decisions so far. */
export const CHECKPOINT_TURNS = 4096;

/** Decision records are hashed in pieces of about this size. */
const PIECE_BYTES = 64 * 1024;

export interface StreamOptions {
  /** Where the log is written: a gzip file. It appears when the store is finished, whole. */
  readonly log: string;
  /** The state, encoded: at the time of an append, the state after that turn. */
  readonly stateAt: () => string;
}

export interface Finished {
  /** SHA-256 over the records of all decisions, in hex. */
  readonly digest: string;
  readonly turns: number;
  readonly events: number;
  /** The size of the log file; 0 without one. */
  readonly bytes: number;
}

export class StreamStore implements EventStore {
  private readonly records = new RecordWriter();
  private readonly decisions: Hash = createHash('sha256');
  private readonly log: LogWriter | null;
  private readonly stateAt: () => string;
  private revision: Revision = 0;
  private epoch: Epoch = 0;
  private events = 0;
  private checkpointed = -1;
  private closed = false;
  /** One answer for all appends: an object per turn would be most of the cost. */
  private readonly answer = { outcome: 'appended' as const, revision: 0 };

  constructor(options: StreamOptions | null = null) {
    this.log = options === null ? null : new LogWriter(options.log);
    this.stateAt = options === null ? () => '' : options.stateAt;
  }

  /** The answer is valid until the next append. It is waited for only when the log's pipe is full. */
  append(turn: Turn, expected: Revision, epoch: Epoch): Appended | Promise<Appended> {
    try {
      return this.take(turn, expected, epoch);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Ends the log: the file is there, on disk, when the promise resolves. */
  async finish(): Promise<Finished> {
    if (this.closed) throw closedError();
    this.closed = true;
    let bytes = 0;
    if (this.log !== null) {
      if (this.checkpointed !== this.revision) this.checkpoint(this.log);
      bytes = await this.log.finish();
    }
    return { digest: this.digestSoFar(), turns: this.revision, events: this.events, bytes };
  }

  /** Nothing is kept, so only the turns after the last can be read: none. */
  read(after: Revision): AsyncIterable<Turn> {
    if (after < this.revision) throw new InvariantError('the turns of a stream are not kept: read its log file');
    return { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }) };
  }

  subscribe(): AsyncIterable<Turn> {
    throw new InvariantError('the turns of a stream are not kept: nobody can follow it');
  }

  async head(): Promise<Head> {
    return this.headNow();
  }

  /** A simulation starts again from its trace: snapshots are not kept either. */
  async saveSnapshot(): Promise<void> {}

  async latestSnapshot(): Promise<Snapshot | null> {
    return null;
  }

  /** Without `finish` before it, the log is given up: no file appears. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.log?.abandon();
  }

  private take(turn: Turn, expected: Revision, epoch: Epoch): Appended | Promise<Appended> {
    // 1. Fenced as every store is.
    if (this.closed) throw closedError();
    const after = epochAfter(this.revision, this.epoch, turn, expected, epoch);
    if (after === null) return { outcome: 'refused', head: this.headNow() };
    // 2. Count and hash.
    this.revision = turn.number;
    this.epoch = after;
    this.answer.revision = turn.number;
    const { decisions } = turn;
    this.events += turn.inputs.length + decisions.length;
    for (let i = 0; i < decisions.length; i++) this.records.decision(turn.number, decisions[i]!);
    if (this.records.length >= PIECE_BYTES) this.hashRecords();
    // 3. Write.
    if (this.log === null) return this.answer;
    this.log.encoded(turn);
    if (turn.number % CHECKPOINT_TURNS === 0) this.checkpoint(this.log);
    const room = this.log.room();
    return room === null ? this.answer : room.then(() => this.answer);
  }

  private headNow(): Head {
    return { revision: this.revision, epoch: this.epoch };
  }

  private hashRecords(): void {
    const { records } = this;
    if (records.length === 0) return;
    this.decisions.update(records.bytes.subarray(0, records.length));
    records.reset();
  }

  private digestSoFar(): string {
    this.hashRecords();
    return this.decisions.copy().digest('hex');
  }

  private checkpoint(log: LogWriter): void {
    this.checkpointed = this.revision;
    const state = createHash('sha256').update(this.stateAt(), 'utf8').digest('hex');
    const checkpoint = { turn: this.revision, state, decisions: this.digestSoFar() };
    log.line(JSON.stringify({ checkpoint }));
  }
}
