/** The files of a simulation, written as the leases end, and put in their place at once when all is done. */

import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FinishedLease } from './finished-lease.js';
import { csv } from './jobs-csv.js';
import { LeaseThread } from './lease-thread-client.js';
import { type LeaseFiles, LeaseWriter } from './lease-writer.js';
import { Staging } from './staging.js';
import { encodeSummary, type Summary } from './summary.js';
import { TextFile } from './text-file.js';

/** Where `--log` writes the event log, in the directory of the report. */
export const LOG_FILE = 'turns.ndjson.gz';
export const SUMMARY_FILE = 'summary.json';
const LEASES_JSON = 'leases.json';
/** What the accounting writes there. */
export const SERIES_FILE = 'series.csv';
export const LEASES_FILE = 'leases.csv';
export const COUNTERS_FILE = 'counters.json';
const ACCOUNTING_FILES = [SERIES_FILE, LEASES_FILE, COUNTERS_FILE];

export interface Report {
  /** Where the files are written for now: the event log, too, under the name LOG_FILE. */
  readonly directory: string;
  /** In order of end. */
  lease(finished: FinishedLease): void;
  /** One more file of the report. */
  file(name: string): TextFile;
  /** Writes something to such files. When that fails, nothing of the report appears, and what is thrown says why. */
  write<T>(write: () => T): T;
  /** Everything is written, also the log: the files appear under their names. */
  finish(summary: Summary): void;
  /** Nothing appears. Harmless after `finish`, and done by itself when the process ends before. */
  abort(): void;
}

/**
 * Opens a report that will appear as directory `target`; files of an earlier report in it are replaced at the end.
 * Throws InputError, here when nothing can be written there, later when the disk is full. `trace`: the workload's file.
 * `leases`: whether `leases.json` is one of them; with the node of every VM it is by far the largest where leases are wide.
 */
export function openReport(target: string, trace: string, leases = true): Report {
  const staging = new Staging(target);
  const files: TextFile[] = [];
  const create = (name: string) => TextFile.create(join(staging.directory, name));
  const file = (name: string) => {
    const opened = create(name);
    files.push(opened);
    return opened;
  };
  let writer: LeaseFiles | null = null;
  const abort = () => {
    writer?.close();
    for (const opened of files) opened.close();
    staging.abort();
  };
  const orAbort = <T>(write: () => T): T => {
    try {
      return write();
    } catch (error) {
      abort();
      throw staging.fault(error);
    }
  };
  writer = orAbort(() => leaseFiles(create('jobs.csv'), leases ? create(LEASES_JSON) : null, csv(basename(trace))));
  return {
    directory: staging.directory,
    lease: (finished) => orAbort(() => writer.lease(finished)),
    file: (name) => orAbort(() => file(name)),
    write: orAbort,
    finish: (summary) =>
      orAbort(() => {
        file(SUMMARY_FILE).text(encodeSummary(summary));
        writer.finish();
        for (const opened of files) opened.finish();
        staging.commit([LEASES_JSON, LOG_FILE, ...ACCOUNTING_FILES]);
      }),
    abort,
  };
}

/** A thread of their own, which is compiled beside this file. From the sources, as in tests, there is none; the bytes are the same. */
function leaseFiles(jobs: TextFile, leases: TextFile | null, workload: string): LeaseFiles {
  const thread = new URL('./lease-thread.js', import.meta.url);
  return existsSync(fileURLToPath(thread))
    ? new LeaseThread(thread, { jobs: jobs.descriptor, leases: leases?.descriptor ?? null, workload })
    : new LeaseWriter(jobs, leases, workload);
}
