/** Files for a test, in a directory that goes with it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, onTestFinished } from 'vitest';
import { InputError } from '../../simulations/input-error.js';
import { openSwf, type SwfOptions } from '../../simulations/workloads/swf.js';

/** A new directory, removed after the test. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'leasehold-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A file with that content. */
export function file(name: string, content: string | Buffer): string {
  const path = join(directory(), name);
  writeFileSync(path, content);
  return path;
}

/** A file of test/data. */
export function data(path: string): string {
  return fileURLToPath(new URL(`../data/${path}`, import.meta.url));
}

/** What is thrown, which must be an error for the user. */
export async function refusal(attempt: () => unknown): Promise<InputError> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const REAL_STDIN = Object.getOwnPropertyDescriptor(process, 'stdin')!;
afterEach(() => {
  Object.defineProperty(process, 'stdin', REAL_STDIN);
});

/** Until the test is over, stdin is these pieces. */
export function stdin(pieces: readonly Buffer[]): void {
  Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from(pieces) });
}

/** The rows of a trace as [line, id, submit, run, processors, estimate], and what was lost. */
export async function swfRows(source: string, options: SwfOptions = {}) {
  const trace = await openSwf(source, options);
  const rows: number[][] = [];
  for await (const batch of trace.rows) {
    for (let i = 0; i < batch.length; i++) {
      const { line, id, submit, run, procs, estimate } = batch;
      rows.push([line[i]!, id[i]!, submit[i]!, run[i]!, procs[i]!, estimate[i]!]);
    }
  }
  return {
    trace,
    rows,
    dropped: Object.fromEntries(trace.loss.dropped),
    repaired: Object.fromEntries(trace.loss.repaired),
  };
}
