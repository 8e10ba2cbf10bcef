/** `jobs.csv` and `leases.json`, written in the thread that this is called in. */

import type { FinishedLease } from './finished-lease.js';
import { JOBS_HEADER, writeJob } from './jobs-csv.js';
import type { WrittenLease } from './lease-block.js';
import { writeLease } from './leases-json.js';
import type { TextFile } from './text-file.js';

/** Who writes them. Throws what the file system throws, maybe not at once, but in `finish` at the latest. */
export interface LeaseFiles {
  /** In order of end. */
  lease(finished: FinishedLease): void;
  /** The disk has all of it. */
  finish(): void;
  /** Nothing is written any more. Harmless afterwards. */
  close(): void;
}

/** The files are empty, and closed by this. Null: `leases.json` is not wanted. */
export class LeaseWriter implements LeaseFiles {
  /** `workload`: a cell, quoted already where needed. */
  constructor(
    private readonly jobs: TextFile,
    private readonly leases: TextFile | null,
    private readonly workload: string,
  ) {
    jobs.text(JOBS_HEADER);
  }

  lease(lease: WrittenLease): void {
    writeJob(this.jobs, lease, this.workload);
    if (this.leases !== null) writeLease(this.leases, lease);
  }

  finish(): void {
    this.jobs.finish();
    this.leases?.finish();
  }

  close(): void {
    this.jobs.close();
    this.leases?.close();
  }
}
