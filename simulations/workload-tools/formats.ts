/** The formats of workloads: their names, how files are told apart, what reads and what writes them. */

import { InputError, USAGE } from '../input-error.js';
import { READABLE, type Readable, WRITABLE, type Writable } from './format-names.js';
import type { LeaseSource, ReadOptions } from './lease-source.js';
import type { WriterOf } from './lease-writer.js';

const ENDINGS: readonly (readonly [ending: RegExp, format: Readable])[] = [
  [/\.swf(\.gz)?$/i, 'swf'],
  [/\.(xml|lwf)(\.gz)?$/i, 'lwf'],
  [/\.ya?ml(\.gz)?$/i, 'yaml'],
  [/\.csv(\.gz)?$/i, 'csv'],
  [/\.(psv|sacct)(\.gz)?$/i, 'slurm'],
];

/** The format of a file to read: the one said, or by its name. Throws InputError. */
export function formatToRead(file: string, said: Readable | undefined): Readable {
  const format = said ?? ENDINGS.find(([ending]) => ending.test(file))?.[1];
  if (format !== undefined) return format;
  throw new InputError('the name does not tell the format', { file }, `Say it: --from ${READABLE.join('|')}.`, USAGE);
}

/** The format of a file to write: the one said, or by its name. Throws InputError. */
export function formatToWrite(file: string, said: Writable | undefined): Writable {
  if (/\.gz$/i.test(file)) {
    const hint = 'Leave out ".gz", and run gzip afterwards.';
    throw new InputError('packed files are read, but not written', { file }, hint, USAGE);
  }
  const named = /\.json$/i.test(file) ? 'batsim' : ENDINGS.find(([ending]) => ending.test(file))?.[1];
  const format = said ?? WRITABLE.find((writable) => writable === named);
  if (format !== undefined) return format;
  throw new InputError('the name does not tell the format', { file }, `Say it: --to ${WRITABLE.join('|')}.`, USAGE);
}

/** Opens a workload. Throws InputError; while it is read, OutOfOrder, too, unless `sorted`. */
export async function openSource(format: Readable, options: ReadOptions): Promise<LeaseSource> {
  switch (format) {
    case 'swf':
      return await (await import('./swf-source.js')).swfSource(options);
    case 'lwf':
      return await (await import('./lwf-source.js')).lwfSource(options);
    case 'yaml':
      return await (await import('./yaml-source.js')).yamlSource(options);
    case 'csv':
      return await (await import('./csv-source.js')).csvSource(options);
    case 'batsim':
      return await (await import('./batsim-source.js')).batsimSource(options);
    case 'slurm':
      return await (await import('./sacct-source.js')).sacctSource(options);
    case 'oar':
      return await (await import('./oar-source.js')).oarSource(options);
  }
}

export async function writerOf(format: Writable): Promise<WriterOf> {
  switch (format) {
    case 'swf':
      return (await import('./swf-writer.js')).swfWriter;
    case 'lwf':
      return (await import('./lwf-writer.js')).lwfWriter;
    case 'yaml':
      return (await import('./yaml-writer.js')).yamlWriter;
    case 'csv':
      return (await import('./csv-writer.js')).csvWriter;
    case 'batsim':
      return (await import('./batsim-writer.js')).batsimWriter;
  }
}
