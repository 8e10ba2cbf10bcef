/**
 * Reads a log file back: one turn a line, plain or gzip. Every line is checked. A simulation's log has digests between the
 * turns. An exported log has hashes: it begins with its format, and ends with the hash of its last turn.
 */

import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { type Turn, decodeTurn } from '../../engine/index.js';
import { type Anchored, NOTHING } from './anchor.js';
import { type SignedCheckpoint, parseCheckpoint } from './checkpoints.js';
import { PART_BYTES_MAX, PartsJoin } from './parts.js';

/** Digests of the state and of all decisions up to a turn: SHA-256 in hex. */
export interface Checkpoint {
  readonly turn: number;
  readonly state: string;
  readonly decisions: string;
}

export type LogEntry = { readonly turn: Turn } | { readonly checkpoint: Checkpoint };

/** An entry as it is in the file: turns are not decoded, and their hashes are in lines of their own. */
export type RawEntry =
  | { readonly number: number; readonly text: string; readonly line: number; readonly hash: null }
  | { readonly checkpoint: Checkpoint }
  /** What the file says that the hash is after the turn that was the last so far. */
  | { readonly chain: Anchored }
  /** A signed checkpoint; null: the line is none. */
  | { readonly signed: SignedCheckpoint | null; readonly line: number };

/**
 * `truncated`: the file ends too early. `malformed`: a line is not what the format says. `gap`: a turn or a part of one
 * is missing. `version`: a later version wrote it. `unreadable`: the file cannot be opened or read.
 */
export type LogErrorCode = 'truncated' | 'malformed' | 'gap' | 'version' | 'unreadable';

export class LogError extends Error {
  override readonly name = 'LogError';

  /** `line` counts from 1; 0: the fault is not in a line. */
  constructor(
    readonly code: LogErrorCode,
    readonly path: string,
    readonly line: number,
    detail: string,
  ) {
    super(line === 0 ? `${path}: ${detail}` : `${path}:${line}: ${detail}`);
  }
}

/** A part of a turn as a JSON string is at most twice its size. */
const LINE_BYTES_MAX = 2 * PART_BYTES_MAX + 1024;
const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 10;

/** What a log with hashes begins with; without hashes there is no such line. */
const FORMAT = 2;
export const LOG_HEADER = `{"log":{"format":${FORMAT}}}`;
/** The same, where the file is not the beginning of its log. */
export function segmentHeader({ turn, hash }: Anchored): string {
  return `{"log":{"format":${FORMAT},"after":{"turn":${turn},"hash":"${hash.toString('hex')}"}}}`;
}
const SEGMENT_HEADER = /^\{"log":\{"format":2,"after":\{"turn":([1-9]\d{0,14}),"hash":"([0-9a-f]{64})"\}\}\}$/;
/** A hash after each so many turns: damage is found as closely. */
export const CHAIN_TURNS = 256;

/** The turns of a log file in order, and its digests. Throws a LogError at the first line that is wrong. */
export async function* readLog(path: string): AsyncGenerator<LogEntry> {
  for await (const entry of readRawLog(path)) {
    if ('checkpoint' in entry) yield entry;
    else if ('text' in entry) yield { turn: decodeEntry(path, entry) };
  }
}

/** The turn of an entry. Throws a LogError. */
function decodeEntry(path: string, { text, line }: { readonly text: string; readonly line: number }): Turn {
  try {
    return decodeTurn(text);
  } catch (error) {
    throw new LogError('malformed', path, line, (error as Error).message);
  }
}

/** All entries of a log file in order. Throws a LogError at the first line that is wrong. */
export async function* readRawLog(path: string): AsyncGenerator<RawEntry> {
  for await (const lot of readRawLots(path)) yield* lot;
}

/** The same in lots, as they are read together: a million turns, each waited for by itself, take seconds of waiting alone. */
export async function* readRawLots(path: string): AsyncGenerator<readonly RawEntry[]> {
  const reader = new LineReader(path);
  let rest: Buffer = Buffer.alloc(0);
  // 1. Whole lines out of each chunk; what is left over begins the next.
  for await (const chunk of chunks(path, () => reader.line + 1)) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const lot: RawEntry[] = [];
    try {
      for (const line of reader.split(bytes, end)) {
        const entry = reader.entry(line);
        if (entry !== null) lot.push(entry);
      }
    } finally {
      // Also where a line is wrong: those before it are not.
      if (lot.length > 0) yield lot;
    }
    rest = bytes.subarray(end);
    if (rest.length > LINE_BYTES_MAX) throw reader.tooLong(reader.line + 1);
  }
  // 2. A last line without its end: cut off, unless it is whole.
  if (rest.length > 0) {
    const entry = reader.lastEntry(rest);
    if (entry !== null) yield [entry];
  }
  reader.end();
}

