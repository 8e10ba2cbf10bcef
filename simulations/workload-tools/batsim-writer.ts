/** Leases as a workload of Batsim: a job on `res` processors, with a profile that waits as long as the job runs. */

import { seconds } from '../report/numbers.js';
import type { LeaseSource } from './lease-source.js';
import { jobsOf, type LeaseWriter, processorsOf, tellOfBatch, tellOfTerms } from './lease-writer.js';
import type { Losses } from './losses.js';

export function batsimWriter(source: LeaseSource, losses: Losses): LeaseWriter {
  const jobOf = jobsOf(source, losses);
  const runs = new Set<number>();
  let widest = 1;
  let isFirst = true;
  return {
    begin: () => {
      const { description } = source.about;
      tellOfBatch(source, losses);
      return `{\n${description === null ? '' : `"description": ${JSON.stringify(description)},\n`}"jobs": [`;
    },
    lease: (entry) => {
      const { id, terms, line, submit, run } = entry;
      tellOfTerms(terms, line, losses);
      if (terms.user !== null) losses.leftOut('users', line);
      const labels = Object.keys(terms.labels ?? {}).length;
      if (labels > 0) losses.leftOut('labels', line, labels);
      const { procs, memoryMiB } = jobOf(entry);
      if (memoryMiB > 0) losses.leftOut('memory of VMs', line);
      widest = Math.max(widest, procs);
      runs.add(run);
      const comma = isFirst ? '' : ',';
      isFirst = false;
      return (
        `${comma}\n{"id": ${JSON.stringify(id)}, "subtime": ${seconds(submit)}, "walltime": ${seconds(terms.duration)}, ` +
        `"res": ${procs}, "profile": "${profile(run)}"}`
      );
    },
    end: () => {
      const size = source.site === null ? widest : processorsOf(source.site);
      if (source.site === null) losses.assumed('the size of the machine: the widest job', null);
      const profiles = [...runs].map((run) => `"${profile(run)}": {"type": "delay", "delay": ${seconds(run)}}`);
      return `\n],\n"profiles": {\n${profiles.join(',\n')}\n},\n"nb_res": ${size}\n}\n`;
    },
  };
}

function profile(run: number): string {
  return `delay-${seconds(run)}`;
}
