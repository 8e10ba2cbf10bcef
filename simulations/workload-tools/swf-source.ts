/**
 * SWF as leases: a job on p processors asks for p VMs of one cpu. The fields that leases have no place for become labels
 * (Haizea's extras), from which an SWF file can be written again.
 */

import { AMOUNT_MAX, type ResourceType } from '../../engine/index.js';
import { nameOf } from '../workloads/bytes.js';
import { WorkloadError, type WorkloadEntry } from '../workloads/entry.js';
import type { DropReason, LossReport, RepairReason } from '../workloads/loss.js';
import { openSwf } from '../workloads/swf.js';
import type { SwfBatch } from '../workloads/swf-scan.js';
import {
  cpuAndMemory,
  type LeaseSource,
  machineOf,
  MEMORY_UNKNOWN_MIB,
  NOTHING_KNOWN,
  type ReadOptions,
  termsWith,
} from './lease-source.js';
import { Losses } from './losses.js';
import { SWF_LABELS } from './swf-labels.js';

/** Opens an SWF file, and streams it. Throws InputError, and OutOfOrder while reading unless `sorted`. */
export async function swfSource({ source, site: given, procs, sorted }: ReadOptions): Promise<LeaseSource> {
  if (given !== null && !given.resources.some(({ name }) => name === 'cpu')) {
    const hint = 'Declare the resource "cpu" in the site.';
    throw new WorkloadError('SWF jobs ask for cpus', { file: nameOf(source) }, hint);
  }
  const trace = await openSwf(source, { all: true, sorted, ...(procs === null ? {} : { procs }) });
  const losses = new Losses();
  const site = given ?? machineOf(trace.procs);
  if (given === null) losses.assumed(`memory of the nodes (${MEMORY_UNKNOWN_MIB} MiB)`, null);
  async function* leases(): AsyncGenerator<WorkloadEntry, void, undefined> {
    try {
      for await (const batch of trace.rows) {
        for (let i = 0; i < batch.length; i++) yield entryOf(batch, i, site.resources, losses);
      }
      tell(trace.loss, losses);
    } finally {
      await trace.close();
    }
  }
  const { computer, installation } = trace.header;
  const machine = [computer, installation].filter((part) => part !== null).join(', ');
  const about = { ...NOTHING_KNOWN, description: machine === '' ? null : machine };
  return { about, site, resources: site.resources, leases: leases(), losses };
}

function entryOf(batch: SwfBatch, i: number, resources: readonly ResourceType[], losses: Losses): WorkloadEntry {
  const line = batch.line[i]!;
  const user = batch.user[i]!;
  return {
    line,
    id: idOf(batch.id[i]!, line, losses),
    submit: batch.submit[i]! * 1000,
    run: batch.run[i]! * 1000,
    terms: termsWith({
      groups: [{ name: null, vms: batch.procs[i]!, demand: demandOf(batch, i, resources, losses), image: null }],
      duration: batch.estimate[i]! * 1000,
      user: user < 0 ? null : String(user),
      labels: labelsOf(batch, i),
    }),
  };
}

function idOf(id: number, line: number, losses: Losses): string {
  if (id >= 0) return String(id);
  losses.changed('ids: negative job numbers are written n1, n2, …', line);
  return `n${-id}`;
}

function demandOf(batch: SwfBatch, i: number, resources: readonly ResourceType[], losses: Losses): readonly number[] {
  const line = batch.line[i]!;
  const kib = batch.memory[i]!;
  if (kib <= 0) losses.assumed('memory of VMs (0 MiB): the job does not say', line);
  else if (!resources.some(({ name }) => name === 'memory')) losses.leftOut('memory: the site does not count it', line);
  const mib = kib <= 0 ? 0 : Math.ceil(kib / 1024);
  if (mib > AMOUNT_MAX) losses.changed(`memory: at most ${AMOUNT_MAX} MiB`, line);
  return cpuAndMemory(resources, 1000, Math.min(mib, AMOUNT_MAX));
}

const REQUESTED_PROCS = 7;
const REQUESTED_MEMORY = 9;

/** What is known and not said elsewhere in the lease. */
function labelsOf(batch: SwfBatch, i: number): Readonly<Record<string, string>> | null {
  const labels: Record<string, string> = {};
  let count = 0;
  for (const [field, label] of SWF_LABELS) {
    const value = batch.fields[field]![i]!;
    if (value < 0) continue;
    if (field === REQUESTED_PROCS && (value === 0 || value === batch.procs[i])) continue;
    if (field === REQUESTED_MEMORY && value % 1024 === 0) continue;
    labels[label] = String(value);
    count++;
  }
  return count === 0 ? null : labels;
}

const DROPPED: Readonly<Record<DropReason, string>> = {
  'too-few-fields': 'rows with too few fields',
  'not-a-number': 'rows with something that is no number',
  'out-of-range': 'rows with a number out of range',
  'no-run-time': 'jobs without run time',
  'no-processors': 'jobs without processors',
  'too-wide': 'jobs wider than the machine',
  'negative-submit': 'jobs with a negative submit time',
  'duplicate-id': 'jobs with a number that was there already',
};

const REPAIRED: Readonly<Record<RepairReason, string>> = {
  'no-estimate': 'durations of jobs that give none: the run time',
  'killed-at-estimate': 'run times: cut at the duration asked for',
  'out-of-order': 'order: sorted by time of submission',
};

/** The import's own report in these words. */
function tell(loss: LossReport, losses: Losses): void {
  for (const [reason, { count, firstLine }] of loss.dropped) losses.leftOut(DROPPED[reason], firstLine, count);
  for (const [reason, { count, firstLine }] of loss.repaired) {
    if (reason === 'no-estimate') losses.assumed(REPAIRED[reason], firstLine, count);
    else losses.changed(REPAIRED[reason], firstLine, count);
  }
  if (loss.begin > 0) losses.changed(`times: the first job, submitted at ${loss.begin} s, is submitted at 0`, null);
}