/** Turns lines into entries, and checks that each follows from the one before. */
class LineReader {
  /** The number of the line read last. */
  line = 0;
  private last = 0;
  /** Null: the file has no hashes. */
  private chain: ChainLines | null = null;
  private readonly parts = new PartsJoin();

  constructor(private readonly path: string) {}

  /** The lines of `bytes` up to `end`, as text. */
  split(bytes: Buffer, end: number): string[] {
    if (end === 0) return [];
    const lines = bytes.subarray(0, end - 1);
    if (isAscii(lines)) return lines.toString('latin1').split('\n');
    if (!isUtf8(lines)) throw this.notUtf8(lines);
    return lines.toString('utf8').split('\n');
  }

  /** The entry on the next line; null: a part of a turn that is not yet complete. */
  entry(text: string): RawEntry | null {
    this.line++;
    if (text.length > LINE_BYTES_MAX) throw this.tooLong(this.line);
    if (text.startsWith('{"part":')) return this.part(text);
    if (this.parts.open) throw this.error('gap', this.parts.missing);
    if (this.line === 1 && text.startsWith('{"log":')) return this.header(text);
    if (text.startsWith('{"checkpoint":{')) return { checkpoint: this.checkpoint(text) };
    return this.chain === null ? this.turn(text) : this.chained(this.chain, text);
  }

  /** As `entry`, for a last line without a line end. */
  lastEntry(bytes: Buffer): RawEntry | null {
    try {
      const [text] = this.split(bytes, bytes.length + 1);
      const entry = this.entry(text!);
      if (entry !== null && 'text' in entry) decodeEntry(this.path, entry);
      return entry;
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'malformed') throw error;
      const detail = 'the file ends in the middle of this line; the log is not complete';
      throw new LogError('truncated', this.path, error.line, detail);
    }
  }

  end(): void {
    if (this.parts.open) throw this.error('truncated', `the file ends, but ${this.parts.missing}`);
    if (this.chain?.ended === false) throw this.error('truncated', 'the file ends before the log does');
  }

  tooLong(line: number): LogError {
    return new LogError('malformed', this.path, line, `the line is longer than ${LINE_BYTES_MAX} bytes`);
  }

  private turn(text: string): RawEntry {
    const { line } = this;
    const number = numberOf(text) ?? decodeEntry(this.path, { text, line }).number;
    if (number !== this.last + 1) {
      throw this.error('gap', `turn ${number} follows turn ${this.last}; expected turn ${this.last + 1}`);
    }
    this.last = number;
    return { number, text, line, hash: null };
  }

  private header(text: string): RawEntry {
    const format = Number(/^\{"log":\{"format":(\d{1,9})[,}]/.exec(text)?.[1]);
    if (format > FORMAT) throw this.error('version', `a log of format ${format}; this version reads ${FORMAT}`);
    const [segment, turn, hash] = SEGMENT_HEADER.exec(text) ?? [];
    if (segment === undefined && text !== LOG_HEADER)
      throw this.error('malformed', 'a log that begins so is not one of Leasehold');
    const before = segment === undefined ? NOTHING : { turn: Number(turn), hash: Buffer.from(hash!, 'hex') };
    this.last = before.turn;
    this.chain = { ended: false, checkpoints: 0, at: before.turn };
    return { chain: before };
  }

  /** A line of a log with hashes. */
  private chained(chain: ChainLines, text: string): RawEntry {
    if (chain.ended) throw this.error('malformed', 'a line follows the end of the log');
    if (text.startsWith('{"checkpoint":')) {
      chain.checkpoints++;
      return { signed: parseCheckpoint(text, `${this.path}:${this.line}`), line: this.line };
    }
    const [, kind, turn, hash, count] = CHAIN_LINE.exec(text) ?? [];
    if (kind === undefined) {
      if (this.last > 0 && this.last % CHAIN_TURNS === 0 && chain.at !== this.last) throw this.noHash();
      return this.turn(text);
    }
    if (Number(turn) !== this.last) throw this.error('gap', `the hash of turn ${turn} follows turn ${this.last}`);
    chain.at = this.last;
    chain.ended = kind === 'end';
    if (chain.ended && Number(count) !== chain.checkpoints) {
      throw this.error('malformed', `it says ${count} checkpoints, and there are ${chain.checkpoints}`);
    }
    return { chain: { turn: this.last, hash: Buffer.from(hash!, 'hex') } };
  }

  private noHash(): LogError {
    return this.error('malformed', `the hash after turn ${this.last} is missing`);
  }

  private part(text: string): RawEntry | null {
    const { part, of, turn, text: piece } = this.object(text);
    if (!isCount(part) || !isCount(of) || !isCount(turn) || typeof piece !== 'string') {
      throw this.error('malformed', 'a part must be {"part":k,"of":n,"turn":N,"text":"…"}');
    }
    const fault = this.parts.add(turn, part, of, piece);
    if (fault !== null) throw this.error('gap', fault);
    const whole = this.parts.take();
    return whole === null ? null : this.turn(whole);
  }

  private checkpoint(text: string): Checkpoint {
    const { turn, state, decisions } = Object(this.object(text).checkpoint) as Record<string, unknown>;
    if (!Number.isSafeInteger(turn) || !isDigest(state) || !isDigest(decisions)) {
      throw this.error('malformed', 'a checkpoint must be {"turn":N,"state":"<64 hex>","decisions":"<64 hex>"}');
    }
    if (turn !== this.last) throw this.error('gap', `a checkpoint of turn ${String(turn)} follows turn ${this.last}`);
    return { turn: this.last, state, decisions };
  }

  private object(text: string): Record<string, unknown> {
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch (error) {
      throw this.error('malformed', `not JSON: ${(error as Error).message}`);
    }
  }

  private notUtf8(bytes: Buffer): LogError {
    let line = this.line;
    for (let from = 0; from < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, from);
      const until = newline < 0 ? bytes.length : newline;
      line++;
      if (!isUtf8(bytes.subarray(from, until))) break;
      from = until + 1;
    }
    return new LogError('malformed', this.path, line, 'the line is not UTF-8 text');
  }

  private error(code: LogErrorCode, detail: string): LogError {
    return new LogError(code, this.path, this.line, detail);
  }
}

