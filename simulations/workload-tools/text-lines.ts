/** The lines of a text file, in pieces: strict UTF-8, limited, unpacked where it is gzip. */

import { TextDecoder } from 'node:util';
import { nameOf, openBytes } from '../workloads/bytes.js';
import { WorkloadError } from '../workloads/entry.js';

const BYTES_MAX = 1024 ** 3;
const LINE_MAX = 64 * 1024;

/** Yields the lines without their ends, a list for each piece of the file. Throws WorkloadError. */
export async function* linesOf(source: string): AsyncGenerator<readonly string[], void, undefined> {
  const file = nameOf(source);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let open = '';
  let count = 0;
  for await (const piece of openBytes(source, BYTES_MAX)) {
    const lines = (open + decoded(decoder, file, count, piece)).split('\n');
    open = lines.pop()!;
    if (open.length > LINE_MAX) throw tooLong(file, count + lines.length + 1);
    yield checked(lines, file, count);
    count += lines.length;
  }
  open += decoded(decoder, file, count);
  if (open !== '') yield checked([open], file, count);
}

function decoded(decoder: TextDecoder, file: string, count: number, piece?: Buffer): string {
  try {
    return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
  } catch {
    const hint = 'Convert the file to UTF-8 (iconv -t UTF-8).';
    throw new WorkloadError('not valid UTF-8', { file, line: count + 1 }, hint);
  }
}

function checked(lines: readonly string[], file: string, count: number): readonly string[] {
  return lines.map((line, i) => {
    if (line.length > LINE_MAX) throw tooLong(file, count + i + 1);
    if (line.includes('\0')) {
      throw new WorkloadError('not a text file (a NUL byte)', { file, line: count + i + 1 }, 'Is this the right file?');
    }
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  });
}

function tooLong(file: string, line: number): WorkloadError {
  return new WorkloadError(`a line longer than ${LINE_MAX / 1024} KiB`, { file, line }, 'Is this the right file?');
}
