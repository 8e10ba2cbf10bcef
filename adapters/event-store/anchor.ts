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
import { createFile, syncDirectory } from './sqlite-files.js';

export interface Anchored {
  readonly turn: Revision;
  readonly hash: Hash;
}

/** Slots lie on pages of their own: a write of one never touches the other. */
const SLOT_BYTES = 4096;
const SLOTS = 2;
const TEXT = /^leasehold anchor 1 (0|[1-9]\d{0,15}) ([0-9a-f]{64}) ([0-9a-f]{16})\n/;

/** What the anchor at `path` says; null: there is none. Throws a StoreError where it is damaged. */
export function readAnchor(path: string): Anchored | null {
  if (!existsSync(path)) return null;
  const file = opened(path, 'r');
  try {
    const found = [0, 1].flatMap((slot) => slotIn(file, slot) ?? []);
    const [latest] = found.sort((a, b) => b.turn - a.turn);
    if (latest !== undefined) return latest;
  } catch (error) {
    throw fileError(path, error, 'io');
  } finally {
    closeSync(file);
  }
  throw new StoreError('corrupt', `${path}: the anchor of the log is damaged`);
}

export class Anchor {
  private constructor(
    private readonly path: string,
    private readonly file: number,
  ) {}

  /**
   * Creates the anchor of a log that ends with `last`: for a new log, or one whose anchor is given up. It is there whole or
   * not at all: half of it would keep the log from being opened.
   */
  static create(path: string, last: Anchored): Anchor {
    const part = `${path}.part`;
    createFile(part);
    const anchor = new Anchor(path, opened(part, 'r+'));
    for (let slot = 0; slot < SLOTS; slot++) anchor.write(last, slot);
    renameSync(part, path);
    syncDirectory(dirname(path));
    return anchor;
  }

  static open(path: string): Anchor {
    return new Anchor(path, opened(path, 'r+'));
  }

  /** On disk when it returns. Throws a StoreError. */
  write({ turn, hash }: Anchored, slot = turn % SLOTS): void {
    const text = `leasehold anchor 1 ${turn} ${hash.toString('hex')} `;
    const whole = Buffer.from(`${text}${checkOf(text)}\n`, 'latin1');
    try {
      writeSync(this.file, whole, 0, whole.length, slot * SLOT_BYTES);
      fdatasyncSync(this.file);
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

/** Null: the slot was never written, or the write was torn. */
function slotIn(file: number, slot: number): Anchored | null {
  const bytes = Buffer.alloc(256);
  const length = readSync(file, bytes, 0, bytes.length, slot * SLOT_BYTES);
  const match = TEXT.exec(bytes.toString('latin1', 0, length));
  if (match === null) return null;
  const [whole, turn, hash, check] = match;
  if (checkOf(whole.slice(0, -check!.length - 1)) !== check) return null;
  return { turn: Number(turn), hash: Buffer.from(hash!, 'hex') };
}

/** Against torn writes; the hash itself is what cannot be forged without the log. */
function checkOf(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 16);
}
