/**
 * Turns as JSON and back. Decoding checks every member by one table of shapes: a log is untrusted input.
 * JSON loses -0, NaN and undefined; events hold none of them.
 */

import { unreachable } from '../kit/assert.js';
import { isDecimal } from '../kit/decimal.js';
import type { Event, Turn } from './events.js';
import { ON_NODE_LOST } from './lease.js';
import { LOAD_CLASSES } from './load-class.js';

export class CodecError extends Error {
  override readonly name = 'CodecError';
}

/** One line of JSON, members in the order of construction. */
export function encodeTurn(turn: Turn): string {
  return JSON.stringify(turn);
}

/** The opposite of `encodeTurn`. Throws a CodecError that names the member at fault. */
export function decodeTurn(text: string): Turn {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CodecError(`not JSON: ${(error as Error).message}`);
  }
  check(value, TURN, 'turn');
  return value as Turn;
}

/** A shape: what a JSON value must look like. */
type Shape =
  | { readonly kind: 'integer' | 'decimal' | 'string' | 'boolean' }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  | { readonly kind: 'nullable' | 'optional'; readonly of: Shape }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape }
  | { readonly kind: 'object'; readonly fields: readonly (readonly [string, Shape])[] }
  | { readonly kind: 'tagged'; readonly tag: string; readonly cases: ReadonlyMap<string, Shape> };

const integer: Shape = { kind: 'integer' };
/** To three places: only ever divided by, so that no sum depends on its order. */
const decimal: Shape = { kind: 'decimal' };
const text: Shape = { kind: 'string' };
const flag: Shape = { kind: 'boolean' };
const oneOf = (...values: string[]): Shape => ({ kind: 'one-of', values });
const orNull = (of: Shape): Shape => ({ kind: 'nullable', of });
/** A member that may be left out: it came later than logs that are still read. */
const optional = (of: Shape): Shape => ({ kind: 'optional', of });
const list = (of: Shape): Shape => ({ kind: 'list', of });
const map = (of: Shape): Shape => ({ kind: 'map', of });
const object = (fields: Record<string, Shape>): Shape => ({ kind: 'object', fields: Object.entries(fields) });
const tagged = (tag: string, cases: Record<string, Record<string, Shape>>): Shape => ({
  kind: 'tagged',
  tag,
  cases: new Map(Object.entries(cases).map(([name, fields]) => [name, object({ [tag]: text, ...fields })])),
});

const runs = list(integer);

const REASON = object({
  code: text,
  blockers: list(text),
  more: integer,
  resource: orNull(text),
  need: orNull(integer),
  have: orNull(integer),
  earliestRelease: orNull(integer),
  detail: optional(text),
});

export const TERMS = object({
  groups: list(
    object({
      name: orNull(text),
      vms: integer,
      demand: list(integer),
      max: optional(list(integer)),
      image: orNull(text),
      writesImage: optional(flag),
    }),
  ),
  duration: integer,
  start: tagged('kind', {
    'best-effort': { before: orNull(integer) },
    immediate: {},
    advance: { at: integer },
    deadline: { notBefore: integer, by: integer },
  }),
  preemptible: flag,
  where: orNull(
    object({ labels: map(text), requirements: orNull(text), rank: orNull(text), nodes: optional(list(integer)) }),
  ),
  name: orNull(text),
  user: orNull(text),
  project: orNull(text),
  labels: orNull(map(text)),
  imageSize: optional(integer),
  held: optional(flag),
  after: optional(list(object({ lease: text, on: oneOf('start', 'end') }))),
  priority: optional(integer),
  maxRate: optional(integer),
  onNodeLost: optional(oneOf(...ON_NODE_LOST)),
  warnings: optional(list(integer)),
  machine: optional(text),
  readyWithin: optional(integer),
  quoted: optional(object({ start: integer, price: orNull(integer) })),
});

const limit = orNull(integer);
const QUOTA = object({ leases: limit, vms: limit, cpu: limit, advance: limit });

