/** Leases as SWF. What came from SWF and was kept in labels goes back to its fields. */

import type { WorkloadEntry } from '../workloads/entry.js';
import type { LeaseSource } from './lease-source.js';
import { jobsOf, type LeaseWriter, processorsOf, tellOfAbout, tellOfSite, tellOfTerms } from './lease-writer.js';
import type { Losses } from './losses.js';
import { SWF_LABELS } from './swf-labels.js';

const FIELDS = 18;

/** Fields, counted from 0. */
const RUN = 3;
const REQUESTED_PROCS = 7;
const REQUESTED_MEMORY = 9;

export function swfWriter(source: LeaseSource, losses: Losses): LeaseWriter {
  const jobOf = jobsOf(source, losses);
  const jobNumber = jobNumbers(losses);
  const userNumber = numbersFor('users', losses);
  let widest = 1;
  return {
    begin: () => {
      const { site, about } = source;
      const { description, ...others } = about;
      tellOfAbout({ ...source, about: { ...others, description: null } }, losses);
      if (site !== null) tellOfSite(site, losses);
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
      fields[0] = jobNumber(entry);
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

/** Ids that are numbers stay; others get the next free one. */
function jobNumbers(losses: Losses): (entry: WorkloadEntry) => number {
  const used = new Set<number>();
  let next = 1;
  return ({ id, line }) => {
    let number = /^(0|[1-9]\d{0,14})$/.test(id) ? Number(id) : -1;
    if (number < 0 || used.has(number)) {
      losses.changed('ids that are no numbers, or taken: the next free number', line);
      while (used.has(next)) next++;
      number = next;
    }
    used.add(number);
    return number;
  };
}

/** Numbers stay (also `u12`); names get the next number that nobody has yet. */
function numbersFor(what: string, losses: Losses): (name: string, line: number) => number {
  const numbers = new Map<string, number>();
  const used = new Set<number>();
  let next = 1;
  return (name, line) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    const match = /^u?(\d{1,12})$/.exec(name);
    let number = match === null ? -1 : Number(match[1]);
    if (number < 0 || used.has(number)) {
      losses.changed(`${what} that are no numbers, or taken: numbered as they appear`, line);
      while (used.has(next)) next++;
      number = next;
    }
    numbers.set(name, number);
    used.add(number);
    return number;
  };
}
