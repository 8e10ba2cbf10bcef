/**
 * The journal of a simulated cluster that runs in real time: one line of JSON for each lease each time something was
 * confirmed, with the lease's VMs as they are since. On disk before the confirmation is given, so that VMs outlive the
 * process as real ones do. Every line carries a checksum; a tail that was never synced is cut off.
 */

import { createHash } from 'node:crypto';
import { open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Epoch, LeaseId, Observation } from '../../engine/index.js';
import { directorySynced } from '../durable-files.js';
import { failpoint } from '../failpoint.js';
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

  /** `full`: there is no room for it now; nothing was written, and later there may be. */
  constructor(
    message: string,
    readonly code: 'full' | null = null,
  ) {
    super(message);
  }
}

/** Beyond this a journal is not read: it is rewritten long before. */
const BYTES_MAX = 256 * 1024 * 1024;

export class Journal {
  private constructor(
    private readonly path: string,
    private file: FileHandle,
    /** Of what is confirmed, in bytes. */
    private size: number,
    /** Lines since it was last rewritten. */
    private appended: number,
    private highest: Epoch,
  ) {}

  /** Opens or creates the journal and reads what is in it. Throws a JournalError. */
  static async open(path: string): Promise<{ journal: Journal; entries: readonly JournalEntry[] }> {
    const { entries, epoch } = parse(await read(path), path);
    try {
      const { file, size } = await replace(path, entries, epoch);
      return { journal: new Journal(path, file, size, 0, epoch), entries };
    } catch (error) {
      throw cannotWrite(path, error);
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
    await this.write([{ epoch }]);
  }

  /** Durable when the promise resolves. One at a time. Where there is no room, nothing of it stays. */
  async append(entries: readonly JournalEntry[]): Promise<void> {
    await this.write(entries);
    this.appended += entries.length;
  }

  /** Replaces all lines, whole or not at all. */
  async rewrite(entries: readonly JournalEntry[]): Promise<void> {
    await this.guard(async () => {
      const { file, size } = await replace(this.path, entries, this.highest);
      await this.file.close();
      this.file = file;
      this.size = size;
    });
    this.appended = 0;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async write(lines: readonly Line[]): Promise<void> {
    const bytes = Buffer.from(lines.map((line, k) => lineOf(line, k > 0)).join(''), 'utf8');
    await this.guard(async () => {
      failpoint('journal-begin');
      try {
        await writeAt(this.file, bytes, this.size);
        failpoint('journal-written');
      } catch (error) {
        await this.file.truncate(this.size);
        throw error;
      }
      await this.file.datasync();
      failpoint('journal-synced');
    });
    this.size += bytes.length;
  }

  private async guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw cannotWrite(this.path, error);
    }
  }
}

function cannotWrite(path: string, error: unknown): JournalError {
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new JournalError(`${path}: cannot be written: ${message}`, full ? 'full' : null);
}

async function writeAt(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; )
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
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

/**
 * What follows the first broken line is left out where all of it came with one append: that was never confirmed, and a
 * power loss keeps any part of it. Where another append began after a broken line, that line had been synced: damage.
 */
function parse(text: string, path: string): { entries: JournalEntry[]; epoch: Epoch } {
  const entries: JournalEntry[] = [];
  let epoch: Epoch = 0;
  const lines = text.split('\n');
  lines.pop(); // what follows the last newline was never synced
  const take = (line: Line): void => {
    if ('epoch' in line) epoch = Math.max(epoch, line.epoch);
    else entries.push(line);
  };
  let broken = 0;
  for (const [index, line] of lines.entries()) {
    const found = entryOf(line);
    if (found === null) broken ||= index + 1;
    else if (broken === 0) take(found.entry);
    else if (!found.with)
      throw new JournalError(
        `${path}:${broken}: damaged; restore the file, or remove it to begin with an empty cluster`,
      );
  }
  return { entries, epoch };
}

/** `withBefore`: it is written by the same append as the line before. */
function lineOf(entry: Line, withBefore: boolean): string {
  const mark = withBefore ? { with: true } : {};
  return `${JSON.stringify({ sum: sumOf(entry, withBefore), ...mark, entry })}\n`;
}

/** A line with the right sum was written by `lineOf`, and is as it was. */
function entryOf(line: string): { readonly entry: Line; readonly with: boolean } | null {
  try {
    const { sum, entry, with: mark } = JSON.parse(line) as { sum?: unknown; entry?: unknown; with?: unknown };
    const withBefore = mark === true;
    return sum === sumOf(entry, withBefore) ? { entry: entry as Line, with: withBefore } : null;
  } catch {
    return null;
  }
}

function sumOf(entry: unknown, withBefore: boolean): string {
  const text = `${withBefore ? 'with ' : ''}${JSON.stringify(entry)}`;
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Writes a new file beside the old one, and puts it in its place once it is on disk. */
async function replace(
  path: string,
  entries: readonly JournalEntry[],
  epoch: Epoch,
): Promise<{ readonly file: FileHandle; readonly size: number }> {
  const fresh = `${path}.new`;
  const lines: readonly Line[] = [...(epoch > 0 ? [{ epoch }] : []), ...entries];
  const bytes = Buffer.from(lines.map((line) => lineOf(line, false)).join(''), 'utf8');
  const file = await open(fresh, 'w', 0o600);
  try {
    await writeAt(file, bytes, 0);
    failpoint('journal-copied');
    await file.sync();
    failpoint('journal-copy-synced');
    await rename(fresh, path);
    failpoint('journal-named');
    await directorySynced(dirname(path));
    return { file, size: bytes.length };
  } catch (error) {
    await file.close();
    await rm(fresh, { force: true });
    throw error;
  }
}
