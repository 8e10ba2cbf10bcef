/** From a lease request as a client writes it to the terms that the scheduler reads. */

import {
  CURRENCY_PARTS,
  type Group,
  type Instant,
  type NodeClass,
  onNodeLostOf,
  type Rejection,
  type Repeat,
  type ResourceType,
  type Start,
  type Terms,
  type Where,
} from '../engine/index.js';
import { readTemplate } from '../adapters/libvirt/template.js';
import { XmlError } from '../adapters/libvirt/xml.js';
import { faultOfSshKey, READY_TIMEOUT, READY_TIMEOUT_MAX, writeWishes } from '../adapters/machine-wishes.js';
import type { Account } from './access/caller.js';
import type { Notes } from './access/tokens.js';
import { writtenName } from '../simulations/amounts.js';
import { LEASE_DURATION, START_AHEAD_MAX } from './config.js';
import { amountOf, FormatError, formatDuration, parseDuration, parseInstant } from './formats.js';
import { type WithImages, withImages } from './images/images-in-terms.js';
import { escapePointer } from './json-body.js';
import { faultOfNetwork } from './networks/assigning.js';
import { networkNote } from './networks/network-notes.js';
import { numbersOf } from './node-names.js';
import { type Fault, Problem, quoted } from './problems.js';
import type { LeaseRequest } from './schemas/lease-request.js';

/**
 * `body` has the shape of the schema, and the lease is `owner`'s; `notes` say what images there are. Throws a Problem that
 * names every member at fault.
 */
export function termsOf(
  body: LeaseRequest,
  owner: Account,
  resources: readonly ResourceType[],
  classes: readonly NodeClass[],
  now: Instant,
  notes: Notes,
): Terms {
  const faults = new Faults();
  const start = startOf(body, now, faults);
  const { groups, imageSize } = groupsOf(body, resources, notes, faults);
  const vms = groups.reduce((sum, group) => sum + group.vms, 0);
  const terms: Terms = {
    groups,
    duration: durationIn(body.duration, '/duration', faults),
    start,
    preemptible: body.preemptible ?? start.kind === 'best-effort',
    where: whereOf(body, classes, faults),
    name: body.name ?? null,
    user: owner.user,
    project: owner.project,
    labels: body.labels ?? null,
    ...(body.priority === undefined ? {} : { priority: body.priority }),
    ...onNodeLostIn(body, start, groups),
    ...(body.maxRate === undefined ? {} : { maxRate: Math.round(body.maxRate * CURRENCY_PARTS) }),
    ...(body.machine === undefined ? {} : machineIn(body.machine, vms, faults)),
    ...(body.warnings === undefined ? {} : { warnings: warningsIn(body.warnings, faults) }),
    ...(body.held === undefined ? {} : { held: body.held }),
    ...(imageSize === null ? {} : { imageSize }),
    ...(body.after === undefined ? {} : { after: body.after.map(({ lease, on }) => ({ lease, on: on ?? 'end' })) }),
  };
  if (body.machine?.disk === 'full' && body.onNodeLost === 'migrate')
    faults.add('/machine/disk', 'cannot be full with onNodeLost migrate: such VMs have overlays');
  const network = networkNote(notes, body.machine?.network ?? '');
  const room = network === null ? null : faultOfNetwork(network, vms);
  if (room !== null) faults.add('/machine/network', room);
  faults.throwIfAny();
  return terms;
}

/** What would be done anyway need not be said. */
/** What its VMs have written into an image lies on the node that is lost: it is waited for, unless it is said otherwise. */
function onNodeLostIn(body: LeaseRequest, start: Start, groups: readonly Group[]): Pick<Terms, 'onNodeLost'> {
  const writes = groups.some(({ writesImage }) => writesImage === true);
  const onNodeLost = body.onNodeLost ?? (writes ? 'wait' : undefined);
  return onNodeLost === undefined || onNodeLost === onNodeLostOf({ start }) ? {} : { onNodeLost };
}