export const POLICY = object({
  rules: integer,
  backfilling: tagged('kind', {
    none: {},
    easy: {},
    intermediate: { depth: integer },
    conservative: {},
    sticky: { depth: orNull(integer) },
  }),
  candidatesMax: orNull(integer),
  queueOrder: oneOf('arrival', 'priority'),
  priorityWeight: integer,
  ageWeight: integer,
  ageMax: integer,
  fairShare: orNull(object({ by: oneOf('user', 'project'), halfLife: integer, weight: integer, shares: map(integer) })),
  admission: text,
  minimumNotice: integer,
  approval: optional(
    list(
      object({
        kinds: optional(list(oneOf('best-effort', 'immediate', 'advance', 'deadline'))),
        projects: optional(list(text)),
        vmsOver: optional(integer),
        cpuOver: optional(integer),
        durationOver: optional(integer),
      }),
    ),
  ),
  quotas: object({ user: orNull(QUOTA), project: orNull(QUOTA), projects: optional(map(QUOTA)) }),
  pricing: tagged('kind', {
    free: {},
    constant: { rate: integer },
    random: { min: integer, max: integer, seed: integer },
    maximum: {},
    adaptive: { rate: integer },
  }),
  preemptors: list(oneOf('advance', 'immediate', 'deadline')),
  victims: optional(list(oneOf('best-effort', 'immediate', 'deadline'))),
  victimOrder: text,
  victimChoice: oneOf('fewest', 'in-order'),
  victimAgeMax: orNull(integer),
  deadlineExactSlack: integer,
  suspension: oneOf('none', 'serial-only', 'all'),
  suspendRate: decimal,
  resumeRate: decimal,
  suspendTime: orNull(integer),
  resumeTime: orNull(integer),
  suspendExclusion: oneOf('local', 'global'),
  suspendExclusionAcross: flag,
  estimates: oneOf('exact', 'haizea'),
  suspendAhead: flag,
  suspendThreshold: orNull(integer),
  suspendThresholdFactor: integer,
  enactmentOverhead: integer,
  shutdownTime: integer,
  wholeSeconds: flag,
  migration: oneOf('no', 'yes', 'no-transfer'),
  migrationRate: integer,
  liveMigration: optional(oneOf('no', 'asked', 'maintenance')),
  preparation: oneOf('none', 'transfer'),
  imageRate: integer,
  imageTransferTime: orNull(integer),
  imageTransfer: oneOf('unicast', 'multicast'),
  imagePiggyback: flag,
  imageReuse: oneOf('none', 'cache'),
  imageCacheMax: orNull(integer),
  imagePrefetch: optional(flag),
  nodeChoice: text,
  nodeChoiceOptions: map(integer),
  overcommit: optional(map(integer)),
  startsMax: optional(orNull(integer)),
  packing: oneOf('search', 'next-fit'),
  attemptsMax: integer,
  orderTimeout: orNull(integer),
});

const NODE_CLASS = object({
  first: integer,
  count: integer,
  capacity: list(integer),
  leasable: optional(list(integer)),
  exclusive: flag,
  labels: map(text),
  names: orNull(list(text)),
  units: map(list(text)),
});

const units = orNull(map(list(list(text))));
const ordered = { order: text, lease: text, deadline: orNull(integer), after: list(text) };
const seen = { at: integer, lease: text, order: text };
const reasons = list(REASON);

const ACT = oneOf('reboot', 'reset', 'pause', 'unpause', 'move-disks');

const REQUESTS = {
  EpochClaimed: { epoch: integer, by: optional(text), url: optional(text) },
  PolicyAdopted: { policy: POLICY },
  SiteDeclared: { resources: list(object({ name: text, kind: oneOf('amount', 'units') })) },
  NodesAdded: { nodes: NODE_CLASS },
  NodeLabelled: { node: integer, labels: map(orNull(text)) },
  MaintenancePlanned: {
    window: text,
    nodes: list(integer),
    from: integer,
    until: integer,
    reason: orNull(text),
    drain: optional(flag),
  },
  MaintenanceCancelled: { window: text },
  NodeDrained: { node: integer, how: optional(oneOf('migrate', 'suspend')) },
  NodeRestored: { node: integer },
  NodeRemoved: { node: integer },
  NodeGivenUp: { node: integer },
  LeaseRequested: { lease: text, terms: TERMS, key: orNull(object({ id: text, hash: text })) },
  LeaseCancelled: { lease: text },
  LeaseHeld: { lease: text },
  LeaseReleased: { lease: text },
  LeaseApproved: { lease: text, by: text },
  ApprovalRefused: { lease: text, by: text, text: orNull(text) },
  LeaseSuspensionRequested: { lease: text },
  LeaseMigrationRequested: { lease: text, vms: optional(runs), nodes: orNull(list(integer)) },
  LeaseChangeRequested: { lease: text, duration: integer },
  LeaseActRequested: { lease: text, act: ACT, vms: orNull(runs), to: optional(text) },
  LeaseResizeRequested: {
    lease: text,
    demands: list(list(integer)),
    cold: optional(flag),
    revertAfter: optional(integer),
  },
  LeaseResizeSettled: { lease: text, how: oneOf('confirm', 'revert') },
  LeaseRecoveryRequested: { lease: text, how: oneOf('retry', 'recreate', 'force') },
  NoteKept: { key: text, value: orNull(text) },
};

