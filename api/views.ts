/** What clients see of leases, decisions and nodes: built from the follower's records, in the formats of HTTP. */

import {
  type Capacity,
  CURRENCY_PARTS,
  format,
  type Former,
  type Group,
  type Instant,
  type Lease,
  type LeaseId,
  onNodeLostOf,
  type Reason,
  type Span,
  type StateView,
  type Terms,
  type Warning,
} from '../engine/index.js';
import { writtenReason } from '../simulations/story/reasons.js';
import type { Caller } from './access/caller.js';
import { reasonWithin, type Sight } from './access/sight.js';
import type { FollowerView } from './follower.js';
import { type Condition, type LeaseRecord, leaseState } from './records/lease-record.js';
import { formatDuration, formatInstant, formatInstantOrNull, writtenCapacity } from './formats.js';
import type { VmAddress } from './hosts/samples.js';
import type { Personal, Said } from './personal.js';
import { Problem, quoted } from './problems.js';
import type { LeaseView, ReasonView } from './schemas/lease.js';

/** The lease as it is now. */
export function leaseView(record: LeaseRecord, state: StateView, personal: Personal, sight: Sight): LeaseView {
  const { lease } = record;
  return viewOf(lease, state, {
    said: personal.open(lease.terms),
    sight,
    ended: record.ended,
    reasons: record.reasons,
    conditions: record.conditions,
    changed: record.changed,
  });
}

/** By which its VMs are reached: what is known beside the log, as part of its view. */
export function reached(
  lease: LeaseId,
  addresses: ReadonlyMap<LeaseId, readonly VmAddress[]> | undefined,
): Pick<LeaseView, 'addresses'> {
  const found = addresses?.get(lease);
  return found === undefined ? {} : { addresses: found.map((one) => ({ ...one })) };
}

/**
 * The lease as it was answered when it was submitted: as the decisions of that turn left it. For a client that asks
 * again with the same idempotency key.
 */
export function submittedView(record: LeaseRecord, state: StateView, personal: Personal, sight: Sight): LeaseView {
  const { lease, submittedTurn } = record;
  const first = record.decisions.filter(({ turn }) => turn === submittedTurn);
  const at = lease.submitted;
  const then: Lease = {
    ...lease,
    phase: 'waiting',
    outcome: null,
    nodes: null,
    pools: null,
    loads: null,
    clockFrom: null,
    former: null,
    firstStart: null,
    terms: record.asked,
    held: record.asked.held ?? false,
    warned: null,
    remaining: record.asked.duration,
    spans: [],
  };
  let reasons: readonly Reason[] = [];
  for (const { decision } of first) {
    if ('reasons' in decision && decision.reasons.length > 0) reasons = decision.reasons;
    if (decision.type === 'StartOrdered') {
      Object.assign(then, { phase: 'starting', nodes: decision.nodes, loads: [], from: at, until: decision.until });
      reasons = [];
    } else if (decision.type === 'Reserved') {
      const { from, until, pools } = decision;
      Object.assign(then, { phase: 'reserved', pools, loads: [], from, until });
    } else if (decision.type === 'Refused') Object.assign(then, { phase: 'over', outcome: decision.outcome });
  }
  const conditions = record.conditions.map(
    ({ type }): Condition => ({
      type,
      status: type === 'reserved' ? then.phase === 'reserved' : type === 'awaiting-approval',
      since: at,
      turn: submittedTurn,
    }),
  );
  const ended = then.phase === 'over' ? at : null;
  const said = personal.open(record.asked);
  return viewOf(then, state, { said, sight, ended, reasons, conditions, changed: submittedTurn });
}

interface About {
  readonly said: Said;
  readonly sight: Sight;
  readonly ended: Instant | null;
  readonly reasons: readonly Reason[];
  readonly conditions: readonly Condition[];
  readonly changed: number;
}

