/**
 * OAR's jobs as leases: what `oarstat -J` prints (with --gantt or --sql also of the past), or the pages of its REST API.
 * Jobs that ran say when they stopped; of others the walltime is taken.
 */

import { nameOf } from '../workloads/bytes.js';
import { WorkloadError } from '../workloads/entry.js';
import { clockTimeOf, JobRows } from './job-rows.js';
import { isObject, type Members, member, numberOf, readJson, textOf } from './json-file.js';
import { CPU_AND_MEMORY, each, type LeaseSource, NOTHING_KNOWN, type ReadOptions } from './lease-source.js';
import { Losses } from './losses.js';

/** Reads jobs of OAR. Throws InputError. */
export async function oarSource({ source, site }: ReadOptions): Promise<LeaseSource> {
  const file = nameOf(source);
  const jobs = jobsIn(await readJson(source));
  if (jobs === null) {
    const hint = 'Write what `oarstat -J` prints: {"1234": {"Job_Id": 1234, …}, …}, or a list of such jobs.';
    throw new WorkloadError('no jobs of OAR', { file }, hint);
  }
  const losses = new Losses();
  const resources = site?.resources ?? CPU_AND_MEMORY;
  const rows = new JobRows(file, resources, losses);
  jobs.forEach((job, i) => take(job, i + 1, rows, losses));
  return { about: NOTHING_KNOWN, site, resources, leases: each(rows.finish()), losses };
}

function jobsIn(value: unknown): readonly unknown[] | null {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return null;
  if (Array.isArray(value.items)) return value.items;
  // One job alone, or jobs by their number.
  return 'Job_Id' in value || 'submissionTime' in value ? [value] : Object.values(value);
}

/** Members that are read, or say nothing that is worth telling. All others are told as left out. */
const USED = [
  ...['Job_Id', 'id', 'job_id', 'owner', 'job_user', 'user', 'project', 'queue', 'queue_name', 'state', 'walltime'],
  ...['submissionTime', 'submission_time', 'startTime', 'start_time', 'stopTime', 'stop_time', 'scheduledStart'],
  ...[
    'wanted_resources',
    'initial_request',
    'assigned_resources',
    'assigned_network_address',
    'reservation',
    'message',
  ],
  ...['array_id', 'array_index', 'links', 'api_timestamp', 'job_uid', 'cpuset_name', 'resubmit_job_id', 'exit_code'],
];

function take(job: unknown, number: number, rows: JobRows, losses: Losses): void {
  if (!isObject(job)) return losses.leftOut('jobs that are no objects', number);
  for (const name of Object.keys(job)) {
    if (!USED.includes(name) && !isEmpty(job[name])) losses.leftOut(`member ${name.slice(0, 30)} of jobs`, number);
  }
  const wanted = textOf(member(job, 'wanted_resources', 'initial_request')) ?? '';
  const duration = walltimeOf(job, wanted);
  const start = instant(member(job, 'startTime', 'start_time'));
  const stop = instant(member(job, 'stopTime', 'stop_time'));
  const ended = start !== null && stop !== null && stop > start;
  if (!ended) losses.assumed('run times of jobs that had not ended: the walltime', number);
  const asked = askedFor(wanted);
  const isReservation = /^(toSchedule|Scheduled)$/i.test(textOf(member(job, 'reservation')) ?? '');
  rows.add({
    line: number,
    id: textOf(member(job, 'Job_Id', 'id', 'job_id')) ?? '',
    submit: instant(member(job, 'submissionTime', 'submission_time')),
    run: ended ? stop - start : duration,
    duration,
    nodes: listed(job, 'assigned_network_address') ?? asked.nodes,
    cpus: listed(job, 'assigned_resources') ?? asked.cpus,
    memoryMiB: null,
    user: textOf(member(job, 'owner', 'job_user', 'user')),
    project: textOf(member(job, 'project')),
    queue: textOf(member(job, 'queue', 'queue_name')),
    at: isReservation ? (instant(member(job, 'scheduledStart')) ?? start) : null,
  });
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Seconds since 1970; 0 stands for "not yet". In milliseconds. */
function instant(value: unknown): number | null {
  const seconds = numberOf(value);
  return seconds === null || seconds <= 0 || seconds > 1e12 ? null : Math.round(seconds * 1000);
}

/** In seconds, as H:M:S, or in the request. */
function walltimeOf(job: Members, wanted: string): number | null {
  const given = member(job, 'walltime');
  const seconds = numberOf(given);
  if (seconds !== null) return seconds > 0 && seconds < 1e12 ? Math.round(seconds * 1000) : null;
  const text = textOf(given) ?? /walltime=(\d+(?::\d+){0,2})/.exec(wanted)?.[1] ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) * 3_600_000 : clockTimeOf(/^\d+:\d+$/.test(text) ? `${text}:00` : text);
}

/** How many different ones are assigned; null: none are yet. */
function listed(job: Members, name: string): number | null {
  const list = member(job, name);
  return Array.isArray(list) && list.length > 0 ? new Set(list.map(textOf)).size : null;
}

/** `/network_address=2/core=4` asks for 2 nodes and 8 cpus; several such requests add up. */
function askedFor(wanted: string): { readonly nodes: number | null; readonly cpus: number | null } {
  let [nodes, cpus] = [0, 0];
  for (const [request] of wanted.slice(0, 10_000).matchAll(/(?:\/[A-Za-z_]+=\d{1,7})+/g)) {
    let product = 1;
    let hosts = 0;
    for (const [, name, count] of request.matchAll(/\/([A-Za-z_]+)=(\d{1,7})/g)) {
      product *= Number(count);
      if (/^(network_address|host|nodes)$/.test(name!)) hosts = product;
    }
    nodes += hosts;
    cpus += product;
  }
  return { nodes: nodes > 0 ? nodes : null, cpus: cpus > 0 ? cpus : null };
}
