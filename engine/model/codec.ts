/**
 * Turns as JSON and back. Decoding checks every member by one table of shapes: a log is untrusted input.
 * JSON loses -0, NaN and undefined; events hold none of them.
 */

import type { Event, Turn } from './events.js';
import { ON_NODE_LOST } from './lease.js';
import { LOAD_CLASSES } from './load-class.js';
import {
  CodecError,
  check,
  integer,
  decimal,
  text,
  flag,
  oneOf,
  orNull,
  optional,
  list,
  map,
  object,
  tagged,
} from './shapes.js';

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
