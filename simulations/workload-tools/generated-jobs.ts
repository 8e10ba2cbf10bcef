/** Batch jobs of a model, as leases of one-cpu VMs on a machine of that many processors. */

import {
  cpuAndMemory,
  CPU_AND_MEMORY,
  each,
  type LeaseSource,
  machineOf,
  NOTHING_KNOWN,
  termsWith,
} from './lease-source.js';
import { Losses } from './losses.js';

export interface ModelOptions {
  readonly jobs: number;
  readonly procs: number;
  readonly seed: number;
}

/** A job of a model; times in whole seconds. Models say nothing of what users ask for: it is the run time. */
export interface ModelJob {
  readonly submit: number;
  readonly procs: number;
  readonly run: number;
}

/** In order of submission; the first is submitted at 0. */
export function generatedJobs(model: string, jobs: readonly ModelJob[], { procs, seed }: ModelOptions): LeaseSource {
  const begin = jobs[0]?.submit ?? 0;
  const demand = cpuAndMemory(CPU_AND_MEMORY, 1000, 0);
  const entries = jobs.map((job, i) => ({
    line: i + 1,
    id: String(i + 1),
    submit: (job.submit - begin) * 1000,
    run: job.run * 1000,
    terms: termsWith({
      groups: [{ name: null, vms: job.procs, demand, image: null }],
      duration: job.run * 1000,
    }),
  }));
  const description = `${model}, ${procs} processors, ${jobs.length} jobs, seed ${seed}`;
  return {
    about: { ...NOTHING_KNOWN, description },
    site: machineOf(procs),
    resources: CPU_AND_MEMORY,
    leases: each(entries),
    losses: new Losses(),
  };
}
