/**
 * `leasehold simulate`: a workload through the real loop, in a world whose clock jumps and on a cluster that is
 * simulated. This file chooses the adapters.
 */

import { join } from 'node:path';
import { type StreamOptions, StreamStore } from '../adapters/event-store/stream.js';
import { SimulatedCluster } from '../adapters/simulated/cluster.js';
import { SimulatedWorld } from '../adapters/simulated/world.js';
import {
  type Batch,
  type Command,
  empty,
  emptyState,
  encodeState,
  type Instant,
  type Lease,
  POLICY_DEFAULT,
  type Policy,
  RULES,
  run,
  type State,
  type World,
} from '../engine/index.js';
import type { AccountingOptions } from './accounting/accounting.js';
import type { ProbeName } from './accounting/probes.js';
import { InputError, USAGE } from './input-error.js';
import { Metrics } from './metrics.js';
import { parseBackfilling } from './backfilling.js';
import type { HaizeaSetup } from './haizea/setup.js';
import { rehearsal } from './rehearsal.js';
import type { FinishedLease } from './report/finished-lease.js';
import { Fates } from './fates.js';
import { finishedLease, notAccepted } from './report/lease-over.js';
import { LOG_FILE, openReport, type Report } from './report/report.js';
import { lossFigures, type Summary } from './report/summary.js';
import { cpuOfSite } from './site-figures.js';
import type { SiteOptions } from './site-options.js';
import { Stopping } from './stop-when.js';
import type { SiteDescription } from './workloads/entry.js';
import { OutOfOrder } from './workloads/swf.js';
import { openWorkload, type Workload } from './workloads/workload.js';

export interface SimulateOptions extends SiteOptions {
  /** `.swf`, `.swf.gz`, LWF `.xml`, YAML; `-` reads SWF from stdin. Needed unless `haizeaConfig` names one. */
  readonly trace?: string;
  readonly backfilling?: string;
  readonly policy?: string;
  /** A configuration of Haizea instead of a policy; it may name the trace, too. */
  readonly haizeaConfig?: string;
  /** The directory for the files of the report. */
  readonly out?: string;
  /** Whether the report has `leases.json`; default: it has. */
  readonly leases?: boolean;
  /** Whether the event log is written, too. */
  readonly log: boolean;
  /** Probes of the accounting, which is written to `out`: their names, or `all`. */
  readonly accounting?: string;
  /** What the accounting says of this run, to tell it from others. */
  readonly attributes?: Readonly<Record<string, string>>;
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
  const setup = await setupOf(options);
  for (const text of setup.notes) note(text);
  try {
    return await simulateOnce(options, setup, false, note, onProgress);
  } catch (error) {
    if (!(error instanceof OutOfOrder)) throw error;
    note(`${error.message}: reading all jobs and sorting them first`);
    return await simulateOnce(options, setup, true, note, onProgress);
  }
}

/** What is run, and by which policy; null: as the other options say. */
interface Setup extends Omit<HaizeaSetup, 'policy'> {
  readonly policy: Policy | null;
}

const NOTHING_SAID = { stop: null, probes: [], attributes: {}, notes: [] };

async function setupOf(options: SimulateOptions): Promise<Setup> {
  const { haizeaConfig, trace } = options;
  if (haizeaConfig !== undefined) {
    const other =
      options.policy !== undefined ? '--policy' : options.backfilling !== undefined ? '--backfilling' : null;
    if (other === null) return await (await import('./haizea/setup.js')).haizeaSetup(haizeaConfig, options);
    const hint = 'The configuration says what the policy is: give one of them.';
    throw new InputError(`not together with ${other}`, { file: '--haizea-config' }, hint, USAGE);
  }
  if (trace !== undefined) {
    return { trace, policy: null, adjustments: { site: null, edit: null }, ...NOTHING_SAID };
  }
  throw new InputError(
    'no trace',
    { file: 'simulate' },
    'Name one, or a configuration that does: --haizea-config.',
    USAGE,
  );
}

