/**
 * Haizea's annotations (LWFA, XML): what the leases of a workload are to be asked for with instead. One trace becomes
 * many workloads: advance leases, deadlines, images, prices.
 */

import type { Start, Terms } from '../../engine/index.js';
import { quoted } from '../input-error.js';
import type { WorkloadEntry, WorkloadRead } from '../workloads/entry.js';
import { LABELS_MAX } from '../workloads/limits.js';
import { checkGrammar, faultAt } from '../workloads/lwf-grammar.js';
import { type Begin, beginOf, labelsOf, paying, type Software, softwareOf, startFrom } from '../workloads/lwf.js';
import { timeOf } from '../workloads/lwf-values.js';
import { readXml, type XmlElement } from '../workloads/xml.js';

/** What is not mentioned (null) stays as it is. Times are in milliseconds since the lease's submission. */
export interface Annotation {
  readonly element: XmlElement;
  readonly id: string | null;
  readonly begin: Begin | null;
  readonly by: number | null;
  /** `image` null: none. */
  readonly software: { readonly image: Software | null } | null;
  /** Added to the lease's own, replacing those of the same name. */
  readonly extras: Readonly<Record<string, string>> | null;
}

export interface Annotations {
  readonly file: string;
  /** For the leases that they name, or all for one after another. */
  readonly by: 'id' | 'position';
  readonly list: readonly Annotation[];
}

/** Throws WorkloadError. */
export async function readAnnotations(file: string): Promise<Annotations> {
  return annotationsIn(await readXml(file), file);
}

export function annotationsIn(root: XmlElement, file: string): Annotations {
  checkGrammar(root, file, ['lease-annotations']);
  const list = root.children
    .filter(({ name }) => name === 'lease-annotation')
    .map((element) => annotationOf(element, file));
  const hasIds = list[0]?.id !== null;
  const ids = new Set<string>();
  for (const { element, id } of list) {
    if ((id !== null) !== hasIds) {
      const problem = 'some annotations name their lease and some do not';
      throw faultAt(element, file, problem, 'Give all of them an id, or none: then they go to the leases in order.');
    }
    if (id !== null && ids.has(id)) {
      throw faultAt(element, file, `a second annotation of lease ${quoted(id)}`, 'Keep one of them.');
    }
    if (id !== null) ids.add(id);
  }
  return { file, by: hasIds ? 'id' : 'position', list };
}

/** The workload with its annotations, in the same order. Throws WorkloadError. */
export function annotate(workload: WorkloadRead, annotations: Annotations): WorkloadRead {
  const { file, by, list } = annotations;
  const byId = new Map(by === 'id' ? list.map((annotation) => [annotation.id, annotation]) : []);
  let used = 0;
  const entries = workload.entries.map((entry, i) => {
    const annotation = by === 'id' ? byId.get(entry.id) : list[i];
    if (annotation === undefined) return entry;
    used++;
    return annotated(entry, annotation, file);
  });
  const unused = list.length - used;
  const note = `${file}: ${unused} of ${list.length} annotations are of no lease in the workload`;
  return { ...workload, entries, notes: unused === 0 ? workload.notes : [...workload.notes, note] };
}

function annotationOf(element: XmlElement, file: string): Annotation {
  const child = (name: string) => element.children.find((one) => one.name === name);
  const start = child('start');
  // Without the <start> around them, <now/> and <exact/> are understood, too.
  const within = start ?? (child('now') !== undefined || child('exact') !== undefined ? element : null);
  if (start !== undefined && (child('now') ?? child('exact')) !== undefined) {
    throw faultAt(element, file, 'more than one kind of start', 'Keep one of them.');
  }
  const deadline = child('deadline');
  const software = child('software');
  return {
    element,
    id: element.attributes.get('id') ?? null,
    begin: within === null ? null : beginOf(within, file),
    by: deadline === undefined ? null : timeOf(deadline, file, 'time', 0),
    software: software === undefined ? null : { image: softwareOf(software, file) },
    extras: labelsOf(element, file),
  };
}

function annotated(entry: WorkloadEntry, annotation: Annotation, file: string): WorkloadEntry {
  const { element, software, extras } = annotation;
  const labels = extras === null ? entry.terms.labels : { ...entry.terms.labels, ...extras };
  const start = startOf(entry, annotation, file);
  const terms: Terms = { ...entry.terms, start, ...paying(element, extras, file) };
  if (labels !== null && Object.keys(labels).length > LABELS_MAX) {
    throw faultAt(element, file, `too many extras for lease ${quoted(entry.id)}`, `At most ${LABELS_MAX} in all.`);
  }
  if (software === null) return { ...entry, terms: { ...terms, labels } };
  const image = software.image?.image ?? null;
  const groups = terms.groups.map((group) => ({ ...group, image }));
  const { imageSize: _, ...rest } = entry;
  const changed = { ...rest, terms: { ...terms, groups, labels } };
  return software.image === null ? changed : { ...changed, imageSize: software.image.size };
}

function startOf(entry: WorkloadEntry, { element, begin, by }: Annotation, file: string): Start {
  const { start, duration } = entry.terms;
  if (begin === null && by === null) return start;
  const asked = begin === null ? begunBy(start) : later(begin, entry.submit);
  const deadline = by === null ? deadlineOf(start, duration) : entry.submit + by;
  const changed = startFrom(asked, deadline, duration);
  if (changed !== null) return changed;
  const problem = `lease ${quoted(entry.id)} would start now and have a deadline`;
  throw faultAt(element, file, problem, 'Give it another start, or remove its deadline.');
}

function later(begin: Begin, submit: number): Begin {
  return begin.kind === 'exact' ? { kind: 'exact', at: submit + begin.at } : begin;
}

function begunBy(start: Start): Begin {
  if (start.kind === 'best-effort') return { kind: 'possible' };
  if (start.kind === 'immediate') return { kind: 'now' };
  return { kind: 'exact', at: start.kind === 'advance' ? start.at : start.notBefore };
}

function deadlineOf(start: Start, duration: number): number | null {
  if (start.kind === 'deadline') return start.by;
  return start.kind === 'best-effort' && start.before !== null ? start.before + duration : null;
}