/** As the log keeps it. A template that cannot be used is refused at once, not when a VM is to start. */
function machineIn(
  asked: NonNullable<LeaseRequest['machine']>,
  vms: number,
  faults: Faults,
): Pick<Terms, 'machine' | 'readyWithin'> {
  const { network = null, sshKeys = [], userData = null, template = null, ready } = asked;
  const { disk, firmware, board, cpuModel } = asked;
  for (const [i, key] of sshKeys.entries()) {
    const fault = faultOfSshKey(key);
    if (fault !== null) faults.add(`/machine/sshKeys/${i}`, fault);
  }
  try {
    if (template !== null) readTemplate(template);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    faults.add('/machine/template', `is not accepted: ${error.message}`);
  }
  const wishes = {
    ...{ network, sshKeys, userData, template },
    ...(disk === 'full' ? { disk } : {}),
    ...(firmware === 'efi' ? { firmware } : {}),
    ...(board === undefined ? {} : { board }),
    ...(cpuModel === undefined ? {} : { cpuModel }),
  };
  if (ready === undefined) return { machine: writeWishes(wishes) };
  const { probe, atLeast = vms } = ready;
  if (atLeast > vms) faults.add('/machine/ready/atLeast', `is more than its ${vms} VMs`);
  const timeoutMs = readyWithin(ready.timeout, faults);
  const enough = atLeast < vms ? { atLeast } : {};
  // One after the other at the latest: each that becomes ready gives those that are left time again.
  return { machine: writeWishes({ ...wishes, ready: { probe, timeoutMs, ...enough } }), readyWithin: vms * timeoutMs };
}

function readyWithin(timeout: string | number | undefined, faults: Faults): number {
  const pointer = '/machine/ready/timeout';
  if (timeout === undefined) return READY_TIMEOUT;
  const timeoutMs = durationIn(timeout, pointer, faults);
  if (timeoutMs < 1_000 || timeoutMs > READY_TIMEOUT_MAX) faults.add(pointer, 'is a second to an hour');
  return timeoutMs;
}

/** Longest first, each once. */
function warningsIn(warnings: NonNullable<LeaseRequest['warnings']>, faults: Faults): number[] {
  const read = warnings.map((before, i) => faults.reading(`/warnings/${i}`, 1, () => parseDuration(before)));
  return [...new Set(read)].sort((a, b) => b - a);
}

/** How long something is to last from now on, a lease if not said otherwise. Throws a Problem. */
export function durationOf(written: string | number, pointer = '/duration'): number {
  const faults = new Faults();
  const duration = durationIn(written, pointer, faults);
  faults.throwIfAny();
  return duration;
}

/** An instant in a body. Throws a Problem. */
export function instantOf(written: string, pointer: string): Instant {
  const faults = new Faults();
  const instant = faults.reading(pointer, 0, () => parseInstant(written));
  faults.throwIfAny();
  return instant;
}

/** The series that is asked for; undefined: none. Throws a Problem. */
export function repeatOf({ repeat }: LeaseRequest): Repeat | undefined {
  if (repeat === undefined) return undefined;
  const faults = new Faults();
  const every = durationIn(repeat.every, '/repeat/every', faults);
  faults.throwIfAny();
  return { every, times: repeat.times };
}

function whereOf({ where }: LeaseRequest, classes: readonly NodeClass[], faults: Faults): Where | null {
  if (where === undefined) return null;
  const { labels = {}, requirements = null, rank = null } = where;
  if (where.nodes === undefined) return { labels, requirements, rank };
  const nodes: number[] = [];
  for (const [i, found] of numbersOf(classes, where.nodes).entries())
    if (typeof found === 'string') faults.add(`/where/nodes/${i}`, found);
    else nodes.push(found);
  return { labels, requirements, rank, nodes };
}

/** Where in `body` the member is that the scheduler found wrong in the terms. */
export function pointerInRequest(rejection: Rejection, body: LeaseRequest): Fault[] {
  if (rejection.pointer === null) return [];
  const written = writtenPointer(rejection.pointer);
  const inGroup = body.groups !== undefined && /^\/(vms|resources|max)/.test(written) && body.groups.length === 1;
  return [{ pointer: inGroup ? `/groups/0${written}` : written, detail: rejection.detail }];
}

/** Resources by the names in which they are written. */
export function writtenPointer(pointer: string): string {
  const [, resource] = /\/(?:resources|max)\/([^/]+)$/.exec(pointer) ?? [];
  return resource === undefined ? pointer : `${pointer.slice(0, -resource.length)}${writtenName(resource)}`;
}

/** Collects what is wrong, so that a client learns all of it at once. */
export class Faults {
  private readonly list: Fault[] = [];

  add(pointer: string, detail: string): void {
    this.list.push({ pointer, detail });
  }

