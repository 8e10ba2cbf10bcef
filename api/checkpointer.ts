/** Signs where the log is, every so many turns and every so often, into a file that belongs on another disk than the log. */

import { existsSync, truncateSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { type CheckpointKey, openCheckpointKey } from '../adapters/event-store/checkpoint-key.js';
import { type SignedCheckpoint, readCheckpoints, signed } from '../adapters/event-store/checkpoints.js';
import { createDirectory } from '../adapters/event-store/sqlite-files.js';
import type { LogProof } from './log-proof.js';

export interface CheckpointOptions {
  readonly key: string;
  readonly file: string;
  /** After so many turns, and after so long where there are new ones. */
  readonly everyTurns: number;
  readonly everyMs: number;
}

/** Kept in memory, for those who ask. */
const RECENT_MAX = 1000;

export class Checkpointer {
  /** The latest, in order. */
  readonly recent: SignedCheckpoint[];
  private readonly key: CheckpointKey;
  private timer: NodeJS.Timeout | null = null;
  private position = Number.MAX_SAFE_INTEGER;
  private onFailure: (error: Error) => void = () => {};
  private writing: Promise<void> = Promise.resolve();

  /** Throws a StoreError. */
  constructor(
    private readonly options: CheckpointOptions,
    private readonly proof: LogProof,
  ) {
    const { key, file } = options;
    this.key = openCheckpointKey(key, file);
    createDirectory(file);
    this.recent = found(file).slice(-RECENT_MAX);
  }

  get last(): SignedCheckpoint | null {
    return this.recent.at(-1) ?? null;
  }

  /** The history has been folded. `onFailure`: the file could not be written; the next checkpoint tries again. */
  begin(onFailure: (error: Error) => void): void {
    this.onFailure = onFailure;
    // A service that follows gets ready again when it leads.
    if (this.timer !== null) return;
    // Where the log was put back from a copy, it may end before what was signed.
    this.position = Math.min(this.last?.position ?? 0, this.proof.head.turn);
    this.timer = setInterval(() => this.sign(), this.options.everyMs);
    this.timer.unref();
  }

  /** Turns have been folded. */
  look(): void {
    if (this.proof.head.turn - this.position >= this.options.everyTurns) this.sign();
  }

  /** Signs where the log ends, and lets go of the key. */
  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.sign();
    await this.writing;
    this.key.release();
  }

  private sign(): void {
    const { proof } = this;
    const { turn, hash } = proof.head;
    if (proof.log === null || turn <= this.position) return;
    const now = new Date().toISOString();
    const unsigned = { log: proof.log, position: turn, hash: hash.toString('hex'), time: now };
    const checkpoint = signed(unsigned, this.key.privateKey);
    this.position = turn;
    this.writing = this.writing.then(() => this.write(checkpoint));
  }

  /** A checkpoint counts when it is on disk. */
  private async write(checkpoint: SignedCheckpoint): Promise<void> {
    try {
      const file = await open(this.options.file, 'a', 0o644);
      try {
        await file.appendFile(`${JSON.stringify(checkpoint)}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
      this.recent.push(checkpoint);
      if (this.recent.length > RECENT_MAX) this.recent.shift();
    } catch (error) {
      this.onFailure(error as Error);
    }
  }
}

/** The checkpoints that are there. What was not written to its end is cut off: the next one begins a line of its own. */
function found(file: string): SignedCheckpoint[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole < bytes.length) truncateSync(file, whole);
  return readCheckpoints(file).flatMap(({ checkpoint }) => checkpoint ?? []);
}
