/**
 * Reads the Standard Workload Format of the Parallel Workloads Archive: `.swf`, packed or not, or stdin.
 *
 * Import rules, on which all published figures rest. Processors are field 5 if > 0, else field 8. A job is dropped, and
 * counted with the reason, when it has too few fields or something that is no number in them, run time ≤ 0, processors
 * ≤ 0 or more than the machine's, submit time < 0, or an id that was there already. The estimate is field 9 if > 0,
 * else the run time; the run time is cut at the estimate. The first submit time becomes 0.
 */

import { NODES_MAX } from '../../engine/index.js';
import { USAGE } from '../input-error.js';
import { nameOf, openBytes } from './bytes.js';
import { WorkloadError } from './entry.js';
import { LossReport } from './loss.js';
import { decodeComment, readHeader, type SwfHeader } from './swf-header.js';
import { LINE_BYTES_MAX, refuseBinary, type SwfBatch, SwfScanner, tooLong } from './swf-scan.js';

/** Unpacked text. Some 50 million jobs. */
const BYTES_MAX = 4 * 1024 ** 3;
const HEADER_BYTES_MAX = 4 * 1024 * 1024;
/** Jobs that can be held in memory, where they must be sorted: about 64 bytes each. */
const SORTED_ROWS_MAX = 16_000_000;
const NEWLINE = 10;

export interface SwfOptions {
  /** Processors of the machine; otherwise the header's MaxProcs, then MaxNodes. */
  readonly procs?: number;
  /** Read everything first and sort by submit time, stably. Always so for stdin, which cannot be read twice. */
  readonly sorted?: boolean;
  /** Keep all 18 fields of each row, also those that no simulation needs. */
  readonly all?: boolean;
}

export interface SwfTrace {
  readonly header: SwfHeader;
  /** Processors of the machine: jobs with more were dropped. */
  readonly procs: number;
  /**
   * The jobs in order of submit time, in batches; the arrays of a batch are valid until the next is asked for. To be
   * read once. Throws OutOfOrder at the first job submitted before an earlier one, unless `sorted`.
   */
  readonly rows: AsyncIterable<SwfBatch>;
  /** Complete when `rows` has ended. */
  readonly loss: LossReport;
  /** Lets go of the file when `rows` is not read to its end. */
  close(): Promise<void>;
}

/** The jobs are not in order of submit time: open the file again with `sorted`. */
export class OutOfOrder extends Error {
  override readonly name = 'OutOfOrder';

  constructor(
    readonly file: string,
    readonly line: number,
  ) {
    super(`${file}:${line}: submitted before an earlier job`);
  }
}

/** Opens `source` (a path, or `-` for stdin) and reads its header. Throws WorkloadError. */
export async function openSwf(source: string, options: SwfOptions = {}): Promise<SwfTrace> {
  const file = nameOf(source);
  const pieces = openBytes(source, BYTES_MAX);
  const { head, header, procs } = await readMachine(file, pieces, options);
  const loss = new LossReport();
  const scanner = new SwfScanner(file, procs, loss, head.lines, options.all === true);
  const batches = scanned(file, scanner, head.rest, pieces);
  const sorted = options.sorted === true || source === '-';
  return {
    header,
    procs,
    loss,
    rows: sorted ? inOrder(file, scanner, batches, loss) : asTheyCome(file, scanner, batches, loss),
    close: async () => {
      await pieces.return();
    },
  };
}

type Pieces = AsyncGenerator<Buffer, void, undefined>;

/** The header, and the size of the machine. Lets go of the file when there is something wrong with them. */
async function readMachine(file: string, pieces: Pieces, options: SwfOptions) {
  try {
    const head = await readHead(file, pieces);
    const header = readHeader(head.comments);
    return { head, header, procs: machineSize(file, options, header) };
  } catch (error) {
    await pieces.return();
    throw error;
  }
}

interface Head {
  readonly comments: readonly string[];
  /** Lines read so far. */
  readonly lines: number;
  /** What was read of the rows already. */
  readonly rest: Buffer;
}

/** Reads comments and blank lines until the first line that is neither. */
async function readHead(file: string, pieces: Pieces): Promise<Head> {
  const comments: string[] = [];
  let lines = 0;
  let headerBytes = 0;
  let rest = Buffer.alloc(0);
  for (let ended = false; ; ) {
    let from = 0;
    for (let end = rest.indexOf(NEWLINE); ; end = rest.indexOf(NEWLINE, from)) {
      if (end < 0 && !(ended && from < rest.length)) break;
      const line = rest.subarray(from, end < 0 ? rest.length : end);
      const first = firstVisible(line);
      if (first === '<') throw looksLikeXml(file, lines + 1);
      if (first !== null && first !== ';') return { comments, lines, rest: rest.subarray(from) };
      if (first === ';') comments.push(decodeComment(line.subarray(0, 4096)).trim());
      lines++;
      from = end < 0 ? rest.length : end + 1;
    }
    headerBytes += from;
    rest = rest.subarray(from);
    if (headerBytes > HEADER_BYTES_MAX) throw headerTooLong(file, lines);
    if (rest.length > LINE_BYTES_MAX) throw tooLong(file, lines + 1);
    if (ended) throw noJobs(file, lines, headerBytes === 0 ? 'the file is empty' : 'nothing but comments');
    const next = await pieces.next();
    if (next.done === true) ended = true;
    else {
      refuseBinary(file, next.value, 0, lines);
      rest = Buffer.concat([rest, lines === 0 && rest.length === 0 ? withoutMark(next.value) : next.value]);
    }
  }
}

