/** One lease of a YAML workload, from the members that it is written with. */

import {
  AMOUNT_MAX,
  DEPENDENCIES_MAX,
  type Dependency,
  type Group,
  GROUPS_MAX,
  NODES_MAX,
  NODES_NAMED_MAX,
  PRIORITY_MAX,
  type ResourceType,
  type Start,
  type Terms,
  VMS_MAX,
} from '../../engine/index.js';
import { amountOf, resourceName, writtenName } from '../amounts.js';
import { quoted } from '../input-error.js';
import { indexOfResource } from '../site-figures.js';
import { anyMapping, mapping, type Path, shown, type YamlFile } from '../yaml-file.js';
import type { WorkloadEntry } from './entry.js';
import { ID, IMAGE, NAME_MAX } from './limits.js';
import { flagAt, rateAt, textAt, textsAt, timeAt, wholeAt } from './yaml-values.js';

/** What may be said of a lease. */
export const LEASE_KEYS: readonly string[] = [
  ...['id', 'submit', 'run', 'name', 'vms', 'resources', 'image', 'imageMiB', 'groups', 'duration', 'start'],
  ...['preemptible', 'labels', 'where', 'user', 'project', 'held', 'after', 'priority', 'maxRate', 'repeat'],
];
const EXPRESSION_MAX = 1024;
const IMAGE_MAX = 128;

/** A lease as it is written: by key. */
export type Asked = ReadonlyMap<string, unknown>;

/** Reads the leases of a file one after another, for a site with these resources. */
export class LeaseReader {
  private cut = 0;
  private firstCut = '';

  constructor(
    private readonly yaml: YamlFile,
    private readonly resources: readonly ResourceType[],
  ) {}

  /** The lease that stands at `i` in the list. */
  entry(lease: Asked, i: number, id: string): WorkloadEntry {
    const path: Path = ['leases', i];
    const duration = timeAt(this.yaml, [...path, 'duration'], lease.get('duration'), 1);
    const start = this.start([...path, 'start'], lease.get('start'));
    const asked = lease.has('run') ? timeAt(this.yaml, [...path, 'run'], lease.get('run'), 1) : duration;
    if (asked > duration && this.cut++ === 0) this.firstCut = id;
    const entry = {
      line: this.yaml.line(path),
      id,
      submit: timeAt(this.yaml, [...path, 'submit'], lease.get('submit'), 0),
      run: Math.min(asked, duration),
      terms: {
        groups: this.groups(path, lease),
        duration,
        start,
        preemptible: flagAt(
          this.yaml,
          [...path, 'preemptible'],
          lease.get('preemptible') ?? start.kind === 'best-effort',
        ),
        where: lease.has('where') ? this.where([...path, 'where'], lease.get('where')) : null,
        name: textAt(this.yaml, [...path, 'name'], lease.get('name'), NAME_MAX),
        user: textAt(this.yaml, [...path, 'user'], lease.get('user'), NAME_MAX),
        project: textAt(this.yaml, [...path, 'project'], lease.get('project'), NAME_MAX),
        labels: lease.has('labels') ? textsAt(this.yaml, [...path, 'labels'], lease.get('labels')) : null,
        ...this.queueing(path, lease),
      },
    };
    if (!lease.has('imageMiB')) return entry;
    return { ...entry, imageSize: wholeAt(this.yaml, [...path, 'imageMiB'], lease.get('imageMiB'), AMOUNT_MAX) };
  }

  /** What was changed in the leases read so far, for the user. */
  notes(): string[] {
    if (this.cut === 0) return [];
    return [`run times longer than the duration are cut (${this.cut}, first in lease ${this.firstCut})`];
  }

  /** What is said only of some leases: when they are considered, in which order, at what price. */
  private queueing(path: Path, lease: Asked): Pick<Terms, 'held' | 'after' | 'priority' | 'maxRate'> {
    return {
      ...(lease.has('held') ? { held: flagAt(this.yaml, [...path, 'held'], lease.get('held')) } : {}),
      ...(lease.has('after') ? { after: this.after([...path, 'after'], lease.get('after')) } : {}),
      ...(lease.has('priority')
        ? { priority: wholeAt(this.yaml, [...path, 'priority'], lease.get('priority'), PRIORITY_MAX) }
        : {}),
      ...(lease.has('maxRate') ? { maxRate: rateAt(this.yaml, [...path, 'maxRate'], lease.get('maxRate')) } : {}),
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
    const image = textAt(this.yaml, [...path, 'image'], from.get('image'), IMAGE_MAX);
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
      const index = indexOfResource(this.resources, name);
      // `memory` alone does not say in which unit.
      if (index < 0 || writtenName(name) !== written) {
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
        return { kind, before: before === undefined ? null : timeAt(this.yaml, [...path, 'before'], before, 0) };
      }
      case 'immediate':
        members();
        return { kind };
      case 'advance':
        return { kind, at: timeAt(this.yaml, [...path, 'at'], members('at').get('at'), 0) };
      case 'deadline': {
        const given = members('notBefore', 'by');
        const notBefore = given.has('notBefore')
          ? timeAt(this.yaml, [...path, 'notBefore'], given.get('notBefore'), 0)
          : 0;
        return { kind, notBefore, by: timeAt(this.yaml, [...path, 'by'], given.get('by'), 0) };
      }
      default: {
        const hint = 'Write best-effort, immediate, advance or deadline.';
        throw this.yaml.fault([...path, 'kind'], `${shown(kind)} is no kind of start`, hint);
      }
    }
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
      return value.map((node: unknown) => wholeAt(this.yaml, path, node, NODES_MAX));
    throw this.yaml.fault(
      path,
      `${shown(value)} is not accepted`,
      `Write 1 to ${NODES_NAMED_MAX} numbers of nodes: [3, 1].`,
    );
  }
}
