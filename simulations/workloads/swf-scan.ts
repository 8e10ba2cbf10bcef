/**
 * From bytes to rows of numbers, by the import rules. The Standard Workload Format has one row a line, 18 fields
 * between blanks, `;` before comments. Fields are read as numbers straight from the bytes, without a string per field,
 * which is what makes a million rows take well under a second.
 */

import { DURATION_MAX } from '../../engine/index.js';
import { WorkloadError } from './entry.js';
import type { DropReason, LossReport } from './loss.js';

/** Longer lines are not SWF. */
export const LINE_BYTES_MAX = 64 * 1024;

const FIELDS = 18;
/** Fields that must be numbers: id, submit, run time, processors, requested processors, requested time. */
const NEEDED = [0, 1, 3, 4, 7, 8] as const;
/** Fields used when they are numbers: requested memory, user. */
const USED = [9, 11] as const;
const READ = maskOf([...NEEDED, ...USED]);
const READ_ALL = maskOf(Array.from({ length: FIELDS }, (_, field) => field));
const IS_NEEDED = maskOf(NEEDED);
/** Average cpu time, the one field in which fractions are usual. */
const CPU_TIME = 5;

const SECONDS_MAX = DURATION_MAX / 1000;
/** A number longer than this is refused unread. */
const DIGITS_MAX = 400;
const NEWLINE = 10;
const SEMICOLON = 59;

/** Rows as columns; times in seconds. The same arrays are filled again for the next batch. */
export class SwfBatch {
  length = 0;
  line: Float64Array;
  id: Float64Array;
  /** Seconds since the first kept row. */
  submit: Float64Array;
  run: Float64Array;
  procs: Float64Array;
  estimate: Float64Array;
  /** Requested memory in KiB per processor; ≤ 0: not given. */
  memory: Float64Array;
  /** User number; < 0: not given. */
  user: Float64Array;
  /** All 18 fields as they stand in the file (-1: no number), where the scanner was asked for them. */
  readonly fields: Float64Array[];

  constructor(capacity: number, all: boolean) {
    this.line = new Float64Array(capacity);
    this.id = new Float64Array(capacity);
    this.submit = new Float64Array(capacity);
    this.run = new Float64Array(capacity);
    this.procs = new Float64Array(capacity);
    this.estimate = new Float64Array(capacity);
    this.memory = new Float64Array(capacity);
    this.user = new Float64Array(capacity);
    this.fields = all ? Array.from({ length: FIELDS }, () => new Float64Array(capacity)) : [];
  }

  grow(): void {
    this.line = doubled(this.line);
    this.id = doubled(this.id);
    this.submit = doubled(this.submit);
    this.run = doubled(this.run);
    this.procs = doubled(this.procs);
    this.estimate = doubled(this.estimate);
    this.memory = doubled(this.memory);
    this.user = doubled(this.user);
    this.fields.forEach((column, field) => {
      this.fields[field] = doubled(column);
    });
  }
}

/** Marks these fields among the 256 that a line is read to. */
function maskOf(fields: readonly number[]): Uint8Array {
  const mask = new Uint8Array(256);
  for (const field of fields) mask[field] = 1;
  return mask;
}

function doubled(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}

export class SwfScanner {
  readonly batch: SwfBatch;
  /** How many kept rows had a smaller submit time than one before them, and the line of the first. */
  late = 0;
  lateLine = 0;
  private readonly values = new Float64Array(256);
  private readonly ids = new IdSet();
  private latest = 0;
  /** Why the line's numbers cannot be used; null: they can. */
  private fault: DropReason | null = null;
  private readonly read: Uint8Array;

  /** `line`: how many lines have been read already. `procs`: the size of the machine. `all`: keeps all fields. */
  constructor(
    private readonly file: string,
    private readonly procs: number,
    private readonly loss: LossReport,
    public line: number,
    all: boolean,
  ) {
    this.batch = new SwfBatch(8192, all);
    this.read = all ? READ_ALL : READ;
  }

  /** Reads whole lines: the last of `bytes[from, to)` is a newline. Kept rows are added to `batch`. */
  scan(bytes: Buffer, from: number, to: number): void {
    const { values, read } = this;
    let i = from;
    while (i < to) {
      const lineStart = i;
      this.line++;
      let c = bytes[i]!;
      while (c <= 32 && c !== NEWLINE) c = bytes[++i]!;
      if (c === NEWLINE) {
        i++;
        continue;
      }
      if (c === SEMICOLON) {
        i = bytes.indexOf(NEWLINE, i) + 1;
        continue;
      }
      let field = 0;
      this.fault = null;
      do {
        const start = i;
        if (field < FIELDS && read[field] === 1) {
          const negative = c === 45;
          if (negative) c = bytes[++i]!;
          let value = 0;
          while (c >= 48 && c <= 57) {
            value = value * 10 + (c - 48);
            c = bytes[++i]!;
          }
          const digits = i - start - (negative ? 1 : 0);
          if (c > 32 || digits === 0 || digits > 15) {
            while (c > 32) c = bytes[++i]!;
            values[field] = this.readOther(bytes, start, i, field);
          } else values[field] = negative && value > 0 ? -value : value;
        } else {
          while (c > 32) c = bytes[++i]!;
        }
        field++;
        while (c <= 32 && c !== NEWLINE) c = bytes[++i]!;
      } while (c !== NEWLINE);
      i++;
      if (i - lineStart > LINE_BYTES_MAX) throw tooLong(this.file, this.line);
      this.take(field);
    }
  }

