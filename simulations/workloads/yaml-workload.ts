/**
 * Reads workloads in YAML: leases as the HTTP API takes them, with the time of submission and the true run time. Times
 * are seconds since the workload's beginning, or durations (`1h30m`). docs/workloads.md describes the format.
 */

import {
  AMOUNT_MAX,
  DEPENDENCIES_MAX,
  type Dependency,
  type Group,
  GROUPS_MAX,
  NODES_MAX,
  NODES_NAMED_MAX,
  PRIORITY_MAX,
  RATE_MAX,
  type ResourceType,
  type Start,
  type Terms,
  VMS_MAX,
} from '../../engine/index.js';
import { amountOf, durationOf } from '../amounts.js';
import { InputError, quoted } from '../input-error.js';
import { siteIn } from '../site-file.js';
import { inUsualOrder } from '../site-options.js';
import { anyMapping, mapping, type Path, shown, type YamlFile } from '../yaml-file.js';
import { nameOf, openBytes } from './bytes.js';
import { type SiteDescription, WorkloadError, type WorkloadEntry } from './entry.js';
import { ID, IMAGE, LABEL_MAX, LABELS_MAX } from './limits.js';
import { parseWorkloadText } from './yaml-lines.js';
import { checkIds, seriesOf } from './yaml-series.js';

const BYTES_MAX = 256 * 1024 * 1024;

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
  const pieces: Buffer[] = [];
  for await (const piece of openBytes(source, BYTES_MAX)) pieces.push(Buffer.from(piece));
  const text = decoded(Buffer.concat(pieces), file);
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

function decoded(bytes: Buffer, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new WorkloadError('not valid UTF-8', { file, line: 1 }, 'Convert the file to UTF-8 (iconv -t UTF-8).');
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
  const asked = list.map((value: unknown, i) => mapping(yaml, ['leases', i], value, LEASE));
  const resources = site?.resources ?? resourcesAsked(yaml, asked);
  const ids = idsOf(yaml, asked);
  const reader = new LeaseReader(yaml, resources);
  const entries = asked.flatMap((lease, i) =>
    seriesOf(yaml, ['leases', i], lease.get('repeat'), reader.entry(lease, i, ids[i]!)),
  );
  if (entries.length > asked.length) checkIds(yaml, entries);
  return {
    name: textAt(yaml, ['name'], top.get('name'), LABEL_MAX),
    description: textAt(yaml, ['description'], top.get('description'), DESCRIPTION_MAX),
    attributes: top.has('attributes') ? textsAt(yaml, ['attributes'], top.get('attributes')) : {},
    site,
    resources,
    entries,
    notes: [...reader.notes(), ...inOrder(entries)],
  };
}

const LEASE = [
  ...[
    'id',
    'submit',
    'run',
    'name',
    'vms',
    'resources',
    'image',
    'imageMiB',
    'groups',
    'duration',
    'start',
    'preemptible',
  ],
  ...['labels', 'where', 'user', 'project', 'held', 'after', 'priority', 'maxRate', 'repeat'],
];
const DESCRIPTION_MAX = 10_000;
const NAME_MAX = 64;
const EXPRESSION_MAX = 1024;

/** The same file, seen from the value under one of its keys. */
function within(yaml: YamlFile, key: string, value: unknown): YamlFile {
  return {
    value,
    line: (path) => yaml.line([key, ...path]),
    fault: (path, problem, hint) => yaml.fault([key, ...path], problem, hint),
  };
}

type Asked = ReadonlyMap<string, unknown>;

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

/** As the HTTP API writes resources: memory and disk with their unit. */
const WRITTEN: Readonly<Record<string, string>> = { memory: 'memoryMiB', disk: 'diskMiB' };

export function writtenName(resource: string): string {
  return WRITTEN[resource] ?? resource;
}

export function resourceName(written: string): string {
  return Object.keys(WRITTEN).find((name) => WRITTEN[name] === written) ?? written;
}

