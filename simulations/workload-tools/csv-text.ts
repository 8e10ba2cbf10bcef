/** CSV (RFC 4180) record by record: quoted cells may hold commas, quotes and line ends. */

import { nameOf } from '../workloads/bytes.js';
import { WorkloadError } from '../workloads/entry.js';
import { linesOf } from './text-lines.js';

const RECORD_MAX = 64 * 1024;

export interface CsvRecord {
  /** On which it begins. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Yields the records, without blank lines. Throws WorkloadError. */
export async function* csvRecords(source: string): AsyncGenerator<CsvRecord, void, undefined> {
  const file = nameOf(source);
  let line = 0;
  let begin = 0;
  let open = '';
  for await (const lines of linesOf(source)) {
    for (const text of lines) {
      line++;
      if (open === '') {
        begin = line;
        open = line === 1 ? text.replace(/^\uFEFF/, '') : text;
        if (open.trim() === '') {
          open = '';
          continue;
        }
      } else open += `\n${text}`;
      if (open.length > RECORD_MAX) throw tooLong(file, begin);
      // Not before the quotes come in pairs: each try looks at the whole record.
      const cells = quotesIn(open) % 2 === 0 ? cellsOf(open) : null;
      if (cells === null) continue;
      open = '';
      yield { line: begin, cells };
    }
  }
  if (open !== '') throw new WorkloadError('a quote that is not closed', { file, line: begin }, 'Close it with ".');
}

function quotesIn(text: string): number {
  let count = 0;
  for (let i = text.indexOf('"'); i >= 0; i = text.indexOf('"', i + 1)) count++;
  return count;
}

/** null: a quoted cell goes on on the next line. */
function cellsOf(text: string): string[] | null {
  if (!text.includes('"')) return text.split(',');
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1);
      while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end < 0) return null;
      const comma = text.indexOf(',', end);
      const rest = text.slice(end + 1, comma < 0 ? undefined : comma);
      cells.push(text.slice(at + 1, end).replaceAll('""', '"') + rest.trimEnd());
      if (comma < 0) return cells;
      at = comma + 1;
    } else {
      const comma = text.indexOf(',', at);
      cells.push(text.slice(at, comma < 0 ? undefined : comma));
      if (comma < 0) return cells;
      at = comma + 1;
    }
  }
}

function tooLong(file: string, line: number): WorkloadError {
  return new WorkloadError(`a record longer than ${RECORD_MAX / 1024} KiB`, { file, line }, 'Is a quote missing?');
}
