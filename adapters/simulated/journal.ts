/**
 * The journal of a simulated cluster that runs in real time: one line of JSON for each lease each time something was
 * confirmed, with the lease's VMs as they are since. On disk before the confirmation is given, so that VMs outlive the
 * process as real ones do. Every line carries a checksum; a tail that was never synced is cut off.
 */

import { createHash } from 'node:crypto';
import { open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Epoch, LeaseId, Observation } from '../../engine/index.js';
import type { GangRecord } from './gang.js';

export interface JournalEntry {
  readonly lease: LeaseId;
  /** The lease's VMs from now on; null: it has none. */
  readonly gang: GangRecord | null;
  /** What was confirmed. */
  readonly observations: readonly Observation[];
}

/** A line: an entry, or the highest epoch so far. */
type Line = JournalEntry | { readonly epoch: Epoch };

/** The journal cannot be read or written. The message names the file, and says what to do. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

/** Beyond this a journal is not read: it is rewritten long before. */
const BYTES_MAX = 256 * 1024 * 1024;

export class Journal {
  private constructor(
    private readonly path: string,
    private file: FileHandle,
    /** Lines since it was last rewritten. */
    private appended: number,
    private highest: Epoch,
  ) {}

  /** Opens or creates the journal and reads what is in it. Throws a JournalError. */
  static async open(path: string): Promise<{ journal: Journal; entries: readonly JournalEntry[] }> {
    const { entries, epoch } = parse(await read(path), path);
    try {
      const file = await replace(path, entries, epoch);
      return { journal: new Journal(path, file, 0, epoch), entries };
    } catch (error) {
      throw new JournalError(`${path}: cannot be written: ${(error as Error).message}`);
    }
  }

  /** How many lines were appended since it was last rewritten. */
  get length(): number {
    return this.appended;
  }

  /** The highest epoch that a scheduler has shown; 0: none was noted. */
  get epoch(): Epoch {
    return this.highest;
  }

  /** Notes a higher epoch. Durable when the promise resolves; not while anything else is written. */
  async claim(epoch: Epoch): Promise<void> {
    this.highest = epoch;
    await this.guard(async () => {
      await this.file.appendFile(lineOf({ epoch }));
      await this.file.datasync();
    });
  }

  /** Durable when the promise resolves. One at a time. */
  async append(entries: readonly JournalEntry[]): Promise<void> {
    await this.guard(async () => {
      await this.file.appendFile(entries.map(lineOf).join(''));
      await this.file.datasync();
    });
    this.appended += entries.length;
  }

  /** Replaces all lines, whole or not at all. */
  async rewrite(entries: readonly JournalEntry[]): Promise<void> {
    await this.guard(async () => {
      await this.file.close();
      this.file = await replace(this.path, entries, this.highest);
    });
    this.appended = 0;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw new JournalError(`${this.path}: cannot be written: ${(error as Error).message}`);
    }
  }
}

async function read(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > BYTES_MAX)
      throw new JournalError(`${path}: larger than ${BYTES_MAX} bytes; is it the journal of a simulated cluster?`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    if (error instanceof JournalError) throw error;
    throw new JournalError(`${path}: cannot be read: ${(error as Error).message}`);
  }
}

/** A broken line with sound ones behind it is damage; broken lines at the end were never confirmed. */
function parse(text: string, path: string): { entries: JournalEntry[]; epoch: Epoch } {
  const entries: JournalEntry[] = [];
  let epoch: Epoch = 0;
  const lines = text.split('\n');
  lines.pop(); // what follows the last newline was never synced
  let broken = 0;
  for (const [index, line] of lines.entries()) {
    const entry = entryOf(line);
    if (entry === null) broken ||= index + 1;
    else if (broken > 0)
      throw new JournalError(
        `${path}:${broken}: damaged; restore the file, or remove it to begin with an empty cluster`,
      );
    else if ('epoch' in entry) epoch = Math.max(epoch, entry.epoch);
    else entries.push(entry);
  }
  return { entries, epoch };
}

function lineOf(entry: Line): string {
  return `${JSON.stringify({ sum: sumOf(JSON.stringify(entry)), entry })}\n`;
}

/** A line with the right sum was written by `lineOf`, and is as it was. */
function entryOf(line: string): Line | null {
  try {
    const { sum, entry } = JSON.parse(line) as { sum?: unknown; entry?: unknown };
    return sum === sumOf(JSON.stringify(entry)) ? (entry as Line) : null;
  } catch {
    return null;
  }
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Writes a new file beside the old one, and puts it in its place once it is on disk. */
async function replace(path: string, entries: readonly JournalEntry[], epoch: Epoch): Promise<FileHandle> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.appendFile((epoch > 0 ? lineOf({ epoch }) : '') + entries.map(lineOf).join(''));
    await file.sync();
    await rename(fresh, path);
    await syncDirectory(dirname(path));
    return file;
  } catch (error) {
    await file.close();
    await rm(fresh, { force: true });
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
