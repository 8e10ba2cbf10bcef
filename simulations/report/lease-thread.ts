/** The thread that writes `jobs.csv` and `leases.json`, from blocks of leases. After a failure it tells of it, and only counts. */

import { workerData } from 'node:worker_threads';
import { leasesOf } from './lease-block.js';
import { DONE, type LeaseThreadData, STOP, type ToLeaseThread } from './lease-thread-client.js';
import { LeaseWriter } from './lease-writer.js';
import { TextFile } from './text-file.js';

const { jobs, leases, workload, shared, port } = workerData as LeaseThreadData;
let hasFailed = false;
const attempt = (work: () => void) => {
  try {
    if (!hasFailed) work();
  } catch (error) {
    hasFailed = true;
    // Errors lose their code on the way, plain objects do not.
    const { message, code } = error as NodeJS.ErrnoException;
    port.postMessage({ message, code });
  }
};

let files: LeaseWriter | null = null;
attempt(() => {
  files = new LeaseWriter(TextFile.of(jobs), leases === null ? null : TextFile.of(leases), workload);
});
port.on('message', (block: ToLeaseThread) => {
  if (Atomics.load(shared, STOP) !== 0) files?.close();
  else
    attempt(() => {
      if (block === null) files?.finish();
      else for (const lease of leasesOf(block)) files?.lease(lease);
    });
  Atomics.add(shared, DONE, 1);
  Atomics.notify(shared, DONE);
});
