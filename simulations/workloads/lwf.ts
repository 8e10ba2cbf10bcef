/**
 * Reads Haizea's Lease Workload Format (LWF, XML): leases of every kind, often with the site they are for. Times in the
 * file are relative to the workload's beginning, and stay so.
 */

import {
  AMOUNT_MAX,
  CURRENCY_PARTS,
  type Group,
  GROUPS_MAX,
  RATE_MAX,
  type Start,
  type Terms,
  VMS_MAX,
} from '../../engine/index.js';
import { quoted } from '../input-error.js';
import { nameOf } from './bytes.js';
import {
  numbered,
  type SiteDescription,
  sortBySubmit,
  WorkloadError,
  type WorkloadEntry,
  type WorkloadRead,
} from './entry.js';
import { childOf, siteOf, vectorOf } from './haizea-site.js';
import { checkGrammar, faultAt } from './lwf-grammar.js';
import { ID, LABEL_MAX, LABELS_MAX, NAME_MAX, RATE_LABEL } from './limits.js';
import { timeOf, wholeOf } from './lwf-values.js';
import { readXml, type XmlElement } from './xml.js';

export interface LwfOptions {
  /** Used instead of the file's own site; needed when it has none. */
  readonly site?: SiteDescription;
}

export interface LwfWorkload extends WorkloadRead {
  readonly name: string | null;
}

/** Reads `source` (a path, or `-` for stdin) whole. Throws WorkloadError. */
export async function readLwf(source: string, options: LwfOptions = {}): Promise<LwfWorkload> {
  return lwfIn(await readXml(source), nameOf(source), options);
}

/** The workload in a document. Throws WorkloadError. */
export function lwfIn(root: XmlElement, file: string, options: LwfOptions = {}): LwfWorkload {
  checkGrammar(root, file, ['lease-workload']);
  const ownSite = root.children.find((child) => child.name === 'site');
  const site = options.site ?? (ownSite === undefined ? null : siteOf(ownSite, file));
  if (site === null) {
    throw faultAt(root, file, 'the workload has no <site>', 'Describe the nodes with --nodes or --site.');
  }
  const requests = childOf(root, 'lease-requests').children;
  const ids = idsOf(requests, file);
  const entries = requests.map((request, i) => entryOf(request, ids[i]!, site, file));
  if (entries.length === 0) throw new WorkloadError('no lease requests', { file }, 'Is this the right file?');
  const [late] = sortBySubmit(entries);
  const notes =
    late === undefined ? [] : [`the requests are not in order of arrival (first at line ${late.line}): sorted`];
  return { name: root.attributes.get('name') ?? null, site, entries, notes };
}

/** The ids given; requests without one get the next free number. */
function idsOf(requests: readonly XmlElement[], file: string): string[] {
  const given = new Set<string>();
  const ids = requests.map((request) => {
    const lease = childOf(request, 'lease');
    const id = lease.attributes.get('id');
    if (id === undefined) return null;
    if (!ID.test(id)) {
      const hint = 'Ids are letters, digits, ".", "_" and "-", at most 64.';
      throw faultAt(lease, file, `the id ${quoted(id)} is not accepted`, hint);
    }
    if (given.has(id)) throw faultAt(lease, file, `the id ${quoted(id)} is used twice`, 'Give each lease its own id.');
    given.add(id);
    return id;
  });
  return numbered(ids);
}

function entryOf(request: XmlElement, id: string, site: SiteDescription, file: string): WorkloadEntry {
  const lease = childOf(request, 'lease');
  const submit = timeOf(request, file, 'arrival', 0);
  const duration = timeOf(childOf(lease, 'duration'), file, 'time', 1);
  const real = request.children.find((child) => child.name === 'realduration');
  const run = real === undefined ? duration : Math.min(duration, timeOf(real, file, 'time', 1));
  const software = softwareOf(childOf(lease, 'software'), file);
  const labels = labelsOf(lease, file);
  const terms: Terms = {
    groups: groupsOf(lease, site, software?.image ?? null, file),
    duration,
    start: startOf(lease, duration, file),
    preemptible: preemptibleOf(lease, file),
    where: null,
    name: null,
    user: lease.attributes.get('user')?.slice(0, NAME_MAX) ?? null,
    project: null,
    labels,
    ...paying(lease, labels, file),
  };
  const entry = { line: request.line, id, submit, terms, run };
  return software === null ? entry : { ...entry, imageSize: software.size };
}

function groupsOf(lease: XmlElement, site: SiteDescription, image: string | null, file: string): readonly Group[] {
  const sets = childOf(lease, 'nodes').children;
  const nothing = site.resources.map(() => 0);
  let vms = 0;
  const groups = sets.map((set): Group => {
    const count = wholeOf(set, file, 'numnodes', 1, VMS_MAX);
    vms += count;
    return { name: null, vms: count, demand: vectorOf(set, file, site.resources, nothing), image };
  });
  if (groups.length > GROUPS_MAX) throw faultAt(lease, file, 'too many node sets', `At most ${GROUPS_MAX} in a lease.`);
  if (vms > VMS_MAX) throw faultAt(lease, file, `${vms} VMs in one lease`, `At most ${VMS_MAX}.`);
  return groups;
}