async function simulateOnce(
  options: SimulateOptions,
  setup: Setup,
  sorted: boolean,
  note: Note,
  onProgress: ((progress: Progress) => void) | null,
): Promise<Summary> {
  // 1. What is to be run, where, by which policy, and where the results go.
  if (options.log && options.out === undefined)
    throw new InputError('--log needs a directory', { file: '--log' }, 'Say where: --out DIR --log.', USAGE);
  const probes = await probesFor(options, setup);
  const workload = await openWorkload({ ...options, trace: setup.trace }, sorted, setup.adjustments);
  for (const text of workload.notes) note(text);
  let report: Report | null = null;
  try {
    const policy = setup.policy ?? (await policyFor(options, workload.site));
    report = options.out === undefined ? null : openReport(options.out, setup.trace, options.leases);

    // 2. The loop, to the end of the workload.
    const begin = performance.now();
    await runWorkload(rehearsal(workload.site), policy, null, false, null, null, null);
    const attributes = { ...setup.attributes, ...options.attributes };
    const accounting = report === null || probes.length === 0 ? null : { report, probes, attributes };
    const stopping = setup.stop === null ? null : new Stopping(setup.stop, workload);
    const finished = await runWorkload(workload, policy, report, options.log, accounting, stopping, onProgress);
    if (stopping?.isStopped)
      note(
        `stopped after ${finished.now / 1000} s, as stop-when says: ${finished.left} leases are not over, and not told of`,
      );

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
    options.policy === undefined
      ? base
      : (await import('./policy-file.js')).readPolicyFile(options.policy, base, site.resources);
  if (options.backfilling === undefined) return policy;
  const backfilling = parseBackfilling(options.backfilling);
  if (backfilling !== null) return { ...policy, backfilling };
  const hint = 'Write none, easy, conservative, intermediate:N, sticky:N or sticky:all.';
  throw new InputError(`"${options.backfilling}" is not known`, { file: '--backfilling' }, hint, USAGE);
}

async function runWorkload(
  workload: Workload,
  policy: Policy,
  report: Report | null,
  log: boolean,
  accounted: Pick<AccountingOptions, 'report' | 'probes' | 'attributes'> | null,
  stopping: Stopping | null,
  onProgress: ((progress: Progress) => void) | null,
) {
  const { site } = workload;
  const state = emptyState();
  const cpuCapacity = cpuOfSite(site);
  const metrics = new Metrics(cpuCapacity);
  const accounting =
    accounted === null
      ? null
      : new (await import('./accounting/accounting.js')).Accounting({
          ...accounted,
          state,
          cpuCapacity,
          extras: workload.labels,
        });
  const store = new StreamStore(logOptions(log ? report : null, state));
  const cluster = new SimulatedCluster({ sharedImages: policy.migration === 'no-transfer', remembers: false });
  let leasesOver = 0;
  const tell = (finished: FinishedLease, at: Instant) => {
    metrics.add(finished);
    report?.lease(finished);
    accounting?.lease(finished, at);
    stopping?.over(finished.kind);
    leasesOver++;
    if (leasesOver % PROGRESS_EVERY === 0) onProgress?.({ leasesOver, total: workload.total });
  };
  const fates = new Fates(workload.followed);
  const over = (lease: Lease) => {
    fates.note(lease);
    tell(finishedLease(lease, site.resources), lease.ended ?? state.now);
  };
  const world = new SimulatedWorld({
    genesis: genesis(policy, site),
    arrivals: stopping?.arrivals ?? workload,
    cluster,
    onAnswer: (answers) => {
      for (const { command, decided } of answers)
        if (!decided.ok) tell(notAccepted(command, decided.rejection, state.now, site.resources), state.now);
    },
  });
  try {
    await run(state, {
      store: accounting?.watching(store) ?? store,
      cluster,
      world: stopped(watched(world, state, over, fates), stopping),
    });
    accounting?.finish();
    const { digest, turns, events } = await store.finish();
    return { metrics, digest, turns, events, now: state.now, left: state.leases.size };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The world, which ends where the simulation is to stop. */
function stopped(world: World, stopping: Stopping | null): World {
  if (stopping === null) return world;
  return {
    next: async (wakeup) => {
      const batch = await world.next(wakeup);
      return batch === null || stopping.stopsBefore(batch.now) ? null : batch;
    },
    answer: (answers) => world.answer(answers),
  };
}

/** Which probes are asked for: by the option, or by the configuration of Haizea. */
async function probesFor({ accounting, out }: SimulateOptions, setup: Setup): Promise<readonly ProbeName[]> {
  if (accounting === undefined) return setup.probes;
  const place = { file: '--accounting' };
  if (out === undefined)
    throw new InputError('--accounting needs a directory', place, 'Say where: --out DIR --accounting all.', USAGE);
  return (await import('./accounting/probes.js')).parseProbes(accounting, place);
}

function logOptions(report: Report | null, state: State): StreamOptions | null {
  return report === null ? null : { log: join(report.directory, LOG_FILE), stateAt: () => encodeState(state) };
}

/** How often progress is told, in leases over. */
const PROGRESS_EVERY = 500;

/** The world, watched: what each turn has ended is taken before the next one begins. */
export function watched(world: World, state: State, over: (lease: Lease) => void, fates: Fates): World {
  return {
    next: (wakeup) => {
      for (const lease of state.over) over(lease);
      empty(state.over);
      const next = world.next(wakeup);
      if (fates.isEmpty) return next;
      const applied = (batch: Batch | null) => (batch === null ? null : fates.applyTo(batch));
      return next instanceof Promise ? next.then(applied) : applied(next);
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