/** Requests may say which trace they are of, see Traced. */
const INPUT = tagged('type', {
  ...Object.fromEntries(
    Object.entries(REQUESTS).map(([type, fields]) => [type, { ...fields, traceparent: optional(text) }]),
  ),
  VmsStarted: { ...seen, vms: orNull(runs) },
  VmsSuspended: { ...seen, vms: orNull(runs), stoppedAt: integer },
  VmsResumed: { ...seen, vms: orNull(runs) },
  VmsMigrated: { ...seen, vms: orNull(runs) },
  VmsLiveMigrated: { ...seen, vms: orNull(runs) },
  VmsStopped: { ...seen, vms: orNull(runs) },
  VmsActed: { ...seen, vms: orNull(runs) },
  VmsResized: { ...seen, vms: orNull(runs) },
  ImageTransferred: seen,
  LeaseEnded: seen,
  OrderFailed: { ...seen, detail: text },
  NodeLost: { at: integer, node: integer },
  NodeUnreachable: { at: integer, node: integer },
  NodeFound: { at: integer, node: integer },
  NodeLoadObserved: { at: integer, node: integer, load: oneOf(...LOAD_CLASSES) },
  TurnsMissed: { at: integer, since: integer },
});

export const DECISION = tagged('type', {
  StartOrdered: { ...ordered, until: integer, nodes: runs, units },
  SuspendOrdered: { ...ordered, vms: runs, until: integer },
  ResumeOrdered: { ...ordered, vms: runs, nodes: runs, until: integer, units },
  TransferOrdered: { ...ordered, transfer: integer, image: text, size: integer, nodes: runs, until: integer },
  MigrateOrdered: { ...ordered, vms: runs, nodes: runs, until: integer },
  LiveMigrateOrdered: { ...ordered, vms: runs, nodes: runs, until: integer, units },
  StopOrdered: {
    ...ordered,
    until: integer,
    cause: oneOf('time-over', 'cancelled', 'preempted', 'failed', 'node-lost'),
    // biome-ignore lint/suspicious/noThenProperty: the event's own word; the object is never awaited
    then: oneOf('over', 'queue'),
    reasons,
  },
  ActOrdered: { ...ordered, act: ACT, vms: orNull(runs), to: optional(text) },
  ResizeOrdered: { ...ordered, demands: list(list(integer)), cold: optional(flag), revertAfter: optional(integer) },
  Reserved: { lease: text, from: integer, until: integer, pools: list(integer), soon: flag, reasons },
  ReservationsMoved: {
    leases: list(text),
    from: list(integer),
    until: list(integer),
    pools: list(list(integer)),
    cause: oneOf('capacity-released', 'capacity-lost', 'made-room', 'turns-missed'),
  },
  ReservationDropped: { lease: text, reasons },
  Refused: { lease: text, outcome: oneOf('rejected', 'expired'), reasons },
  SuspensionPlanned: {
    lease: text,
    by: integer,
    vms: list(runs),
    from: list(integer),
    until: list(integer),
    resumption: optional(object({ from: integer, until: integer, pools: list(integer) })),
    reasons,
  },
  ResumptionPlanned: {
    lease: text,
    until: integer,
    nodes: runs,
    vms: list(runs),
    from: list(integer),
    ready: list(integer),
    units,
  },
  MigrationPlanned: { lease: text, nodes: runs, vms: list(runs), from: list(integer), until: list(integer) },
  TransferPlanned: {
    lease: text,
    transfer: integer,
    image: text,
    size: integer,
    from: integer,
    until: integer,
    vms: runs,
    nodes: runs,
  },
  PreparationDropped: { lease: text },
  TransferJoined: { lease: text, transfer: integer, vms: runs, nodes: runs },
  TransfersMoved: { transfers: list(integer), from: list(integer), until: list(integer) },
  StopPlanned: { lease: text, at: integer, reasons },
  PreemptionLifted: { lease: text, until: integer },
  Requeued: { lease: text, reasons },
  Failed: { lease: text, reasons },
  UntilMoved: { lease: text, until: integer },
  UntilKept: { lease: text, reasons },
  DurationChanged: { lease: text, duration: integer, until: integer, pools: orNull(list(integer)) },
  ChangeRefused: { lease: text, reasons },
  Priced: { lease: text, rate: integer, price: integer, surcharge: integer, accepted: flag },
  ApprovalAwaited: { lease: text, until: orNull(integer), reasons },
  LeaseEnding: { lease: text, end: integer, before: integer },
  OrderOverdue: { lease: text, order: text },
});