/** When a lease is to begin, as <start> says it: when possible, now, or at an instant. */
export type Begin =
  | { readonly kind: 'possible' }
  | { readonly kind: 'now' }
  | { readonly kind: 'exact'; readonly at: number };

function startOf(lease: XmlElement, duration: number, file: string): Start {
  const deadline = lease.children.find((child) => child.name === 'deadline');
  const by = deadline === undefined ? null : timeOf(deadline, file, 'time', 0);
  const start = startFrom(beginOf(childOf(lease, 'start'), file), by, duration);
  if (start === null) throw faultAt(lease, file, 'a deadline for a lease that starts now', 'Remove one of them.');
  return start;
}

/** What an element with one of <now/>, <exact/> or nothing in it says. */
export function beginOf(start: XmlElement, file: string): Begin {
  const kinds = start.children.filter(({ name }) => name === 'now' || name === 'exact');
  const kind = kinds[0];
  if (kinds.length > 1) throw faultAt(start, file, 'more than one kind of start', 'Keep one of them.');
  if (kind === undefined) return { kind: 'possible' };
  return kind.name === 'now' ? { kind: 'now' } : { kind: 'exact', at: timeOf(kind, file, 'time', 0) };
}

/**
 * A deadline beside an exact start makes a deadline lease that begins no earlier; beside no start, it is the patience
 * of a best-effort lease. Null: there is none for a lease that starts now.
 */
export function startFrom(begin: Begin, by: number | null, duration: number): Start | null {
  if (begin.kind === 'possible')
    return { kind: 'best-effort', before: by === null ? null : Math.max(0, by - duration) };
  if (begin.kind === 'now') return by === null ? { kind: 'immediate' } : null;
  return by === null ? { kind: 'advance', at: begin.at } : { kind: 'deadline', notBefore: begin.at, by };
}

function preemptibleOf(lease: XmlElement, file: string): boolean {
  const text = lease.attributes.get('preemptible')!;
  const value = text.toLowerCase();
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw faultAt(lease, file, `preemptible ${quoted(text)} is not accepted`, 'Write true or false.');
}

/** A disk image: its name, and its size in MiB. */
export interface Software {
  readonly image: string;
  readonly size: number;
}

/** Null: none that has to be brought to the nodes. */
export function softwareOf(software: XmlElement, file: string): Software | null {
  const kind = software.children[0];
  if (kind === undefined || software.children.length > 1) {
    throw faultAt(software, file, 'not one kind of software', 'Write <none/> or <disk-image id="…" size="…"/>.');
  }
  if (kind.name === 'none') return null;
  const image = kind.attributes.get('id')!;
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/.test(image)) {
    throw faultAt(
      kind,
      file,
      `the image id ${quoted(image)} is not accepted`,
      'Letters, digits, ".", "_", "-" and "/".',
    );
  }
  return { image, size: wholeOf(kind, file, 'size', 0, AMOUNT_MAX) };
}

/** What Haizea calls extras. */
export function labelsOf(lease: XmlElement, file: string): Readonly<Record<string, string>> | null {
  const extra = lease.children.find((child) => child.name === 'extra');
  if (extra === undefined || extra.children.length === 0) return null;
  if (extra.children.length > LABELS_MAX) throw faultAt(extra, file, 'too many extras', `At most ${LABELS_MAX}.`);
  const labels: Record<string, string> = {};
  for (const attr of extra.children) {
    const name = attr.attributes.get('name')!;
    const value = attr.attributes.get('value')!;
    if (!/^[A-Za-z][A-Za-z0-9._-]{0,62}$/.test(name) || value.length > LABEL_MAX) {
      const hint = `Names are letters, digits, ".", "_", "-" (at most 63), values at most ${LABEL_MAX} characters.`;
      throw faultAt(attr, file, `the extra ${quoted(name)} is not accepted`, hint);
    }
    if (Object.hasOwn(labels, name)) throw faultAt(attr, file, `the extra ${quoted(name)} twice`, 'Keep one of them.');
    labels[name] = value;
  }
  return labels;
}

/** What the user pays at most, as the extras at `element` say it: currency units per VM-hour. */
export function paying(element: XmlElement, extras: Terms['labels'], file: string): Pick<Terms, 'maxRate'> {
  const text = extras?.[RATE_LABEL];
  if (text === undefined) return {};
  const rate = /^\d{1,9}(\.\d{1,30})?$/.test(text) ? Math.round(Number(text) * CURRENCY_PARTS) : Number.NaN;
  if (rate <= RATE_MAX) return { maxRate: rate };
  const hint = `Write a number from 0 to ${RATE_MAX / CURRENCY_PARTS}.`;
  throw faultAt(element, file, `the extra "${RATE_LABEL}" is ${quoted(text)}, which is no rate`, hint);
}
