/** Leases as SWF. What came from SWF and was kept in labels goes back to its fields. */

import type { WorkloadEntry } from '../workloads/entry.js';
import type { LeaseSource } from './lease-source.js';
import { jobsOf, type LeaseWriter, processorsOf, tellOfBatch, tellOfTerms } from './lease-writer.js';
import type { Losses } from './losses.js';
import { SWF_LABELS } from './swf-labels.js';

const FIELDS = 18;

/** Fields, counted from 0. */
const RUN = 3;
const REQUESTED_PROCS = 7;
const REQUESTED_MEMORY = 9;

export function swfWriter(source: LeaseSource, losses: Losses): LeaseWriter {
  const jobOf = jobsOf(source, losses);
  const jobNumbers = new Numbers('ids that are no numbers, or taken: the next free number', losses);
  const userNumber = userNumbers(losses);
  let widest = 1;
  return {
    begin: () => {
      const { site, about } = source;
      tellOfBatch(source, losses);
      const { description } = about;
      const machine = description === null ? '' : `; Computer: ${description.replace(/\s+/g, ' ').slice(0, 400)}\n`;
      const size = site === null ? '' : `; MaxProcs: ${processorsOf(site)}\n`;
      return `; Version: 2.2\n${machine}${size}; Note: written by leasehold\n`;
    },
    lease: (entry) => {
      const { terms, line } = entry;
      tellOfTerms(terms, line, losses);
      const { procs, memoryMiB } = jobOf(entry);
      widest = Math.max(widest, procs);
      const fields: (number | string)[] = Array.from({ length: FIELDS }, () => -1);
      const left = restore(fields, entry);
      if (left > 0) losses.leftOut('labels that are not from SWF', line, left);
      fields[0] = jobNumbers.give(/^(0|[1-9]\d{0,14})$/.test(entry.id) ? Number(entry.id) : null, line);
      fields[1] = seconds(entry.submit, Math.floor, line, losses);
      const run = seconds(entry.run, Math.ceil, line, losses);
      // Longer than asked for: it was cut when it was read.
      if (!(entry.run === terms.duration && Number(fields[RUN]) > run)) fields[RUN] = run;
      fields[4] = procs;
      if (fields[REQUESTED_PROCS] === -1) fields[REQUESTED_PROCS] = procs;
      fields[8] = seconds(terms.duration, Math.ceil, line, losses);
      const kib = Number(fields[REQUESTED_MEMORY]);
      if (Math.ceil(kib / 1024) !== memoryMiB || kib <= 0)
        fields[REQUESTED_MEMORY] = memoryMiB > 0 ? memoryMiB * 1024 : -1;
      fields[11] = terms.user === null ? -1 : userNumber(terms.user, line);
      return `${fields.join(' ')}\n`;
    },
    // A reader needs the size before the jobs, but comments may also follow them.
    end: () => {
      if (source.site !== null) return '';
      losses.assumed('the size of the machine is not known: give --procs to read it', null);
      return `; the widest job has ${widest} processors\n`;
    },
  };
}

/** Puts the labels that came from SWF back; answers how many other labels there are. */
function restore(fields: (number | string)[], { terms }: WorkloadEntry): number {
  const labels = terms.labels ?? {};
  let left = Object.keys(labels).length;
  for (const [field, label] of SWF_LABELS) {
    const text = Object.hasOwn(labels, label) ? labels[label]! : '';
    if (!/^\d{1,15}(\.\d{1,15})?$/.test(text)) continue;
    fields[field] = text;
    left--;
  }
  return left;
}

/** SWF has whole seconds. */
function seconds(time: number, round: (value: number) => number, line: number, losses: Losses): number {
  if (time % 1000 !== 0) losses.changed('times: rounded to whole seconds', line);
  return round(time / 1000);
}

/** Numbers that are each given once: the one wanted, or the next free one, which `losses` is told as `change`. */
class Numbers {
  private readonly used = new Set<number>();
  private next = 1;

  constructor(
    private readonly change: string,
    private readonly losses: Losses,
  ) {}

  /** `wanted` null: any. */
  give(wanted: number | null, line: number): number {
    let number = wanted;
    if (number === null || this.used.has(number)) {
      this.losses.changed(this.change, line);
      while (this.used.has(this.next)) this.next++;
      number = this.next;
    }
    this.used.add(number);
    return number;
  }
}

/** The same number for the same name. Names that are numbers (also `u12`) keep theirs. */
function userNumbers(losses: Losses): (name: string, line: number) => number {
  const numbers = new Numbers('users that are no numbers, or taken: numbered as they appear', losses);
  const known = new Map<string, number>();
  return (name, line) => {
    const match = /^u?(\d{1,12})$/.exec(name);
    const number = known.get(name) ?? numbers.give(match === null ? null : Number(match[1]), line);
    known.set(name, number);
    return number;
  };
}
