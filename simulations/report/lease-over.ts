/** From a lease that has left the state, or never entered it, to what reports say of it. */

import {
  type Command,
  CURRENCY_PARTS,
  expand,
  type Instant,
  type Lease,
  nodesOf,
  type Outcome,
  reason,
  type Rejection,
  type ResourceType,
  type Runs,
  sized,
  type Span,
  type Terms,
  vmCount,
} from '../../engine/index.js';
import { indexOfResource } from '../site-figures.js';
import type { FinishedLease, Migration, Run, Step, Transfer } from './finished-lease.js';

const HOUR = 3_600_000;

/** What a report says of a lease that is over. */
export function finishedLease(lease: Lease, resources: readonly ResourceType[]): FinishedLease {
  const runs: Run[] = [];
  for (const span of lease.spans) if (span.kind === 'run') runs.push(runOf(lease, span, resources));
  const finished = plain(lease.id, lease.terms, lease.vms, lease.submitted, lease.outcome!, resources);
  finished.start = lease.firstStart;
  finished.end = runs.length === 0 ? null : lease.outcome === 'done' ? lease.ended : runs[runs.length - 1]!.end;
  finished.runs = runs;
  finished.preemptions = lease.preemptions;
  finished.reasons = lease.reasons;
  // Most leases only run: what is rare is looked at where there is any.
  const simple = runs.length === lease.spans.length && lease.transfers.length === 0 && lease.offer === null;
  return simple ? finished : { ...finished, ...extras(lease) };
}

function extras(lease: Lease): Partial<FinishedLease> {
  const of = (kind: Span['kind']) => lease.spans.filter((span) => span.kind === kind);
  const steps = (kind: Span['kind']) => of(kind).map((span) => stepOf(lease, span));
  return {
    ...priceOf(lease),
    suspensions: steps('suspension'),
    resumptions: steps('resumption'),
    shutdowns: steps('shutdown'),
    migrations: of('migration').map((span) => migrationOf(lease, span)),
    transfers: lease.transfers.map(({ image, from, until, vms, nodes }) => ({
      image,
      start: from,
      end: until,
      vms,
      nodes,
    })),
  };
}

/** In currency units. */
function priceOf({ offer, terms, vms }: Lease): Pick<FinishedLease, 'price'> {
  if (offer === null) return {};
  const asked = offer.price / CURRENCY_PARTS;
  const surcharge = offer.surcharge / CURRENCY_PARTS;
  const worth = terms.maxRate === undefined ? null : (terms.maxRate / CURRENCY_PARTS) * vms * (terms.duration / HOUR);
  return { price: { asked, surcharge, worth, declined: !offer.accepted } };
}

/** What a report says of a lease whose request was not accepted; null: the command asked for no lease. */
export function notAccepted(
  command: Command,
  rejection: Rejection,
  now: Instant,
  resources: readonly ResourceType[],
): FinishedLease {
  if (command.type !== 'SubmitLease') throw new RangeError(`${command.type} was not accepted: ${rejection.detail}`);
  const why = reason(rejection.code === 'start-in-past' ? 'start-in-past' : 'not-accepted');
  const { lease, terms } = command;
  return { ...plain(lease, terms, vmCount(terms), now, 'rejected', resources), reasons: [why] };
}

/** While it is put together. */
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const NO_REASONS: FinishedLease['reasons'] = [];
const NO_RUNS: readonly Run[] = [];
const NO_STEPS: readonly Step[] = [];
const NO_MIGRATIONS: readonly Migration[] = [];
const NO_TRANSFERS: readonly Transfer[] = [];

function plain(
  id: string,
  terms: Terms,
  vms: number,
  submit: Instant,
  state: Outcome,
  resources: readonly ResourceType[],
): Mutable<FinishedLease> {
  return {
    id,
    kind: terms.start.kind,
    state,
    submit,
    start: null,
    end: null,
    vms,
    cpu: cpuOf(terms, resources),
    requested: terms.duration,
    runs: NO_RUNS,
    preemptions: 0,
    suspensions: NO_STEPS,
    resumptions: NO_STEPS,
    shutdowns: NO_STEPS,
    migrations: NO_MIGRATIONS,
    transfers: NO_TRANSFERS,
    reasons: NO_REASONS,
    terms,
  };
}

/** Cpu of all VMs together, in thousandths. */
export function cpuOf(terms: Terms, resources: readonly ResourceType[]): number {
  const cpu = indexOfResource(resources, 'cpu');
  if (cpu < 0) return 0;
  return terms.groups.reduce((sum, group) => sum + group.vms * group.demand[cpu]!, 0);
}

function runOf(lease: Lease, span: Span, resources: readonly ResourceType[]): Run {
  const run = { start: span.from, end: span.until!, nodes: span.nodes };
  return span.demands === undefined ? run : { ...run, cpu: cpuOfSpan(lease, span, resources) };
}

/** Cpu of all VMs together while they ran so, in thousandths. */
export function cpuOfSpan({ terms }: Lease, { demands }: Span, resources: readonly ResourceType[]): number {
  return cpuOf(demands === undefined ? terms : sized(terms, demands), resources);
}

function stepOf(lease: Lease, span: Span): Step {
  const vms: Runs = span.vms ?? [1, lease.vms];
  return { start: span.from, end: span.until!, vms, nodes: nodesOf(span.nodes, vms) };
}

function migrationOf(lease: Lease, span: Span): Migration {
  const vms = expand(span.vms ?? [1, lease.vms]);
  const from = expand(span.nodes);
  const to = expand(span.to!);
  const moves = vms.map((vm) => ({ vm, from: from[vm - 1]!, to: to[vm - 1]! }));
  return { start: span.from, end: span.until!, moves };
}
