/**
 * The anchor of a log: the number and the hash of its last turn, in a file of its own, on disk before the turn is
 * acknowledged. A chain of hashes alone does not show that its end is missing; an anchor does. Two slots are written by
 * turns, so that a torn write leaves the one before. It may lag behind the log by what was never acknowledged.
 */

import { createHash } from 'node:crypto';
import { closeSync, existsSync, fdatasyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Revision } from '../../engine/index.js';
import { GENESIS, type Hash } from './chain.js';
import { fileError, StoreError } from './errors.js';
import { syncDirectory } from '../durable-files.js';
import { failpoint } from '../failpoint.js';
import { createFile } from './sqlite-files.js';

export interface Anchored {
  readonly turn: Revision;
  readonly hash: Hash;
}

/** Throws a StoreError unless the log `shown`, which ends with turn `revision`, holds the anchored turn with its hash. */
export function assertAnchored(shown: string, { turn, hash }: Anchored, revision: Revision, found: Hash | null): void {
  if (turn > revision || found === null)
    throw new StoreError('short', `${shown} ends with turn ${revision}; turn ${turn} was acknowledged`);
  if (!found.equals(hash))
    throw new StoreError('corrupt', `${shown}: turn ${turn} is not the one that was acknowledged`, turn);
}

/** Slots lie on pages of their own: a write of one never touches the other. */
const SLOT_BYTES = 4096;
const SLOTS = 2;
/** What every version writes, and what this one does. */
const CHECKED = /^(leasehold anchor (\d+) [^\n]*)([0-9a-f]{16})\n/;
const TEXT = /^leasehold anchor 1 (0|[1-9]\d{0,15}) ([0-9a-f]{64}) $/;

/** What the anchor at `path` says; null: there is none. Throws a StoreError where it is damaged. */
export function readAnchor(path: string): Anchored | null {
  if (!existsSync(path)) return null;
  const file = opened(path, 'r');
  try {
    const latest = latestIn(path, file);
    if (latest !== null) return { turn: latest.turn, hash: latest.hash };
  } catch (error) {
    throw error instanceof StoreError ? error : fileError(path, error, 'io');
  } finally {
    closeSync(file);
  }
  throw new StoreError('corrupt', `${path}: the anchor of the log is damaged`);
}

export class Anchor {
  /** `slot`: the one to be written next, which is not that of the latest. */
  private constructor(
    private readonly path: string,
    private readonly file: number,
    private slot = 0,
  ) {}

  /**
   * Creates the anchor of a log that ends with `last`: for a new log, or one whose anchor is given up. It is there whole or
   * not at all: half of it would keep the log from being opened.
   */
  static create(path: string, last: Anchored): Anchor {
    const part = `${path}.part`;
    createFile(part);
    const anchor = new Anchor(path, opened(part, 'r+'));
    for (let slot = 0; slot < SLOTS; slot++) anchor.write(last);
    failpoint('anchor-part');
    renameSync(part, path);
    failpoint('anchor-named');
    syncDirectory(dirname(path));
    return anchor;
  }

  static open(path: string): Anchor {
    const file = opened(path, 'r+');
    return new Anchor(path, file, ((latestIn(path, file)?.slot ?? 0) + 1) % SLOTS);
  }

  /** On disk when it returns. Throws a StoreError. */
  write({ turn, hash }: Anchored): void {
    const text = `leasehold anchor 1 ${turn} ${hash.toString('hex')} `;
    const whole = Buffer.from(`${text}${checkOf(text)}\n`, 'latin1');
    try {
      writeSync(this.file, whole, 0, whole.length, this.slot * SLOT_BYTES);
      failpoint('anchor-written');
      fdatasyncSync(this.file);
      this.slot = (this.slot + 1) % SLOTS;
    } catch (error) {
      throw fileError(this.path, error, 'io');
    }
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Where a log that holds nothing ends. */
export const NOTHING: Anchored = { turn: 0, hash: GENESIS };

function opened(path: string, flags: 'r' | 'r+'): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw fileError(path, error, 'path');
  }
}

interface Slot extends Anchored {
  readonly slot: number;
}

/** The later of the two; null: both are damaged. Throws where a later version wrote it. */
function latestIn(path: string, file: number): Slot | null {
  const found = [0, 1].flatMap((slot) => slotIn(path, file, slot) ?? []);
  return found.sort((a, b) => b.turn - a.turn || a.slot - b.slot)[0] ?? null;
}

/** Null: the slot was never written, or the write was torn. */
function slotIn(path: string, file: number, slot: number): Slot | null {
  const bytes = Buffer.alloc(256);
  const length = readSync(file, bytes, 0, bytes.length, slot * SLOT_BYTES);
  const [, text, version, check] = CHECKED.exec(bytes.toString('latin1', 0, length)) ?? [];
  if (text === undefined || checkOf(text) !== check) return null;
  if (version !== '1') throw new StoreError('version', `${path}: an anchor of format ${version}; this version reads 1`);
  const [, turn, hash] = TEXT.exec(text) ?? [];
  return turn === undefined ? null : { turn: Number(turn), hash: Buffer.from(hash!, 'hex'), slot };
}

/** Against torn writes; the hash itself is what cannot be forged without the log. */
function checkOf(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 16);
}
