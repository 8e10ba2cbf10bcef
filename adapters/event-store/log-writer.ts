/**
 * Writes a log file: lines, compressed off this thread, into a temporary file that gets its name when it is complete.
 * Lines are gathered into blocks; while one block is compressed and written, the next is filled.
 */

import { createWriteStream, openSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Gzip, createGzip } from 'node:zlib';
import { type Turn, encodeTurn } from '../../engine/index.js';
import { directorySynced } from '../durable-files.js';
import { failpoint } from '../failpoint.js';
import { type StoreError, fileError } from './errors.js';
import { JsonBytes } from './json-bytes.js';
import { PART_BYTES_MAX, split } from './parts.js';

/** Large enough that handing a block over costs nothing, small enough to stay in the processor's cache. */
const BLOCK_BYTES = 512 * 1024;
/** A block's output fits, so that compressing it does not wait for this thread half-way. */
const OUTPUT_BYTES = 1024 * 1024;

export class LogWriter {
  private readonly temporary: string;
  private readonly gzip: Gzip;
  /** Resolves when the file is on disk; never rejects. */
  private readonly written: Promise<void>;
  /** A block, and the turn that makes it full. */
  private readonly lines = new JsonBytes(BLOCK_BYTES + PART_BYTES_MAX);
  /** Resolves when the block before has been compressed: to its bytes, which are free then. */
  private busy: Promise<Buffer> | null = null;
  private failure: StoreError | null = null;

  constructor(private readonly path: string) {
    this.temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
    this.gzip = createGzip({ level: 1, chunkSize: OUTPUT_BYTES });
    const file = createWriteStream('', { fd: create(this.temporary, path), flush: true });
    this.written = pipeline(this.gzip, file).catch((error: unknown) => {
      this.failure = fileError(path, error, 'io');
    });
  }

  line(text: string): void {
    this.lines.text(text);
    this.lines.endLine();
  }

  /** The same bytes as its text gives, at less cost. */
  encoded(turn: Turn): void {
    const before = this.lines.length;
    this.lines.value(turn);
    if (this.lines.length - before <= PART_BYTES_MAX) return this.lines.endLine();
    this.lines.truncate(before);
    this.turn(turn.number, encodeTurn(turn));
  }

  /** One line, or one a part where the turn is large. */
  turn(number: number, text: string): void {
    const parts = split(text, number);
    if (parts === null) {
      this.line(text);
      return;
    }
    const of = parts.length;
    for (let k = 0; k < of; k++) this.line(JSON.stringify({ part: k + 1, of, turn: number, text: parts[k] }));
  }

  /** null: go on. Otherwise wait for the promise before writing more; it rejects when the file cannot be written. */
  room(): Promise<void> | null {
    return this.lines.length < BLOCK_BYTES ? null : this.handOver();
  }

  /** Ends the file and gives it its name. Answers its size. */
  async finish(): Promise<number> {
    try {
      await this.handOver();
      this.gzip.end();
      await this.written;
      if (this.failure !== null) throw this.failure;
      const { size } = await stat(this.temporary);
      failpoint('export-written');
      await rename(this.temporary, this.path);
      failpoint('export-named');
      await directorySynced(dirname(this.path));
      return size;
    } catch (error) {
      await this.abandon();
      throw this.failure ?? fileError(this.path, error, 'io');
    }
  }

  /** No file appears. */
  async abandon(): Promise<void> {
    this.gzip.destroy();
    await this.written;
    await rm(this.temporary, { force: true });
  }

  /** Hands the block over as soon as the one before has been compressed. */
  private async handOver(): Promise<void> {
    const spare = this.busy === null ? null : await this.busy;
    if (this.failure !== null) throw this.failure;
    const block = this.lines.take(spare);
    this.busy = new Promise((resolve) => {
      this.gzip.write(block, () => resolve(block));
    });
  }
}

/** Creates the file at once, so that a path that cannot be written is known before the work begins. */
function create(temporary: string, path: string): number {
  try {
    return openSync(temporary, 'w');
  } catch (error) {
    throw fileError(path, error, 'path');
  }
}
