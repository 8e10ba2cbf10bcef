/**
 * `leasehold simulate`: a workload through the real loop, in a world whose clock jumps and on a cluster that is
 * simulated. This file chooses the adapters.
 */

import { join } from 'node:path';
import { type StreamOptions, StreamStore } from '../adapters/event-store/stream.js';
import { SimulatedCluster } from '../adapters/simulated/cluster.js';
import { SimulatedWorld } from '../adapters/simulated/world.js';
import {
  type Command,
  empty,
  emptyState,
  encodeState,
  type Lease,
  POLICY_DEFAULT,
  type Policy,
  RULES,
  run,
  type State,
  type World,
} from '../engine/index.js';
import { InputError } from './input-error.js';
import { Metrics } from './metrics.js';
import { parseBackfilling } from './backfilling.js';
import type { FinishedLease } from './report/finished-lease.js';
import { finishedLease, notAccepted } from './report/lease-over.js';
import { LOG_FILE, openReport, type Report } from './report/report.js';
import { lossFigures, type Summary } from './report/summary.js';
import type { SiteDescription } from './workloads/entry.js';
import { OutOfOrder } from './workloads/swf.js';
import { openWorkload, type Workload } from './workloads/workload.js';

export interface SimulateOptions {
  /** `.swf`, `.swf.gz`, LWF `.xml`; `-` reads SWF from stdin. */
  readonly trace: string;
  readonly procs?: number;
  readonly nodes?: readonly string[];
  readonly site?: string;
  readonly backfilling?: string;
  readonly policy?: string;
  /** The directory for the files of the report. */
  readonly out?: string;
  /** Whether the event log is written, too. */
  readonly log: boolean;
}

/** How far a simulation is; `total` is null where the workload does not say. */
export interface Progress {
  readonly leasesOver: number;
  readonly total: number | null;
}

/** What the user should know besides the summary. */
export type Note = (text: string) => void;

/** Runs the workload to its end. Throws InputError where something given cannot be used: nothing is written then. */
export async function simulate(
  options: SimulateOptions,
  note: Note = () => {},
  onProgress: ((progress: Progress) => void) | null = null,
): Promise<Summary> {
  try {
    return await simulateOnce(options, false, note, onProgress);
  } catch (error) {
    if (!(error instanceof OutOfOrder)) throw error;
    note(`${error.message}: reading all jobs and sorting them first`);
    return await simulateOnce(options, true, note, onProgress);
  }
}

async function simulateOnce(
  options: SimulateOptions,
  sorted: boolean,
  note: Note,
  onProgress: ((progress: Progress) => void) | null,
): Promise<Summary> {
  // 1. What is to be run, where, by which policy, and where the results go.
  if (options.log && options.out === undefined)
    throw new InputError('--log needs a directory', { file: '--log' }, 'Say where: --out DIR --log.', 2);
  const workload = await openWorkload(options, sorted);
  for (const text of workload.notes) note(text);
  let report: Report | null = null;
  try {
    const policy = await policyFor(options, workload.site);
    report = options.out === undefined ? null : openReport(options.out, options.trace);

    // 2. The loop, to the end of the workload.
    const begin = performance.now();
    const finished = await runWorkload(workload, policy, report, options.log, onProgress);

    // 3. The figures.
    const wallSeconds = (performance.now() - begin) / 1000;
    const summary: Summary = {
      ...finished.metrics.figures(),
      ...lossFigures(workload.loss),
      wallSeconds,
      parseSeconds: workload.parseSeconds(),
      leasesPerSecond: finished.metrics.figures().leases / wallSeconds,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      events: finished.events,
      turns: finished.turns,
      rules: RULES,
      digest: finished.digest,
    };
    report?.finish(summary);
    return summary;
  } catch (error) {
    report?.abort();
    throw error;
  } finally {
    await workload.close();
  }
}

/** The policy file over the defaults, and the flags over both. */
async function policyFor(options: SimulateOptions, site: SiteDescription): Promise<Policy> {
  // Where all nodes are given whole, images are taken to be on shared storage: nodes can then be planned by count.
  const whole = site.classes.every((nodes) => nodes.exclusive);
  const base: Policy = whole ? { ...POLICY_DEFAULT, migration: 'no-transfer' } : POLICY_DEFAULT;
  const policy =
    options.policy === undefined ? base : (await import('./policy-file.js')).readPolicyFile(options.policy, base);
  if (options.backfilling === undefined) return policy;
  const backfilling = parseBackfilling(options.backfilling);
  if (backfilling !== null) return { ...policy, backfilling };
  const hint = 'Write none, easy, conservative or intermediate:N.';
  throw new InputError(`"${options.backfilling}" is not known`, { file: '--backfilling' }, hint, 2);
}

async function runWorkload(
  workload: Workload,
  policy: Policy,
  report: Report | null,
  log: boolean,
  onProgress: ((progress: Progress) => void) | null,
) {
  const { site } = workload;
  const state = emptyState();
  const metrics = new Metrics(cpuOf(site));
  const store = new StreamStore(logOptions(log ? report : null, state));
  const cluster = new SimulatedCluster({ sharedImages: policy.migration === 'no-transfer', remembers: false });
  let leasesOver = 0;
  const tell = (finished: FinishedLease) => {
    metrics.add(finished);
    report?.lease(finished);
    leasesOver++;
    if (leasesOver % PROGRESS_EVERY === 0) onProgress?.({ leasesOver, total: workload.total });
  };
  const over = (lease: Lease) => tell(finishedLease(lease, site.resources));
  const world = new SimulatedWorld({
    genesis: genesis(policy, site),
    arrivals: workload,
    cluster,
    onAnswer: (answers) => {
      for (const { command, decided } of answers)
        if (!decided.ok) tell(notAccepted(command, decided.rejection, state.now, site.resources));
    },
  });
  try {
    await run(state, { store, cluster, world: watched(world, state, over) });
    const { digest, turns, events } = await store.finish();
    return { metrics, digest, turns, events };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function logOptions(report: Report | null, state: State): StreamOptions | null {
  return report === null ? null : { log: join(report.directory, LOG_FILE), stateAt: () => encodeState(state) };
}

/** How often progress is told, in leases over. */
const PROGRESS_EVERY = 500;

/** The world, watched: what each turn has ended is taken before the next one begins. */
function watched(world: SimulatedWorld, state: State, over: (lease: Lease) => void): World {
  return {
    next: (wakeup) => {
      for (const lease of state.over) over(lease);
      empty(state.over);
      return world.next(wakeup);
    },
    answer: (answers) => world.answer(answers),
  };
}

function genesis(policy: Policy, site: SiteDescription): Command[] {
  return [
    { type: 'ClaimEpoch', epoch: 1 },
    { type: 'AdoptPolicy', policy },
    { type: 'DeclareSite', resources: site.resources },
    ...site.classes.map(({ first: _, ...nodes }): Command => ({ type: 'AddNodes', nodes })),
  ];
}

/** Cpu of all nodes together, in thousandths. */
function cpuOf(site: SiteDescription): number {
  const cpu = site.resources.findIndex((resource) => resource.name === 'cpu');
  return site.classes.reduce((sum, nodes) => sum + nodes.count * (nodes.capacity[cpu] ?? 0), 0);
}
