/**
 * The model of Downey (1997), "A parallel workload model and its implications for processor allocation", HPDC: total work
 * and average parallelism are log-uniform, arrivals are Poisson, and a job speeds up as in his "A model for speedup of
 * parallel programs" (UCB/CSD-97-933). A job gets as many processors as its average parallelism.
 */

import { Chance } from './chance.js';
import { generatedJobs, type ModelJob, type ModelOptions } from './generated-jobs.js';
import type { LeaseSource } from './lease-source.js';

/** Natural logarithms of the processor-seconds of the smallest and of the largest job: 20 seconds to 123 hours. */
const WORK_LOG = { least: 3, most: 13 };
/** The variance of the parallelism, uniform from 0 (none) to this. */
const VARIANCE_MAX = 2;

/** `load`: the work that arrives in a second, as a share of the machine. */
export function downey(options: ModelOptions & { readonly load: number }): LeaseSource {
  const { least, most } = WORK_LOG;
  const workMean = (Math.exp(most) - Math.exp(least)) / (most - least);
  const intervalMean = workMean / (options.load * options.procs);
  const chance = new Chance(options.seed);
  let time = 0;
  const jobs = Array.from({ length: options.jobs }, (): ModelJob => {
    time += chance.exponential() * intervalMean;
    const work = chance.logUniform(least, most);
    const parallelism = chance.logUniform(0, Math.log(options.procs));
    const variance = chance.uniform(0, VARIANCE_MAX);
    const procs = Math.min(options.procs, Math.max(1, Math.round(parallelism)));
    const run = Math.max(1, Math.round(work / speedup(procs, parallelism, variance)));
    return { submit: Math.floor(time), procs, run };
  });
  return generatedJobs('Model of Downey 1997', jobs, options);
}

/** On n processors, of a program with average parallelism a; it never goes beyond a. */
export function speedup(n: number, a: number, variance: number): number {
  if (variance <= 1) {
    if (n <= a) return (a * n) / (a + (variance / 2) * (n - 1));
    if (n < 2 * a - 1) return (a * n) / (variance * (a - 0.5) + n * (1 - variance / 2));
    return a;
  }
  if (n < a + a * variance - variance) return (n * a * (variance + 1)) / (variance * (n + a - 1) + a);
  return a;
}
