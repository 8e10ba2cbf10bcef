/**
 * What batch systems say of their jobs, as leases: the rules that Slurm's, OAR's and Batsim's records have in common. A
 * job on n nodes becomes n VMs that share its cpus and its memory.
 */

import { DURATION_MAX, type Group, type ResourceType, VMS_MAX } from '../../engine/index.js';
import { WorkloadError, type WorkloadEntry } from '../workloads/entry.js';
import { ID, LABEL_MAX, NAME_MAX } from '../workloads/limits.js';
import { cpuAndMemory, fromZero, termsWith } from './lease-source.js';
import type { Losses } from './losses.js';
import { QUEUE } from './swf-labels.js';

/** Jobs that are held in memory, to be sorted. */
const JOBS_MAX = 1_000_000;

/** A job as its record says; null: it does not. Times in milliseconds, memory for the whole job. */
export interface JobRecord {
  readonly line: number;
  readonly id: string;
  readonly submit: number | null;
  readonly run: number | null;
  readonly duration: number | null;
  readonly nodes: number | null;
  readonly cpus: number | null;
  readonly memoryMiB: number | null;
  readonly user: string | null;
  readonly project: string | null;
  readonly queue: string | null;
  /** An advance reservation. */
  readonly at: number | null;
}

export class JobRows {
  private readonly entries: WorkloadEntry[] = [];
  private readonly ids = new Set<string>();

  constructor(
    private readonly file: string,
    private readonly resources: readonly ResourceType[],
    private readonly losses: Losses,
  ) {
    if (!resources.some(({ name }) => name === 'cpu')) {
      throw new WorkloadError('jobs ask for cpus', { file }, 'Declare the resource "cpu" in the site.');
    }
  }

  /** Takes a job as a lease, or leaves it out and says why. */
  add(job: JobRecord): void {
    const { line } = job;
    const fault = this.faultOf(job);
    if (fault !== null) return this.losses.leftOut(fault, line);
    if (this.entries.length === JOBS_MAX) {
      throw new WorkloadError(`more than ${JOBS_MAX} jobs`, { file: this.file, line }, 'Split the file.');
    }
    const id = this.idOf(job);
    if (id === null) return this.losses.leftOut('jobs with an id that was there already', line);
    const run = Math.max(1000, job.run!);
    const duration = job.duration ?? run;
    if (job.duration === null) this.losses.assumed('durations of jobs that give none: the run time', line);
    if (run > duration) this.losses.changed('run times: cut at the duration asked for', line);
    this.entries.push({
      line,
      id,
      submit: job.submit!,
      run: Math.min(run, duration),
      terms: termsWith({
        groups: this.groupsOf(job),
        duration,
        user: this.cut(job.user, line),
        project: this.cut(job.project, line),
        labels: job.queue === null ? null : { [QUEUE]: job.queue.slice(0, LABEL_MAX) },
        ...(job.at === null ? {} : { start: { kind: 'advance', at: job.at }, preemptible: false }),
      }),
    });
  }

  /** In order of submission, the first at 0. Throws when there are none. */
  finish(): readonly WorkloadEntry[] {
    if (this.entries.length > 0) return fromZero(this.entries, this.losses);
    const reasons = this.losses.list().map(({ what, count }) => `${count} ${what}`);
    const problem = reasons.length === 0 ? 'no jobs' : `no job that can be used: ${reasons.join(', ').slice(0, 300)}`;
    throw new WorkloadError(problem, { file: this.file }, 'Is this the right file, in the format that --from says?');
  }

  private faultOf({ submit, run, duration, nodes, cpus }: JobRecord): string | null {
    if (submit === null) return 'jobs without time of submission';
    if (run === null || run <= 0) return 'jobs without run time';
    if (duration !== null && duration <= 0) return 'jobs without duration';
    if (Math.max(run, duration ?? 0) > DURATION_MAX) return 'jobs longer than 1,000 years';
    if (cpus === null || cpus < 1) return 'jobs without cpus';
    if (cpus > VMS_MAX || (nodes ?? 1) > VMS_MAX) return `jobs with more than ${VMS_MAX} cpus`;
    return null;
  }

  /** null: it was there already. */
  private idOf({ id, line }: JobRecord): string | null {
    const clean = id
      .replace(/[^A-Za-z0-9._-]/g, '-')
      .replace(/^[._-]+/, '')
      .slice(0, 64);
    const name = ID.test(clean) ? clean : `line-${line}`;
    if (name !== id) this.losses.changed('ids: only letters, digits, ".", "_" and "-"', line);
    if (this.ids.has(name)) return null;
    this.ids.add(name);
    return name;
  }

  /** As many VMs as nodes, which share the cpus; the first ones have one more where that does not come out even. */
  private groupsOf({ nodes, cpus, memoryMiB, line }: JobRecord): readonly Group[] {
    if (memoryMiB === null) this.losses.assumed('memory of VMs (0 MiB): the job does not say', line);
    else if (memoryMiB > 0 && !this.resources.some(({ name }) => name === 'memory')) {
      this.losses.leftOut('memory: the site does not count it', line);
    }
    const vms = Math.min(nodes ?? cpus!, cpus!);
    const memory = Math.ceil((memoryMiB ?? 0) / vms);
    const each = Math.floor(cpus! / vms);
    const more = cpus! - each * vms;
    const group = (count: number, cpu: number): Group => {
      return { name: null, vms: count, demand: cpuAndMemory(this.resources, cpu * 1000, memory), image: null };
    };
    if (more === 0) return [group(vms, each)];
    return [group(more, each + 1), group(vms - more, each)];
  }

  private cut(text: string | null, line: number): string | null {
    if (text === null || text === '') return null;
    if (text.length > NAME_MAX) this.losses.changed(`users and projects: cut at ${NAME_MAX} characters`, line);
    return text.slice(0, NAME_MAX);
  }
}

/**
 * `2026-11-21T14:00:00` with or without zone, or seconds since 1970, in milliseconds; null: neither. Without a zone it is
 * read as UTC: only differences matter, and those are right except across a change of the clocks.
 */
export function instantOf(text: string): number | null {
  if (/^\d{1,12}(\.\d{1,9})?$/.test(text)) return Math.round(Number(text) * 1000);
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (match === null) return null;
  const zone = match[4] === undefined ? 'Z' : match[4].replace(/(\d\d)(\d\d)$/, '$1:$2');
  const instant = Date.parse(`${match[1]}T${match[2]}${zone}`);
  return Number.isNaN(instant) ? null : instant;
}

/** `[DD-]HH:MM:SS[.ss]` or `MM:SS`, in milliseconds; null: neither. */
export function clockTimeOf(text: string): number | null {
  const match = /^(?:(?:(\d{1,6})-)?(\d{1,6}):)?(\d{1,2}):(\d{1,2})(\.\d{1,9})?$/.exec(text);
  if (match === null) return null;
  const hours = Number(match[1] ?? 0) * 24 + Number(match[2] ?? 0);
  return ((hours * 60 + Number(match[3])) * 60 + Number(match[4])) * 1000 + Math.round(Number(match[5] ?? 0) * 1000);
}
