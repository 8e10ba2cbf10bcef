/** Where a tool writes: a file that appears whole or not at all, or whatever the caller offers (stdout). */

import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, USAGE } from '../input-error.js';
import { Staging } from '../report/staging.js';
import { TextFile } from '../report/text-file.js';

export interface TextOutput {
  write(text: string): void | Promise<void>;
  /** Everything is written. */
  finish(): void | Promise<void>;
  /** Nothing appears, where that is still possible. Harmless after `finish`. */
  abort(): void;
}

/** A file, replaced at the end. Throws InputError. */
export function fileOutput(path: string): TextOutput {
  const target = resolve(path);
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new InputError('is a directory', { file: path }, 'Name a file in it.', USAGE);
  }
  const staging = new Staging(dirname(target));
  let file: TextFile | null = null;
  const abort = () => {
    file?.close();
    staging.abort();
  };
  const orAbort = (write: () => void) => {
    try {
      write();
    } catch (error) {
      abort();
      throw staging.fault(error);
    }
  };
  orAbort(() => {
    file = TextFile.create(join(staging.directory, basename(target)));
  });
  return {
    write: (text) => orAbort(() => file?.text(text)),
    finish: () =>
      orAbort(() => {
        file?.finish();
        staging.commit([]);
      }),
    abort,
  };
}

const PIECE = 64 * 1024;

/** Collects small pieces before they are handed to `write`. */
export function streamOutput(write: (text: string) => Promise<void>): TextOutput {
  let open = '';
  const flush = async () => {
    const text = open;
    open = '';
    if (text !== '') await write(text);
  };
  return {
    write: (text) => {
      open += text;
      return open.length < PIECE ? undefined : flush();
    },
    finish: flush,
    abort: () => {},
  };
}
