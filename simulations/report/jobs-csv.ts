/** `jobs.csv`: Batsim's columns, for the tools that read them. A preempted lease has a row a run. */

import { format, type Outcome, type Runs, toSet } from '../../engine/index.js';
import type { FinishedLease } from './finished-lease.js';
import { seconds } from './numbers.js';

export const JOBS_HEADER =
  'job_id,workload_name,profile,submission_time,requested_number_of_resources,requested_time,success,final_state,' +
  'starting_time,execution_time,finish_time,waiting_time,turnaround_time,stretch,allocated_resources,' +
  'consumed_energy,metadata\n';

/** Batsim's names; a run that was cut short for another lease is killed. */
const FINAL_STATE: Readonly<Record<Outcome, string>> = {
  done: 'COMPLETED_SUCCESSFULLY',
  failed: 'COMPLETED_FAILED',
  cancelled: 'COMPLETED_KILLED',
  rejected: 'REJECTED',
  expired: 'REJECTED',
};
const CUT_SHORT = 'COMPLETED_KILLED';
/** What the energy column says when nothing is known. */
const NO_ENERGY = -1;

/** The rows of a lease, each with its newline. `workload` is quoted already where needed. */
export function jobsRows(lease: FinishedLease, workload: string): string {
  const { runs } = lease;
  const head =
    `${csv(lease.id)},${workload},${lease.kind},${seconds(lease.submit)},` +
    `${lease.vms},${seconds(lease.requested)},`;
  if (runs.length === 0) return `${head}0,${FINAL_STATE[lease.state]},,,,,,,,${NO_ENERGY},\n`;
  let rows = '';
  for (let i = 0; i < runs.length; i++) {
    const { start, end, nodes } = runs[i]!;
    const isLast = i === runs.length - 1;
    const success = isLast && lease.state === 'done' ? 1 : 0;
    const turnaround = end - lease.submit;
    rows +=
      `${head}${success},${isLast ? FINAL_STATE[lease.state] : CUT_SHORT},${seconds(start)},${seconds(end - start)},` +
      `${seconds(end)},${seconds(start - lease.submit)},${seconds(turnaround)},${stretch(turnaround, end - start)},` +
      `${allocated(nodes)},${NO_ENERGY},${runs.length === 1 ? '' : csv(`{"run":${i + 1},"runs":${runs.length}}`)}\n`;
  }
  return rows;
}

/** A cell, in quotes where it must be. */
export function csv(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function stretch(turnaround: number, execution: number): string {
  return execution === 0 ? '' : String(Math.round((turnaround / execution) * 1000) / 1000);
}

function allocated(nodes: Runs): string {
  return format(nodes.length === 2 ? nodes : toSet(nodes));
}