  /** The import rules, in order; at the first that is not met the row is dropped. */
  private take(fields: number): void {
    const { values, loss, line, batch } = this;
    loss.rows++;
    if (fields < FIELDS) return loss.drop('too-few-fields', line);
    if (this.fault !== null) return loss.drop(this.fault, line);
    const id = values[0]!;
    const submit = values[1]!;
    let run = values[3]!;
    const procs = values[4]! > 0 ? values[4]! : values[7]!;
    let estimate = values[8]!;
    if (submit > SECONDS_MAX || run > SECONDS_MAX || estimate > SECONDS_MAX) return loss.drop('out-of-range', line);
    if (run <= 0) return loss.drop('no-run-time', line);
    if (procs <= 0) return loss.drop('no-processors', line);
    if (procs > this.procs) return loss.drop('too-wide', line);
    if (submit < 0) return loss.drop('negative-submit', line);
    if (!this.ids.add(id)) {
      if (this.ids.full) throw tooScattered(this.file, line);
      return loss.drop('duplicate-id', line);
    }
    if (estimate <= 0) {
      estimate = run;
      loss.repair('no-estimate', line);
    } else if (run > estimate) {
      run = estimate;
      loss.repair('killed-at-estimate', line);
    }
    if (submit < this.latest) {
      if (this.late++ === 0) this.lateLine = line;
    } else this.latest = submit;
    loss.kept++;
    const at = batch.length;
    if (at === batch.line.length) batch.grow();
    batch.line[at] = line;
    batch.id[at] = id;
    batch.submit[at] = submit;
    batch.run[at] = run;
    batch.procs[at] = procs;
    batch.estimate[at] = estimate;
    batch.memory[at] = values[9]!;
    batch.user[at] = values[11]!;
    for (let field = 0; field < batch.fields.length; field++) batch.fields[field]![at] = values[field]!;
    batch.length = at + 1;
  }

  /** Fractions, exponents and what is no number at all; fractions are cut off, as the archive's own tools do. */
  private readOther(bytes: Buffer, from: number, to: number, field: number): number {
    const optional = IS_NEEDED[field] === 0;
    const text = to - from > DIGITS_MAX ? '' : bytes.toString('latin1', from, to);
    if (!NUMBER.test(text)) {
      if (!optional) this.fault ??= 'not-a-number';
      return -1;
    }
    if (field === CPU_TIME) return Number.isFinite(Number(text)) ? Number(text) : -1;
    const value = Math.trunc(Number(text));
    if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
    if (!optional) this.fault ??= 'out-of-range';
    return -1;
  }
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/**
 * The ids seen: a bit each for the usual small ones, a set for the others. `full` when too many others were added;
 * `add` then answers false.
 */
class IdSet {
  full = false;
  private bits = new Uint32Array(1024);
  private readonly others = new Set<number>();

  /** False when the id was there already. */
  add(id: number): boolean {
    if (id < 0 || id >= DENSE_IDS_MAX) return this.addOther(id);
    const word = Math.floor(id / 32);
    if (word >= this.bits.length) {
      const larger = new Uint32Array(Math.max(word + 1, this.bits.length * 2));
      larger.set(this.bits);
      this.bits = larger;
    }
    const bit = 1 << (id & 31);
    if ((this.bits[word]! & bit) !== 0) return false;
    this.bits[word] = this.bits[word]! | bit;
    return true;
  }

  private addOther(id: number): boolean {
    if (this.others.has(id)) return false;
    if (this.others.size >= OTHER_IDS_MAX) {
      this.full = true;
      return false;
    }
    this.others.add(id);
    return true;
  }
}

/** 32 MiB of bits at most. */
const DENSE_IDS_MAX = 2 ** 28;
const OTHER_IDS_MAX = 4_000_000;

/** Throws when the bytes are not text. `linesBefore`: how many lines came before `from`. */
export function refuseBinary(file: string, bytes: Buffer, from: number, linesBefore: number): void {
  const zero = bytes.indexOf(0, from);
  if (zero < 0) return;
  let line = linesBefore + 1;
  for (let i = bytes.indexOf(NEWLINE, from); i >= 0 && i < zero; i = bytes.indexOf(NEWLINE, i + 1)) line++;
  const hint = 'SWF is plain text (ASCII or UTF-8), possibly packed with gzip.';
  throw new WorkloadError('not a text file (a NUL byte)', { file, line }, hint);
}

export function tooLong(file: string, line: number): WorkloadError {
  const hint = 'SWF has one job a line, 18 numbers; is this the right file?';
  return new WorkloadError(`a line longer than ${LINE_BYTES_MAX / 1024} KiB`, { file, line }, hint);
}

function tooScattered(file: string, line: number): WorkloadError {
  const hint = `At most ${OTHER_IDS_MAX} jobs may have numbers < 0 or ≥ ${DENSE_IDS_MAX}; number the jobs from 1.`;
  return new WorkloadError('too many job numbers out of the usual range', { file, line }, hint);
}
