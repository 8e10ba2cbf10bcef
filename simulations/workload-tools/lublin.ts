/**
 * The model of Lublin and Feitelson (2003), "The workload on parallel supercomputers: modeling the characteristics of
 * rigid jobs", Journal of Parallel and Distributed Computing 63(11): batch jobs, with the parameters published for them.
 */

import { Chance } from './chance.js';
import { generatedJobs, type ModelJob, type ModelOptions } from './generated-jobs.js';
import { gammaBelow } from './gamma-function.js';
import type { LeaseSource } from './lease-source.js';

/** Processors: serial, a power of two, or any number; the logarithm of the number is uniform in two stages. */
const SERIAL = 0.2927;
const POWER_OF_TWO = 0.6686;
const SMALLEST_LOG = 1.2;
/** The second stage begins so far (in powers of two) below the machine's size: at 32 of 128 processors. */
const STAGE_BELOW_SIZE = 2;
const FIRST_STAGE = 0.875;

/** The logarithm of the run time is one of two gammas; the share of the short one falls with the processors. */
const SHORT = { shape: 6.57, scale: 0.823 };
const LONG = { shape: 639.1, scale: 0.0156 };
const SHORT_SHARE = { slope: -0.003, intercept: 0.6986 };
/** Some 45 hours. */
const RUN_LOG_MAX = 12;

/** The logarithm of the time between two jobs at the rush hour, and the same made to fit the whole day. */
const INTERVAL = { shape: 6.0415 * 1.0519, scale: 0.8531 };
const INTERVAL_LOG_MAX = 13;
/** When jobs arrive: half-hours of a day that begins in the 11th, a gamma. */
const DAY = { shape: 6.1271, scale: 5.274, begins: 11 };
const BUCKETS = 48;
const BUCKET_SECONDS = 1800;

export function lublin(options: ModelOptions): LeaseSource {
  const chance = new Chance(options.seed);
  const arrivals = new Arrivals(chance);
  const jobs = Array.from({ length: options.jobs }, (): ModelJob => {
    const submit = arrivals.next();
    const procs = processors(chance, options.procs);
    return { submit, procs, run: runTime(chance, procs) };
  });
  return generatedJobs('Model of Lublin and Feitelson 2003, batch jobs', jobs, options);
}

function processors(chance: Chance, size: number): number {
  const kind = chance.fraction();
  if (kind <= SERIAL || size === 1) return 1;
  const most = Math.log2(size);
  const least = Math.min(SMALLEST_LOG, most);
  const middle = Math.max(least, most - STAGE_BELOW_SIZE);
  const log = chance.fraction() <= FIRST_STAGE ? chance.uniform(least, middle) : chance.uniform(middle, most);
  const power = kind <= SERIAL + POWER_OF_TWO ? Math.round(log) : log;
  return Math.min(size, Math.max(1, Math.round(2 ** power)));
}

/** In seconds. */
function runTime(chance: Chance, procs: number): number {
  const short = Math.min(1, Math.max(0, SHORT_SHARE.slope * procs + SHORT_SHARE.intercept));
  for (;;) {
    const { shape, scale } = chance.fraction() <= short ? SHORT : LONG;
    const log = chance.gamma(shape, scale);
    if (log <= RUN_LOG_MAX) return Math.max(1, Math.floor(Math.exp(log)));
  }
}

/**
 * Each job has points: the seconds to it at an even rate. A half-hour of the day in which many jobs arrive is worth many
 * points, so the same points lead less far.
 */
class Arrivals {
  private readonly weights = dayWeights();
  private bucket = 0;
  /** Of this half-hour, how many points are spent. */
  private spent = 0;
  private bucketBegin = 0;

  constructor(private readonly chance: Chance) {}

  /** In whole seconds, never before the last. */
  next(): number {
    this.spent += this.interval() / BUCKET_SECONDS;
    while (this.spent > this.weights[this.bucket]!) {
      this.spent -= this.weights[this.bucket]!;
      this.bucket = (this.bucket + 1) % BUCKETS;
      this.bucketBegin += BUCKET_SECONDS;
    }
    return Math.floor(this.bucketBegin + (this.spent / this.weights[this.bucket]!) * BUCKET_SECONDS);
  }

  private interval(): number {
    for (;;) {
      const log = this.chance.gamma(INTERVAL.shape, INTERVAL.scale);
      if (log <= INTERVAL_LOG_MAX) return Math.exp(log);
    }
  }
}

/** What the half-hours of a day from midnight on are worth, 1 on average. */
function dayWeights(): readonly number[] {
  const weights = Array.from({ length: BUCKETS }, () => 0);
  let sum = 0;
  for (let i = DAY.begins; i < DAY.begins + BUCKETS; i++) {
    const share = gammaBelow(i + 0.5, DAY.shape, DAY.scale) - gammaBelow(i - 0.5, DAY.shape, DAY.scale);
    weights[(i - 1) % BUCKETS] = share;
    sum += share;
  }
  return weights.map((share) => (share * BUCKETS) / sum);
}