/** The ids given; leases without one get the next free number. */
function idsOf(yaml: YamlFile, asked: readonly Asked[]): string[] {
  const given = new Set<string>();
  asked.forEach((lease, i) => {
    const id = lease.get('id');
    if (id === undefined) return;
    if ((typeof id !== 'string' && typeof id !== 'number') || !ID.test(String(id))) {
      const hint = 'Ids are letters, digits, ".", "_" and "-", at most 64.';
      throw yaml.fault(['leases', i, 'id'], `the id ${shown(id)} is not accepted`, hint);
    }
    if (given.has(String(id))) {
      throw yaml.fault(['leases', i, 'id'], `the id ${shown(id)} is used twice`, 'Give each lease its own id.');
    }
    given.add(String(id));
  });
  let next = 1;
  return asked.map((lease) => {
    if (lease.has('id')) return String(lease.get('id'));
    while (given.has(String(next))) next++;
    return String(next++);
  });
}

class LeaseReader {
  private cut = 0;
  private firstCut = '';

  constructor(
    private readonly yaml: YamlFile,
    private readonly resources: readonly ResourceType[],
  ) {}

  entry(lease: Asked, i: number, id: string): WorkloadEntry {
    const path: Path = ['leases', i];
    const duration = this.time([...path, 'duration'], lease.get('duration'), 1);
    const start = this.start([...path, 'start'], lease.get('start'));
    const asked = lease.has('run') ? this.time([...path, 'run'], lease.get('run'), 1) : duration;
    if (asked > duration && this.cut++ === 0) this.firstCut = id;
    const entry = {
      line: this.yaml.line(path),
      id,
      submit: this.time([...path, 'submit'], lease.get('submit'), 0),
      run: Math.min(asked, duration),
      terms: {
        groups: this.groups(path, lease),
        duration,
        start,
        preemptible: this.flag([...path, 'preemptible'], lease.get('preemptible') ?? start.kind === 'best-effort'),
        where: lease.has('where') ? this.where([...path, 'where'], lease.get('where')) : null,
        name: textAt(this.yaml, [...path, 'name'], lease.get('name'), NAME_MAX),
        user: textAt(this.yaml, [...path, 'user'], lease.get('user'), NAME_MAX),
        project: textAt(this.yaml, [...path, 'project'], lease.get('project'), NAME_MAX),
        labels: lease.has('labels') ? textsAt(this.yaml, [...path, 'labels'], lease.get('labels')) : null,
        ...this.queueing(path, lease),
      },
    };
    if (!lease.has('imageMiB')) return entry;
    return { ...entry, imageSize: this.whole([...path, 'imageMiB'], lease.get('imageMiB'), AMOUNT_MAX) };
  }

  /** What is said only of some leases: when they are considered, in which order, at what price. */
  private queueing(path: Path, lease: Asked): Pick<Terms, 'held' | 'after' | 'priority' | 'maxRate'> {
    return {
      ...(lease.has('held') ? { held: this.flag([...path, 'held'], lease.get('held')) } : {}),
      ...(lease.has('after') ? { after: this.after([...path, 'after'], lease.get('after')) } : {}),
      ...(lease.has('priority')
        ? { priority: this.whole([...path, 'priority'], lease.get('priority'), PRIORITY_MAX) }
        : {}),
      ...(lease.has('maxRate') ? { maxRate: this.whole([...path, 'maxRate'], lease.get('maxRate'), RATE_MAX) } : {}),
    };
  }

  private after(path: Path, value: unknown): readonly Dependency[] {
    if (!Array.isArray(value) || value.length === 0 || value.length > DEPENDENCIES_MAX) {
      const hint = `Write a list of 1 to ${DEPENDENCIES_MAX}: - {lease: a, on: end}.`;
      throw this.yaml.fault(path, 'is not a list of leases to wait for', hint);
    }
    return value.map((item: unknown, i) => {
      const given = mapping(this.yaml, [...path, i], item, ['lease', 'on']);
      const lease = String(given.get('lease') ?? '');
      const on = given.get('on') ?? 'end';
      if (ID.test(lease) && (on === 'start' || on === 'end')) return { lease, on };
      throw this.yaml.fault([...path, i], `${shown(item)} is not accepted`, 'Write {lease: its id, on: start or end}.');
    });
  }