const head = { number: integer, now: integer, inputs: list(INPUT) };
/** A turn without its decisions. */
export const HEAD = object(head);
const TURN = object({ ...head, decisions: list(DECISION) });

/** Names of all events, for tests that must see each of them. */
export const EVENT_TYPES: readonly Event['type'][] = [INPUT, DECISION].flatMap((shape) =>
  shape.kind === 'tagged' ? ([...shape.cases.keys()] as Event['type'][]) : [],
);

/** Throws a CodecError unless `value` has the shape, and no member more. O(size of value). */
export function check(value: unknown, shape: Shape, path: string): void {
  switch (shape.kind) {
    case 'integer':
      if (!Number.isSafeInteger(value)) throw wrong(path, 'a whole number below 2^53', value);
      return;
    case 'decimal':
      if (!isDecimal(value)) throw wrong(path, 'a number of at most three decimals', value);
      return;
    case 'string':
      if (typeof value !== 'string') throw wrong(path, 'a string', value);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(path, 'true or false', value);
      return;
    case 'one-of':
      if (!shape.values.includes(value as string)) throw wrong(path, shape.values.join(' or '), value);
      return;
    case 'nullable':
      if (value !== null) check(value, shape.of, path);
      return;
    case 'optional':
      check(value, shape.of, path);
      return;
    case 'list':
      if (!Array.isArray(value)) throw wrong(path, 'a list', value);
      for (let i = 0; i < value.length; i++) check(value[i], shape.of, path);
      return;
    case 'map':
      for (const member of Object.values(record(value, path))) check(member, shape.of, path);
      return;
    case 'object':
      checkObject(record(value, path), shape.fields, path);
      return;
    case 'tagged': {
      const members = record(value, path);
      const of = shape.cases.get(members[shape.tag] as string);
      if (of === undefined)
        throw wrong(`${path}.${shape.tag}`, [...shape.cases.keys()].join(' or '), members[shape.tag]);
      check(value, of, `${path}.${members[shape.tag] as string}`);
      return;
    }
    default:
      unreachable(shape);
  }
}

function checkObject(members: Record<string, unknown>, fields: readonly (readonly [string, Shape])[], path: string) {
  let absent = 0;
  for (const [name, shape] of fields) {
    const member = members[name];
    // Spelled out for the commonest shape: it is most of the cost of reading a log.
    if (shape.kind === 'integer' && Number.isSafeInteger(member)) continue;
    if (member === undefined && shape.kind === 'optional') {
      absent++;
      continue;
    }
    if (member === undefined) throw new CodecError(`${path}.${name} is missing`);
    check(member, shape, `${path}.${name}`);
  }
  const names = Object.keys(members);
  if (names.length > fields.length - absent) {
    const known = new Set(fields.map(([name]) => name));
    throw new CodecError(`${path}.${names.find((name) => !known.has(name))} is not known`);
  }
}

function record(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(path, 'an object', value);
  return value as Record<string, unknown>;
}

function wrong(path: string, expected: string, got: unknown): CodecError {
  return new CodecError(`${path} must be ${expected}, not ${shown(got)}`);
}

/** Never the whole of it: it may be of any size and depth. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
