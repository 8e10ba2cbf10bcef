/** The bytes of a file or of stdin (`-`), unpacked where they are gzip (told by the first bytes, not by the name). */

import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { USAGE } from '../input-error.js';
import { WorkloadError } from './entry.js';

const CHUNK_BYTES = 256 * 1024;
/** Text that packs better than this is not a workload but a bomb. Judged after RATIO_FROM_BYTES unpacked bytes. */
const RATIO_MAX = 100;
const RATIO_FROM_BYTES = 16 * 1024 * 1024;

/**
 * Yields the bytes in order, in pieces of about CHUNK_BYTES, at most `bytesMax` in all. Constant memory. A gzip stream
 * is unpacked by zlib's thread while the caller reads the previous piece. Throws WorkloadError only.
 */
export async function* openBytes(source: string, bytesMax: number): AsyncGenerator<Buffer, void, undefined> {
  const file = nameOf(source);
  const input = source === '-' ? process.stdin : createReadStream(source, { highWaterMark: CHUNK_BYTES });
  const packed = { bytes: 0 };
  const pieces = counted(input, packed);
  let unpacked = 0;
  try {
    const head = await firstPiece(pieces);
    const isGzip = head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
    const whole = after(head, pieces);
    for await (const piece of isGzip ? gunzipped(whole) : whole) {
      unpacked += piece.length;
      if (unpacked > bytesMax) throw tooLarge(file, bytesMax);
      if (isGzip && unpacked > RATIO_FROM_BYTES && unpacked > packed.bytes * RATIO_MAX) throw bomb(file);
      yield piece;
    }
  } catch (error) {
    throw error instanceof WorkloadError ? error : asWorkloadError(error, file);
  } finally {
    if (source !== '-') input.destroy();
  }
}

/** All of the bytes at once. Throws WorkloadError only. */
export async function readBytes(source: string, bytesMax: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of openBytes(source, bytesMax)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** Bytes that must be a text. Throws WorkloadError. */
export function textIn(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new WorkloadError('not valid UTF-8', { file, line: 1 }, 'Convert the file to UTF-8 (iconv -t UTF-8).');
  }
}

/** How the source is called in messages. */
export function nameOf(source: string): string {
  return source === '-' ? 'stdin' : source;
}

async function* counted(input: AsyncIterable<unknown>, packed: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const piece of input) {
    const buffer = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
    packed.bytes += buffer.length;
    yield buffer;
  }
}

/** At least two bytes, unless there are fewer. */
async function firstPiece(pieces: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await pieces.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* after(head: Buffer, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* pieces;
}

function gunzipped(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // Errors on either side reach the reader through `gunzip`, which the pipeline destroys with them.
  pipeline(Readable.from(packed), gunzip, () => undefined);
  return gunzip;
}

function tooLarge(file: string, bytesMax: number): WorkloadError {
  const mebibytes = Math.floor(bytesMax / (1024 * 1024));
  return new WorkloadError(`more than ${mebibytes} MiB of text`, { file }, 'Split the workload into smaller files.');
}

function bomb(file: string): WorkloadError {
  const hint = 'Unpack it yourself (gunzip -k) if you trust it, and give the unpacked file.';
  return new WorkloadError(`unpacks to more than ${RATIO_MAX} times its size`, { file }, hint);
}

/** System and zlib errors in the user's words. */
function asWorkloadError(error: unknown, file: string): WorkloadError {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ENOENT') return new WorkloadError('no such file', { file }, 'Check the path.', USAGE);
  if (code === 'EISDIR') return new WorkloadError('is a directory', { file }, 'Name a workload file in it.', USAGE);
  if (code === 'EACCES') return new WorkloadError('may not be read', { file }, 'Check its permissions.', USAGE);
  if (code === 'Z_BUF_ERROR') {
    return new WorkloadError('the gzip data are truncated', { file }, 'Copy or download the file again.');
  }
  if (code?.startsWith('Z_') === true) {
    return new WorkloadError(`the gzip data are damaged (${message})`, { file }, 'Copy or download the file again.');
  }
  if (code === undefined) throw error;
  return new WorkloadError(`cannot be read (${code})`, { file }, 'Check the file and the disk.');
}
