/** Batsim's workloads (JSON) as leases: a job on `res` resources asks for that many VMs of one cpu. */

import { NODES_MAX } from '../../engine/index.js';
import { quoted } from '../input-error.js';
import { nameOf } from '../workloads/bytes.js';
import { WorkloadError } from '../workloads/entry.js';
import { JobRows } from './job-rows.js';
import { isObject, type Members, member, numberOf, readJson, textOf } from './json-file.js';
import {
  each,
  type LeaseSource,
  machineOf,
  MEMORY_UNKNOWN_MIB,
  NOTHING_KNOWN,
  type ReadOptions,
} from './lease-source.js';
import { Losses } from './losses.js';

const TOP = ['nb_res', 'jobs', 'profiles', 'description'];
const JOB = ['id', 'subtime', 'walltime', 'res', 'profile'];

/** Reads a workload of Batsim. Throws InputError. */
export async function batsimSource({ source, site: given, procs }: ReadOptions): Promise<LeaseSource> {
  const file = nameOf(source);
  const workload = await readJson(source);
  if (!isObject(workload) || !Array.isArray(workload.jobs)) {
    throw new WorkloadError('no list of jobs', { file, path: '/jobs' }, 'A workload is {"nb_res": …, "jobs": […], …}.');
  }
  const losses = new Losses();
  for (const name of Object.keys(workload)) if (!TOP.includes(name)) losses.leftOut(`member ${quoted(name, 30)}`, null);
  const site = given ?? machineOf(procs ?? sizeOf(workload, file));
  if (given === null) losses.assumed(`memory of the nodes (${MEMORY_UNKNOWN_MIB} MiB)`, null);
  const rows = new JobRows(file, site.resources, losses);
  const profiles = isObject(workload.profiles) ? workload.profiles : {};
  workload.jobs.forEach((job: unknown, i) => take(job, i + 1, profiles, rows, losses));
  const about = { ...NOTHING_KNOWN, description: textOf(workload.description) };
  return { about, site, resources: site.resources, leases: each(rows.finish()), losses };
}

function sizeOf(workload: Members, file: string): number {
  const size = numberOf(workload.nb_res);
  if (size !== null && Number.isInteger(size) && size >= 1 && size <= NODES_MAX) return size;
  const hint = `Write a whole number from 1 to ${NODES_MAX}, or describe the nodes with --nodes or --site.`;
  throw new WorkloadError('not a number of resources', { file, path: '/nb_res' }, hint);
}

function take(job: unknown, number: number, profiles: Members, rows: JobRows, losses: Losses): void {
  if (!isObject(job)) return losses.leftOut('jobs that are no objects', number);
  for (const name of Object.keys(job)) {
    if (!JOB.includes(name)) losses.leftOut(`member ${quoted(name, 30)} of jobs`, number);
  }
  const walltime = milliseconds(job.walltime);
  // `workload!job` where several workloads are in use.
  const id = (textOf(job.id) ?? '').replace(/^.*!/, '');
  const cpus = numberOf(job.res);
  rows.add({
    line: number,
    id,
    submit: milliseconds(job.subtime),
    run: runOf(textOf(job.profile) ?? '', profiles, walltime, number, losses),
    duration: walltime !== null && walltime > 0 ? walltime : null,
    nodes: null,
    cpus: cpus !== null && Number.isInteger(cpus) ? cpus : null,
    memoryMiB: null,
    user: null,
    project: null,
    queue: null,
    at: null,
  });
}

/** How long a delay lasts is known; how long a computation does depends on the platform. */
function runOf(
  name: string,
  profiles: Members,
  walltime: number | null,
  number: number,
  losses: Losses,
): number | null {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (!isObject(profile)) {
    losses.assumed('run times of jobs without profile: the walltime', number);
    return walltime;
  }
  const type = textOf(member(profile, 'type')) ?? '';
  if (type === 'delay') return milliseconds(profile.delay);
  losses.assumed(`run times of profiles of type ${quoted(type, 30)}: the walltime`, number);
  return walltime;
}

function milliseconds(value: unknown): number | null {
  const seconds = numberOf(value);
  return seconds === null || seconds < 0 || seconds > 1e12 ? null : Math.round(seconds * 1000);
}
