/** `jobs.csv`: Batsim's columns, for the tools that read them. A preempted lease has a row a run. */

import { format, type Outcome, toSet } from '../../engine/index.js';
import type { Run } from './finished-lease.js';
import type { WrittenLease } from './lease-block.js';
import type { TextFile } from './text-file.js';

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

/** Writes the rows of a lease. `workload` is quoted already where needed. */
export function writeJob(file: TextFile, lease: WrittenLease, workload: string): void {
  const { runs } = lease;
  if (runs.length === 0) {
    writeHead(file, lease, workload);
    file.text(`0,${FINAL_STATE[lease.state]},,,,,,,,${NO_ENERGY},\n`);
  }
  for (let i = 0; i < runs.length; i++) {
    writeHead(file, lease, workload);
    writeRun(file, lease, runs[i]!, i === runs.length - 1);
    file.text(runs.length === 1 ? '\n' : `${csv(`{"run":${i + 1},"runs":${runs.length}}`)}\n`);
  }
}

function writeHead(file: TextFile, lease: WrittenLease, workload: string): void {
  file.text(csv(lease.id));
  file.byte(COMMA);
  file.text(workload);
  file.byte(COMMA);
  file.text(lease.kind);
  file.byte(COMMA);
  file.thousandths(lease.submit);
  file.byte(COMMA);
  file.number(lease.vms);
  file.byte(COMMA);
  file.thousandths(lease.requested);
  file.byte(COMMA);
}

function writeRun(file: TextFile, lease: WrittenLease, { start, end, nodes }: Run, isLast: boolean): void {
  const success = isLast && lease.state === 'done' ? 1 : 0;
  const turnaround = end - lease.submit;
  const execution = end - start;
  file.number(success);
  file.byte(COMMA);
  file.text(isLast ? FINAL_STATE[lease.state] : CUT_SHORT);
  for (const time of [start, execution, end, start - lease.submit, turnaround]) {
    file.byte(COMMA);
    file.thousandths(time);
  }
  file.byte(COMMA);
  if (execution !== 0) file.thousandths(Math.round((turnaround / execution) * 1000)); // the stretch
  file.byte(COMMA);
  file.text(format(nodes.length === 2 ? nodes : toSet(nodes)));
  file.text(`,${NO_ENERGY},`);
}

const COMMA = 0x2c;

/** A cell, in quotes where it must be. */
export function csv(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