  /** The value of `read`, or `otherwise` where the text is at fault. */
  reading<T>(pointer: string, otherwise: T, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.add(pointer, error.message);
      return otherwise;
    }
  }

  throwIfAny(): void {
    const [first] = this.list;
    if (first === undefined) return;
    throw new Problem('request-invalid', `${first.pointer} ${first.detail}`, this.list);
  }
}

function groupsOf(body: LeaseRequest, resources: readonly ResourceType[], notes: Notes, faults: Faults): WithImages {
  const pointerOf = (i: number): string => (body.groups === undefined ? '' : `/groups/${i}`);
  return withImages(groupsIn(body, resources, faults), pointerOf, resources, notes, faults);
}

function groupsIn(body: LeaseRequest, resources: readonly ResourceType[], faults: Faults): Group[] {
  if (body.groups !== undefined) {
    for (const member of ['vms', 'resources', 'max', 'image'] as const) {
      if (body[member] !== undefined) faults.add(`/${member}`, 'is given in each of the groups instead');
    }
    return body.groups.map((group, i) => ({
      name: group.name ?? null,
      vms: group.vms,
      ...sizeIn(group, resources, `/groups/${i}`, faults),
      image: group.image ?? null,
    }));
  }
  if (body.vms === undefined) faults.add('/vms', 'is missing: how many VMs?');
  if (body.resources === undefined) faults.add('/resources', 'is missing: what does each VM need?');
  return [
    {
      name: null,
      vms: body.vms ?? 1,
      ...sizeIn(body, resources, '', faults),
      image: body.image ?? null,
    },
  ];
}

/** What each VM has, and how large it may become: what is not named there stays. */
function sizeIn(
  { resources: asked = {}, max }: Pick<LeaseRequest, 'resources' | 'max'>,
  resources: readonly ResourceType[],
  pointer: string,
  faults: Faults,
): Pick<Group, 'demand' | 'max'> {
  const demand = resourcesIn(asked, resources, `${pointer}/resources`, faults);
  return max === undefined
    ? { demand }
    : { demand, max: resourcesIn(max, resources, `${pointer}/max`, faults, demand) };
}

/** A capacity, by the names in which resources are written; `otherwise`: of those that are not named. */
export function resourcesIn(
  asked: Readonly<Record<string, number | undefined>>,
  resources: readonly ResourceType[],
  pointer: string,
  faults: Faults,
  otherwise: readonly number[] = resources.map(() => 0),
): number[] {
  const index = new Map(resources.map(({ name }, r) => [writtenName(name), r]));
  const demand = [...otherwise];
  for (const [written, amount] of Object.entries(asked)) {
    const at = `${pointer}/${escapePointer(written)}`;
    const r = index.get(written);
    if (r === undefined) {
      faults.add(at.slice(0, 200), `is not a resource of this site; it has ${[...index.keys()].join(', ')}`);
    } else demand[r] = faults.reading(at, 0, () => amountOf(resources[r]!.name, amount ?? 0));
  }
  return demand;
}

/** How long a lease is to last. */
function durationIn(written: string | number, pointer: string, faults: Faults): number {
  const { least, most } = LEASE_DURATION;
  const duration = faults.reading(pointer, least, () => parseDuration(written));
  if (duration < least || duration > most) {
    faults.add(pointer, `must be ${formatDuration(least)} to ${formatDuration(most)}`);
  }
  return duration;
}

function startOf(body: LeaseRequest, now: Instant, faults: Faults): Start {
  const start = body.start ?? { kind: 'best-effort' };
  const instant = (member: string, text: string): Instant => {
    const pointer = `/start/${member}`;
    const time = faults.reading(pointer, now, () => parseInstant(text));
    if (time > now + START_AHEAD_MAX) faults.add(pointer, `${quoted(text)} lies more than five years ahead`);
    return time;
  };
  switch (start.kind) {
    case 'best-effort':
      return { kind: 'best-effort', before: start.before === undefined ? null : instant('before', start.before) };
    case 'immediate':
      return { kind: 'immediate' };
    case 'advance':
      return { kind: 'advance', at: instant('at', start.at) };
    case 'deadline': {
      const notBefore = start.notBefore === undefined ? now : instant('notBefore', start.notBefore);
      return { kind: 'deadline', notBefore, by: instant('by', start.by) };
    }
  }
}
