/**
 * Reads workloads in YAML: leases as the HTTP API takes them, with the time of submission and the true run time. Times
 * are seconds since the workload's beginning, or durations (`1h30m`). docs/workloads.md describes the format.
 */

import type { ResourceType } from '../../engine/index.js';
import { resourceName } from '../amounts.js';
import { InputError, quoted } from '../input-error.js';
import { siteIn } from '../site-file.js';
import { inUsualOrder } from '../site-options.js';
import { anyMapping, mapping, shown, type YamlFile } from '../yaml-file.js';
import { nameOf, readBytes, textIn } from './bytes.js';
import { numbered, type SiteDescription, sortBySubmit, WorkloadError, type WorkloadEntry } from './entry.js';
import { ID, LABEL_MAX } from './limits.js';
import { type Asked, LEASE_KEYS, LeaseReader } from './yaml-lease.js';
import { parseWorkloadText } from './yaml-lines.js';
import { checkIds, seriesOf } from './yaml-series.js';
import { textAt, textsAt } from './yaml-values.js';

const BYTES_MAX = 256 * 1024 * 1024;
const DESCRIPTION_MAX = 10_000;

export interface YamlWorkload {
  readonly name: string | null;
  readonly description: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  /** The one given, else the file's own; null: neither. */
  readonly site: SiteDescription | null;
  /** The site's; without one, those that the leases ask for. */
  readonly resources: readonly ResourceType[];
  /** In order of submission. */
  readonly entries: readonly WorkloadEntry[];
  /** What was changed in reading, for the user. */
  readonly notes: readonly string[];
}

/** Reads `source` (a path, or `-` for stdin) whole. `site`: used instead of the file's own. Throws WorkloadError. */
export async function readYamlWorkload(source: string, site: SiteDescription | null): Promise<YamlWorkload> {
  const file = nameOf(source);
  const text = textIn(await readBytes(source, BYTES_MAX), file);
  return workloadIn(() => parseWorkloadText(text, file), site);
}

/** The workload that `open` finds, also where it was written in another syntax. Throws WorkloadError. */
export function workloadIn(open: () => YamlFile, site: SiteDescription | null): YamlWorkload {
  try {
    return workloadOf(open(), site);
  } catch (error) {
    // A workload is data, not configuration: its exit code is that of other formats.
    if (error instanceof WorkloadError || !(error instanceof InputError)) throw error;
    throw new WorkloadError(error.problem, error, error.hint);
  }
}

function workloadOf(yaml: YamlFile, given: SiteDescription | null): YamlWorkload {
  const keys = ['name', 'description', 'attributes', 'site', 'leases'];
  const top = mapping(yaml, [], yaml.value, keys);
  const list = top.get('leases');
  if (!Array.isArray(list) || list.length === 0) {
    throw yaml.fault(
      ['leases'],
      'no leases',
      'Write a list: - {submit: 0, vms: 1, resources: {cpu: 1}, duration: 1h}.',
    );
  }
  const own = top.get('site');
  const site = given ?? (own === undefined ? null : siteIn(within(yaml, 'site', own)));
  const asked = list.map((value: unknown, i) => mapping(yaml, ['leases', i], value, LEASE_KEYS));
  const resources = site?.resources ?? resourcesAsked(yaml, asked);
  const ids = idsOf(yaml, asked);
  const reader = new LeaseReader(yaml, resources);
  const entries = asked.flatMap((lease, i) =>
    seriesOf(yaml, ['leases', i], lease.get('repeat'), reader.entry(lease, i, ids[i]!)),
  );
  if (entries.length > asked.length) checkIds(yaml, entries);
  const [late] = sortBySubmit(entries);
  checkDependencies(yaml, asked, entries);
  const sorted =
    late === undefined ? [] : [`the leases are not in order of submission (first at line ${late.line}): sorted`];
  return {
    name: textAt(yaml, ['name'], top.get('name'), LABEL_MAX),
    description: textAt(yaml, ['description'], top.get('description'), DESCRIPTION_MAX),
    attributes: top.has('attributes') ? textsAt(yaml, ['attributes'], top.get('attributes')) : {},
    site,
    resources,
    entries,
    notes: [...reader.notes(), ...sorted],
  };
}

/** Leases follow those that were submitted before them: then none can follow each other in a circle. */
function checkDependencies(yaml: YamlFile, asked: readonly Asked[], entries: readonly WorkloadEntry[]): void {
  if (asked.every((lease) => !lease.has('after'))) return;
  const places = new Map(entries.map(({ id }, place) => [id, place]));
  for (const [place, { id, terms }] of entries.entries())
    for (const [k, { lease }] of (terms.after ?? []).entries()) {
      const other = places.get(lease);
      if (other !== undefined && other < place) continue;
      const path = ['leases', asked.findIndex((one) => String(one.get('id')) === id), 'after', k, 'lease'];
      const problem = `${quoted(lease)} is ${other === undefined ? 'not in the workload' : 'not submitted before it'}`;
      throw yaml.fault(path, problem, 'Leases follow those that are submitted before them, and none in a circle.');
    }
}

/** The same file, seen from the value under one of its keys. */
function within(yaml: YamlFile, key: string, value: unknown): YamlFile {
  return {
    value,
    line: (path) => yaml.line([key, ...path]),
    fault: (path, problem, hint) => yaml.fault([key, ...path], problem, hint),
  };
}

function resourcesAsked(yaml: YamlFile, asked: readonly Asked[]): readonly ResourceType[] {
  const names = new Set<string>();
  asked.forEach((lease, i) => {
    const groups = lease.get('groups');
    const bearers: unknown[] = Array.isArray(groups) ? groups : [Object.fromEntries(lease)];
    for (const bearer of bearers) {
      const resources = (bearer as { resources?: unknown } | null)?.resources;
      if (resources === undefined) continue;
      for (const written of anyMapping(yaml, ['leases', i], resources).keys()) names.add(resourceName(written));
    }
  });
  const bad = [...names].find((name) => !/^[a-z][a-z0-9-]{0,31}$/.test(name));
  if (bad !== undefined) throw yaml.fault(['leases'], `the resource ${quoted(bad)} is not accepted`, RESOURCE_HINT);
  return inUsualOrder(names.size === 0 ? new Set(['cpu']) : names).map((name) => ({ name, kind: 'amount' }));
}

const RESOURCE_HINT = 'Names are lower-case letters, digits and "-"; memory is memoryMiB, disk is diskMiB.';

/** The ids given; leases without one get the next free number. */
function idsOf(yaml: YamlFile, asked: readonly Asked[]): string[] {
  const given = new Set<string>();
  const ids = asked.map((lease, i) => {
    const id = lease.get('id');
    if (id === undefined) return null;
    if ((typeof id !== 'string' && typeof id !== 'number') || !ID.test(String(id))) {
      const hint = 'Ids are letters, digits, ".", "_" and "-", at most 64.';
      throw yaml.fault(['leases', i, 'id'], `the id ${shown(id)} is not accepted`, hint);
    }
    if (given.has(String(id))) {
      throw yaml.fault(['leases', i, 'id'], `the id ${shown(id)} is used twice`, 'Give each lease its own id.');
    }
    given.add(String(id));
    return String(id);
  });
  return numbered(ids);
}