  private whole(path: Path, value: unknown, most: number): number {
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
    throw this.yaml.fault(path, `${shown(value)} is not accepted`, `Write a whole number from 0 to ${most}.`);
  }

  notes(): string[] {
    if (this.cut === 0) return [];
    return [`run times longer than the duration are cut (${this.cut}, first in lease ${this.firstCut})`];
  }

  private groups(path: Path, lease: Asked): readonly Group[] {
    const list = lease.get('groups');
    if (list === undefined) return [this.group(path, lease)];
    for (const key of ['vms', 'resources', 'image']) {
      if (lease.has(key)) throw this.yaml.fault([...path, key], 'is given in each of the groups instead', 'Remove it.');
    }
    if (!Array.isArray(list) || list.length === 0 || list.length > GROUPS_MAX) {
      const hint = `Write a list of 1 to ${GROUPS_MAX} groups: - {vms: 2, resources: {cpu: 1}}.`;
      throw this.yaml.fault([...path, 'groups'], 'is not a list of groups', hint);
    }
    const groups = list.map((value: unknown, g) => {
      const at: Path = [...path, 'groups', g];
      return this.group(at, mapping(this.yaml, at, value, ['name', 'vms', 'resources', 'image']), true);
    });
    const vms = groups.reduce((sum, group) => sum + group.vms, 0);
    if (vms > VMS_MAX) throw this.yaml.fault(path, `${vms} VMs in one lease`, `At most ${VMS_MAX}.`);
    return groups;
  }

  /** From the members of a lease, or of one of its groups, which alone has a name of its own. */
  private group(path: Path, from: Asked, isPart = false): Group {
    const vms = from.get('vms');
    if (!Number.isInteger(vms) || (vms as number) < 1 || (vms as number) > VMS_MAX) {
      throw this.yaml.fault([...path, 'vms'], `${shown(vms)} VMs`, `Write a whole number from 1 to ${VMS_MAX}.`);
    }
    const image = textAt(this.yaml, [...path, 'image'], from.get('image'), 128);
    if (image !== null && !IMAGE.test(image)) {
      const hint = 'Letters, digits, ".", "_", ":", "-" and "/".';
      throw this.yaml.fault([...path, 'image'], `the image ${shown(image)} is not accepted`, hint);
    }
    return {
      name: isPart ? textAt(this.yaml, [...path, 'name'], from.get('name'), NAME_MAX) : null,
      vms: vms as number,
      demand: this.demand([...path, 'resources'], from.get('resources')),
      image,
    };
  }

  private demand(path: Path, value: unknown): readonly number[] {
    const demand = this.resources.map(() => 0);
    for (const [written, given] of anyMapping(this.yaml, path, value)) {
      const name = resourceName(written);
      const index = this.resources.findIndex((resource) => resource.name === name);
      if (index < 0 || written in WRITTEN) {
        const known = this.resources.map((resource) => writtenName(resource.name)).join(', ');
        throw this.yaml.fault([...path, written], `the site has no resource ${quoted(written)}`, `It has: ${known}.`);
      }
      const amount = typeof given === 'number' ? amountOf(name, given) : { problem: 'is no number' };
      if (typeof amount !== 'number') {
        const hint = 'Write cpus with at most three decimals, and MiB as whole numbers.';
        throw this.yaml.fault([...path, written], `${shown(given)} ${amount.problem}`, hint);
      }
      demand[index] = amount;
    }
    return demand;
  }