function viewOf(lease: Lease, state: StateView, about: About): LeaseView {
  const { terms } = lease;
  const planned = lease.outcome === null && lease.loads !== null;
  return {
    id: lease.id,
    name: about.said.name,
    state: leaseState(lease),
    kind: terms.start.kind,
    user: terms.user,
    project: terms.project,
    labels: { ...about.said.labels },
    vms: lease.vms,
    groups: terms.groups.map((group) => groupView(group, state)),
    ...(lease.former === null ? {} : { revert: revertView(lease.former, state) }),
    duration: formatDuration(terms.duration),
    start: startView(terms),
    preemptible: terms.preemptible,
    priority: terms.priority ?? 0,
    maxRate: terms.maxRate === undefined ? null : terms.maxRate / CURRENCY_PARTS,
    price: lease.offer === null ? null : lease.offer.price / CURRENCY_PARTS,
    onNodeLost: onNodeLostOf(terms),
    held: lease.held,
    after: (terms.after ?? []).filter(({ lease: id }) => about.sight.sees(id)).map((dependency) => ({ ...dependency })),
    where: whereView(terms),
    warnings: (terms.warnings ?? []).map(formatDuration),
    warned: lease.warned === null ? null : warningView(lease.warned),
    submitted: formatInstant(lease.submitted),
    from: planned ? formatInstant(lease.from) : null,
    until: planned ? formatInstant(lease.until) : null,
    firstStart: formatInstantOrNull(lease.firstStart),
    ended: formatInstantOrNull(about.ended),
    remaining: lease.outcome === null ? formatDuration(lease.remaining) : null,
    nodes: lease.outcome === null && lease.nodes !== null ? format(lease.nodes) : null,
    runs: spanViews(lease, 'run'),
    suspensions: spanViews(lease, 'suspension'),
    resumptions: spanViews(lease, 'resumption'),
    reasons: about.reasons.map((reason) => reasonView(reason, state, about.sight)),
    conditions: about.conditions.map(({ type, status, since, turn }) => ({
      type,
      status,
      since: formatInstant(since),
      turn,
    })),
    turn: about.changed,
  };
}

function warningView({ end, before }: Warning): LeaseView['warned'] {
  return { end: formatInstant(end), before: formatDuration(before) };
}

function groupView(group: Group, state: StateView): LeaseView['groups'][number] {
  return {
    name: group.name,
    vms: group.vms,
    resources: demandView(group.demand, state),
    ...(group.max === undefined ? {} : { max: demandView(group.max, state) }),
    image: group.image,
  };
}

function revertView({ at, demands }: Former, state: StateView): NonNullable<LeaseView['revert']> {
  return { at: formatInstant(at), groups: demands.map((demand) => demandView(demand, state)) };
}

/** Only what is asked for. */
export function demandView(demand: Capacity, state: StateView): Record<string, number> {
  const written = writtenCapacity(state.resources, demand);
  return Object.fromEntries(Object.entries(written).filter(([, amount]) => amount > 0));
}

function whereView({ where }: Terms): LeaseView['where'] {
  if (where === null) return null;
  return { ...where, labels: { ...where.labels }, nodes: where.nodes === undefined ? null : [...where.nodes] };
}

function startView({ start }: Terms): LeaseView['start'] {
  switch (start.kind) {
    case 'best-effort':
      return { kind: start.kind, before: formatInstantOrNull(start.before) };
    case 'immediate':
      return { kind: start.kind };
    case 'advance':
      return { kind: start.kind, at: formatInstant(start.at) };
    case 'deadline':
      return { kind: start.kind, notBefore: formatInstant(start.notBefore), by: formatInstant(start.by) };
  }
}

function spanViews(lease: Lease, kind: Span['kind']): LeaseView['runs'] {
  return lease.spans
    .filter((span) => span.kind === kind)
    .map(({ from, until, vms, nodes }) => ({
      from: formatInstant(from),
      until: formatInstantOrNull(until),
      vms: format(vms ?? [1, lease.vms]),
      nodes: format(nodes),
    }));
}

/** What is foreign to whoever reads it has no name in it. */
export function reasonView(reason: Reason, state: StateView, sight: Sight): ReasonView {
  return writtenReason(reasonWithin(reason, sight), state.resources);
}

/** The lease's ETag: the turn of its last change. */
export function etagOf(turn: number): string {
  return `"${turn}"`;
}

/** The record of a lease that a client names. One that is foreign to them does not exist. */
export function recordOf(follower: FollowerView, id: string, caller: Caller): LeaseRecord {
  const record = follower.record(id);
  if (record === undefined || !caller.sees(record.lease.terms))
    throw new Problem('lease-unknown', `there is no lease ${quoted(id)}`);
  return record;
}

/** As `recordOf`, to change it: others may not, although they see it. */
export function recordToChange(follower: FollowerView, id: string, caller: Caller): LeaseRecord {
  const record = recordOf(follower, id, caller);
  if (caller.mayChange(record.lease.terms)) return record;
  throw new Problem(
    'forbidden',
    `lease ${id} is somebody else's: its user, a project admin or an operator may do that`,
  );
}

/** The record of lease `id`, for callers that know it exists. */
export function knownRecord(follower: FollowerView, id: string): LeaseRecord {
  const record = follower.record(id);
  if (record === undefined) throw new Error(`the follower does not know lease ${id}, which was answered`);
  return record;
}
