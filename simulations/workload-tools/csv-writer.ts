/** Leases in CSV: a row a lease, or a row a group. Nothing of a lease is lost; what is said of the workload is. */

import { CURRENCY_PARTS, type Group, type Terms } from '../../engine/index.js';
import { writtenAmount, writtenName } from '../amounts.js';
import { csv } from '../report/jobs-csv.js';
import { seconds } from '../report/numbers.js';
import type { WorkloadEntry } from '../workloads/entry.js';
import { RESOURCE_PREFIX } from './csv-source.js';
import type { LeaseSource } from './lease-source.js';
import { type LeaseWriter, tellOfAbout } from './lease-writer.js';
import type { Losses } from './losses.js';

const BEFORE = ['id', 'submit', 'duration', 'run', 'group', 'vms'];
const AFTER = [
  ...['image', 'imageMiB', 'start', 'before', 'at', 'notBefore', 'by', 'preemptible', 'user', 'project', 'name'],
  ...['labels', 'where', 'held', 'priority', 'maxRate', 'after'],
];

export function csvWriter(source: LeaseSource, losses: Losses): LeaseWriter {
  const amounts = source.resources.map(({ name }) => name);
  return {
    begin: () => {
      tellOfAbout(source.about, losses);
      if (source.site !== null) losses.leftOut('the site', null);
      return `${[...BEFORE, ...amounts.map(columnOf), ...AFTER].join(',')}\n`;
    },
    lease: (entry) => entry.terms.groups.map((group) => row(entry, group, amounts)).join(''),
    end: () => '',
  };
}

function columnOf(resource: string): string {
  return ['cpu', 'memory', 'disk'].includes(resource) ? writtenName(resource) : `${RESOURCE_PREFIX}${resource}`;
}

function row({ id, submit, run, terms, imageSize }: WorkloadEntry, group: Group, amounts: readonly string[]): string {
  const { start } = terms;
  const time = (value: number | null | undefined) => (value === null || value === undefined ? '' : seconds(value));
  return `${[
    ...[id, seconds(submit), seconds(terms.duration), seconds(run), csv(group.name ?? ''), group.vms],
    ...amounts.map((name, r) => writtenAmount(name, group.demand[r] ?? 0)),
    group.image ?? '',
    imageSize ?? '',
    start.kind,
    time(start.kind === 'best-effort' ? start.before : null),
    time(start.kind === 'advance' ? start.at : null),
    time(start.kind === 'deadline' ? start.notBefore : null),
    time(start.kind === 'deadline' ? start.by : null),
    terms.preemptible,
    ...[terms.user, terms.project, terms.name].map((text) => csv(text ?? '')),
    csv(jsonOf(terms.labels)),
    csv(jsonOf(whereOf(terms))),
    ...[terms.held ?? '', terms.priority ?? '', writtenRate(terms.maxRate), csv(jsonOf(terms.after ?? null))],
  ].join(',')}\n`;
}

function writtenRate(maxRate: number | undefined): number | string {
  return maxRate === undefined ? '' : maxRate / CURRENCY_PARTS;
}

function whereOf({ where }: Terms): object | null {
  if (where === null) return null;
  return Object.fromEntries(Object.entries(where).filter(([, value]) => value !== null));
}

function jsonOf(value: object | null): string {
  return value === null ? '' : JSON.stringify(value);
}
