/**
 * A directory that appears whole or not at all: files are written beside it (or, where it exists already, into a hidden
 * directory in it) and moved at the end. What is there already stays as it is until then.
 */

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../input-error.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const DISK_FAILED = 74;

export class Staging {
  /** Where to write. */
  readonly directory: string;
  private readonly target: string;
  private readonly isNew: boolean;
  private open = true;
  private readonly onExit = () => this.abort();
  private readonly onSignal: (signal: NodeJS.Signals) => void;

  /** Throws InputError when nothing can be written there. */
  constructor(private readonly given: string) {
    this.target = resolve(given);
    try {
      this.isNew = !existsSync(this.target);
      if (!this.isNew) {
        if (!statSync(this.target).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
        accessSync(this.target, constants.W_OK | constants.X_OK);
      }
      const parent = this.isNew ? dirname(this.target) : this.target;
      mkdirSync(parent, { recursive: true });
      this.directory = join(parent, `.${basename(this.target)}.partial-${process.pid}`);
      rmSync(this.directory, { recursive: true, force: true }); // left by a killed process of the same number
      mkdirSync(this.directory);
    } catch (error) {
      throw this.fault(error);
    }
    this.onSignal = (signal) => {
      this.abort();
      // Nobody else listens: do what the signal would have done.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    process.once('exit', this.onExit);
    for (const signal of SIGNALS) process.once(signal, this.onSignal);
  }

  /** Moves everything to its place. `obsolete`: files of an earlier report that go even when no new one comes. */
  commit(obsolete: readonly string[]): void {
    try {
      if (this.isNew) renameSync(this.directory, this.target);
      else this.moveFiles(obsolete);
    } catch (error) {
      throw this.fault(error);
    }
    this.close();
  }

  /** Removes what was written. Harmless afterwards. */
  abort(): void {
    if (!this.open) return;
    this.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** An error of the file system in the user's words. */
  fault(error: unknown): InputError {
    const code = (error as { code?: string }).code;
    if (code === undefined || error instanceof InputError) throw error;
    const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO';
    const problem = PROBLEMS[code] ?? `cannot be written (${code})`;
    return new InputError(problem, { file: this.given }, HINT, full ? DISK_FAILED : 1);
  }

  private moveFiles(obsolete: readonly string[]): void {
    const names = readdirSync(this.directory);
    for (const name of names) renameSync(join(this.directory, name), join(this.target, name));
    for (const name of obsolete) if (!names.includes(name)) rmSync(join(this.target, name), { force: true });
    rmdirSync(this.directory);
  }

  private close(): void {
    this.open = false;
    process.removeListener('exit', this.onExit);
    for (const signal of SIGNALS) process.removeListener(signal, this.onSignal);
  }
}

const HINT = 'Name a directory that you may write to, on a disk with room.';

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOTDIR: 'is not a directory',
  EEXIST: 'is not a directory',
  EACCES: 'may not be written to',
  EPERM: 'may not be written to',
  EROFS: 'is on a read-only disk',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
};