/** The bytes of the file, unpacked where they are packed. `line`: where an error of the packing is reported. */
async function* chunks(path: string, line: () => number): AsyncGenerator<Buffer> {
  const packed = await isGzip(path);
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const bytes = packed ? file.pipe(createGunzip({ chunkSize: CHUNK_BYTES })) : file;
  // `pipe` does not carry errors over.
  if (bytes !== file) file.on('error', (error) => bytes.destroy(error));
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') {
      throw new LogError('truncated', path, line(), 'the gzip file ends too early; the log is not complete');
    }
    if (code?.startsWith('Z_')) throw new LogError('malformed', path, line(), `the gzip data is damaged: ${message}`);
    throw new LogError('unreadable', path, 0, message);
  } finally {
    file.destroy();
  }
}

/** By content; a name that promises gzip must keep its word. */
async function isGzip(path: string): Promise<boolean> {
  const start = Buffer.alloc(2);
  let length: number;
  try {
    const file = await open(path, 'r');
    try {
      ({ bytesRead: length } = await file.read(start, 0, 2, 0));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new LogError('unreadable', path, 0, (error as Error).message);
  }
  if (length === 2 && start[0] === 0x1f && start[1] === 0x8b) return true;
  if (!path.endsWith('.gz')) return false;
  if (length < 2) throw new LogError('truncated', path, 0, 'the file is empty; a gzip file is not');
  throw new LogError('malformed', path, 0, 'not a gzip file, though its name says so');
}

/** What was seen of the lines that are no turns, in a log with hashes. */
interface ChainLines {
  ended: boolean;
  checkpoints: number;
  /** The turn after which a hash was last. */
  at?: number;
}

/** `{"chain":{"turn":256,"hash":"…"}}`, and at the end `{"end":{"turn":300,"hash":"…","checkpoints":1}}`. */
const CHAIN_LINE = /^\{"(chain|end)":\{"turn":(\d{1,15}),"hash":"([0-9a-f]{64})"(?:,"checkpoints":(\d{1,9}))?\}\}$/;

/** The number of a turn as it is written; null: it has to be decoded to know. */
function numberOf(text: string): number | null {
  const found = /^\{"number":([1-9]\d{0,14}),/.exec(text);
  return found === null ? null : Number(found[1]);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