/** Without the mark that some editors put before UTF-8 text. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function firstVisible(line: Buffer): string | null {
  for (const byte of line) if (byte > 32) return String.fromCharCode(byte);
  return null;
}

function machineSize(file: string, options: SwfOptions, header: SwfHeader): number {
  const procs = options.procs ?? header.maxProcs ?? header.maxNodes;
  if (procs === null) {
    const hint = 'Say how many processors the machine has: --procs P.';
    throw new WorkloadError('the header has neither MaxProcs nor MaxNodes', { file }, hint, USAGE);
  }
  if (!Number.isInteger(procs) || procs < 1 || procs > NODES_MAX) {
    const hint = `Give --procs P with P from 1 to ${NODES_MAX}.`;
    throw new WorkloadError(`a machine of ${procs} processors`, { file }, hint, USAGE);
  }
  return procs;
}

/** Feeds whole lines to the scanner, and yields its batch after each piece of the file. */
async function* scanned(
  file: string,
  scanner: SwfScanner,
  first: Buffer,
  pieces: Pieces,
): AsyncGenerator<SwfBatch, void, undefined> {
  let open = scanWhole(scanner, first);
  try {
    for (;;) {
      if (open.length > LINE_BYTES_MAX) throw tooLong(file, scanner.line + 1);
      if (scanner.batch.length > 0) yield scanner.batch;
      const next = await pieces.next();
      if (next.done === true) break;
      const piece = next.value;
      refuseBinary(file, piece, 0, scanner.line);
      const end = piece.indexOf(NEWLINE) + 1;
      if (end === 0) {
        open = Buffer.concat([open, piece]);
        continue;
      }
      const joined = Buffer.concat([open, piece.subarray(0, end)]);
      scanner.scan(joined, 0, joined.length);
      open = scanWhole(scanner, piece.subarray(end));
    }
  } catch (error) {
    throw reached(error, scanner.line);
  } finally {
    await pieces.return();
  }
  if (open.length > 0) scanWhole(scanner, Buffer.concat([open, Buffer.from('\n')]));
  if (scanner.batch.length > 0) yield scanner.batch;
}

/** Scans up to the last newline; answers what comes after it, copied, since the reader may reuse its buffer. */
function scanWhole(scanner: SwfScanner, bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  scanner.scan(bytes, 0, end);
  return Buffer.from(bytes.subarray(end));
}

async function* asTheyCome(
  file: string,
  scanner: SwfScanner,
  batches: AsyncIterable<SwfBatch>,
  loss: LossReport,
): AsyncGenerator<SwfBatch, void, undefined> {
  let first: number | null = null;
  for await (const batch of batches) {
    if (scanner.late > 0) throw new OutOfOrder(file, scanner.lateLine);
    if (first === null) {
      first = batch.submit[0]!;
      loss.begin = first;
    }
    for (let i = 0; i < batch.length; i++) batch.submit[i] = batch.submit[i]! - first;
    yield batch;
    batch.length = 0;
  }
  if (first === null) throw noJobs(file, scanner.line, `no job that can be used: ${loss.describe()}`);
}

/** Reads everything, then one batch with all jobs, stably sorted by submit time. */
async function* inOrder(
  file: string,
  scanner: SwfScanner,
  batches: AsyncIterable<SwfBatch>,
  loss: LossReport,
): AsyncGenerator<SwfBatch, void, undefined> {
  for await (const { length } of batches) {
    if (length > SORTED_ROWS_MAX) throw tooManyToSort(file, scanner.line);
  }
  const { batch } = scanner;
  if (batch.length === 0) throw noJobs(file, scanner.line, `no job that can be used: ${loss.describe()}`);
  if (scanner.late > 0) {
    loss.repair('out-of-order', scanner.lateLine, scanner.late);
    sortBySubmit(batch);
  }
  const first = batch.submit[0]!;
  loss.begin = first;
  for (let i = 0; i < batch.length; i++) batch.submit[i] = batch.submit[i]! - first;
  yield batch;
}

/** 1. submit time  2. place in the file */
function sortBySubmit(batch: SwfBatch): void {
  const { submit } = batch;
  const order = new Uint32Array(batch.length).map((_, i) => i);
  order.sort((a, b) => submit[a]! - submit[b]! || a - b);
  for (const name of ['line', 'id', 'submit', 'run', 'procs', 'estimate', 'memory', 'user'] as const) {
    const column = batch[name];
    batch[name] = Float64Array.from(order, (i) => column[i]!);
  }
  batch.fields.forEach((column, field) => {
    batch.fields[field] = Float64Array.from(order, (i) => column[i]!);
  });
}

/** Adds the line reached to an error of the bytes below (truncated or damaged data). */
function reached(error: unknown, line: number): unknown {
  if (!(error instanceof WorkloadError) || error.line !== null) return error;
  return new WorkloadError(error.problem, { file: error.file, line: line + 1 }, error.hint, error.exitCode);
}

function noJobs(file: string, line: number, problem: string): WorkloadError {
  const hint = 'SWF has one job a line, 18 numbers between blanks; comments begin with ";".';
  return new WorkloadError(problem, { file, line: Math.max(line, 1) }, hint);
}

function looksLikeXml(file: string, line: number): WorkloadError {
  const hint = 'Workloads in XML are told by the name: call the file something.xml.';
  return new WorkloadError('looks like XML, not SWF', { file, line }, hint);
}

function headerTooLong(file: string, line: number): WorkloadError {
  const hint = 'Comments before the first job may take 4 MiB; is this the right file?';
  return new WorkloadError('more comments than a workload has', { file, line }, hint);
}

function tooManyToSort(file: string, line: number): WorkloadError {
  const hint = 'Sort the file by its second field (submit time): sorted files are read without holding them.';
  return new WorkloadError(`more than ${SORTED_ROWS_MAX} jobs to sort`, { file, line }, hint);
}