  private start(path: Path, value: unknown): Start {
    if (value === undefined) return { kind: 'best-effort', before: null };
    const kind = anyMapping(this.yaml, path, value).get('kind');
    const members = (...names: string[]) => mapping(this.yaml, path, value, ['kind', ...names]);
    switch (kind) {
      case 'best-effort': {
        const before = members('before').get('before');
        return { kind, before: before === undefined ? null : this.time([...path, 'before'], before, 0) };
      }
      case 'immediate':
        members();
        return { kind };
      case 'advance':
        return { kind, at: this.time([...path, 'at'], members('at').get('at'), 0) };
      case 'deadline': {
        const given = members('notBefore', 'by');
        const notBefore = given.has('notBefore') ? this.time([...path, 'notBefore'], given.get('notBefore'), 0) : 0;
        return { kind, notBefore, by: this.time([...path, 'by'], given.get('by'), 0) };
      }
      default: {
        const hint = 'Write best-effort, immediate, advance or deadline.';
        throw this.yaml.fault([...path, 'kind'], `${shown(kind)} is no kind of start`, hint);
      }
    }
  }

  /** In milliseconds. */
  private time(path: Path, value: unknown, least: number): number {
    const time = typeof value === 'number' || typeof value === 'string' ? durationOf(value) : null;
    if (time !== null && time >= least) return time;
    const hint = `Write seconds${least > 0 ? ' (more than 0)' : ''} or a duration such as 1h30m.`;
    throw this.yaml.fault(path, `${shown(value)} is no time`, hint);
  }

  private flag(path: Path, value: unknown): boolean {
    if (typeof value === 'boolean') return value;
    throw this.yaml.fault(path, `${shown(value)} is not accepted`, 'Write true or false.');
  }

  private where(path: Path, value: unknown): Terms['where'] {
    const given = mapping(this.yaml, path, value, ['labels', 'requirements', 'rank', 'nodes']);
    const text = (key: string) => textAt(this.yaml, [...path, key], given.get(key), EXPRESSION_MAX);
    const labels = given.has('labels') ? textsAt(this.yaml, [...path, 'labels'], given.get('labels')) : {};
    const where = { labels, requirements: text('requirements'), rank: text('rank') };
    return given.has('nodes') ? { ...where, nodes: this.nodes([...path, 'nodes'], given.get('nodes')) } : where;
  }

  /** By number: workloads do not know the names. */
  private nodes(path: Path, value: unknown): readonly number[] {
    if (Array.isArray(value) && value.length > 0 && value.length <= NODES_NAMED_MAX)
      return value.map((node: unknown) => this.whole(path, node, NODES_MAX));
    throw this.yaml.fault(
      path,
      `${shown(value)} is not accepted`,
      `Write 1 to ${NODES_NAMED_MAX} numbers of nodes: [3, 1].`,
    );
  }
}

function textAt(yaml: YamlFile, path: Path, value: unknown, lengthMax: number): string | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && text.length <= lengthMax) return text;
  throw yaml.fault(path, `${shown(value)} is not accepted`, `Write a text of at most ${lengthMax} characters.`);
}

function textsAt(yaml: YamlFile, path: Path, value: unknown): Readonly<Record<string, string>> {
  const texts: [string, string][] = [];
  for (const [key, given] of anyMapping(yaml, path, value)) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/.test(key)) {
      const hint = 'Names are letters, digits, ".", "_", "-" and "/", at most 63.';
      throw yaml.fault([...path, key], `the name ${quoted(key)} is not accepted`, hint);
    }
    texts.push([key, textAt(yaml, [...path, key], given, LABEL_MAX) ?? '']);
  }
  if (texts.length > LABELS_MAX) throw yaml.fault(path, 'too many entries', `At most ${LABELS_MAX}.`);
  return Object.fromEntries(texts);
}

/** Sorts by submit time, in place and stably; answers a note when that moved anything. */
function inOrder(entries: WorkloadEntry[]): string[] {
  const late = entries.findIndex((entry, i) => i > 0 && entry.submit < entries[i - 1]!.submit);
  if (late < 0) return [];
  const { line } = entries[late]!;
  entries.sort((a, b) => a.submit - b.submit); // stable: equal times stay in the order of the file
  return [`the leases are not in order of submission (first at line ${line}): sorted`];
}
