/**
 * Preparation: what must be done before a lease can begin, and when it then begins at the earliest. A lease that must be
 * prepared holds a reservation meanwhile, which is neither counted among those of backfilling nor moved.
 */

import { FOREVER, type Instant } from '../kit/time.js';
import type { PoolCounts } from '../model/events.js';
import type { Reason } from '../model/reasons.js';
import type { Lease } from '../state/live-lease.js';
import type { Pool } from '../state/state.js';
import { beginNow, reserve } from './answers.js';
import type { Draft } from './draft.js';
import { needsImages, preparedAt, readiness, sendImages } from './images.js';
import { isMigrating, migrates, migrationBound, migrationSteps } from './migrate.js';
import { isPlain, type NotBefore } from './in-vain.js';
import { type Allowed, earliestFit, type Fit, fitAt, lengthOf } from './place.js';
import { orderMoves } from './steps.js';

/** Where the lease can begin as soon as it is prepared, if it is prepared from now on; null: not then. */
export function soonest(draft: Draft, lease: Lease, cut = false): Fit | null {
  const { now, state } = draft;
  const prepared = preparedAt(draft, lease);
  if (prepared !== null) return fitAt(draft, lease, prepared, cut);
  if (needsImages(draft, lease)) return soonestWithImages(draft, lease, cut);
  if (!migrates(state, lease)) return fitAt(draft, lease, now, cut, mayBegin(draft, lease));
  if (isMigrating(draft, lease)) return null;
  const here = state.policy.estimates === 'exact' ? fitAt(draft, lease, now, cut) : null;
  return here ?? fitAt(draft, lease, now + migrationBound(state, lease), cut);
}

/** At each instant at which images could be there, on the nodes that could have them. */
function soonestWithImages(draft: Draft, lease: Lease, cut: boolean): Fit | null {
  const { times, at } = readiness(draft, lease);
  const begins = mayBegin(draft, lease);
  for (const time of times) {
    const allowed = (pool: Pool) => at(pool) <= time && (time > draft.now || begins === undefined || begins(pool));
    const fit = fitAt(draft, lease, time, cut, allowed);
    if (fit !== null) return fit;
  }
  return null;
}

/** The nodes on which VMs of the lease may be told to start just now; undefined: all. */
function mayBegin(draft: Draft, lease: Lease): Allowed | undefined {
  if ((draft.state.policy.startsMax ?? null) === null) return undefined;
  return (pool) => draft.starts.mayBegin(lease, pool);
}

/** When everything that must be done before its start could be done, wherever that is. */
export function readyAnywhere(draft: Draft, lease: Lease): Instant {
  const { now, state } = draft;
  const prepared = preparedAt(draft, lease);
  if (prepared !== null) return prepared;
  if (needsImages(draft, lease)) return readiness(draft, lease).times.at(-1) ?? now;
  return migrates(state, lease) ? now + migrationBound(state, lease) : now;
}

/** The earliest fit of all, prepared for from now on. */
export function earliest(draft: Draft, lease: Lease, limit: Instant = FOREVER, cut = false): Fit | null {
  const { now, state } = draft;
  const ready = readyAnywhere(draft, lease);
  if (ready === now) return earliestFit(draft, lease, now, limit, cut);
  if (migrates(state, lease) && isMigrating(draft, lease)) return null;
  const soon = soonest(draft, lease, cut);
  if (soon !== null) return soon.from < limit ? soon : null;
  return earliestFit(draft, lease, ready, limit, cut);
}

/** As `earliest`, of leases that are looked for one after another, while room only becomes less. */
export function earliestAmong(draft: Draft, lease: Lease, notBefore: NotBefore): Fit | null {
  if (!isPlain(draft.state, lease)) return earliest(draft, lease);
  const length = lengthOf(draft.state, lease);
  const since = notBefore.of(lease, length, draft.now);
  const fit = since === FOREVER ? null : earliestFit(draft, lease, since, FOREVER);
  notBefore.add(lease, length, fit === null ? FOREVER : fit.from);
  return fit;
}

/** The lease, which holds its fit in the draft, begins now, or is prepared and begins then. False: it cannot just now. */
export function begin(draft: Draft, lease: Lease, fit: Fit): boolean {
  if (fit.from <= draft.now) return beginNow(draft, lease, fit.pools, fit.until);
  reserveAndPrepare(draft, lease, fit, [], true);
  return true;
}

/** A reservation for later. `soon`: it only waits for its preparation. */
export function reserveAndPrepare(
  draft: Draft,
  lease: Lease,
  fit: Fit,
  reasons: readonly Reason[],
  soon: boolean,
): void {
  reserve(draft, lease, fit, reasons, soon);
  prepare(draft, lease, fit.pools);
}

/** Plans what must be done before the lease can begin there, and orders what begins just now. */
export function prepare(draft: Draft, lease: Lease, pools: PoolCounts): void {
  const { state, now } = draft;
  if (needsImages(draft, lease)) sendImages(draft, lease, pools);
  if (!migrates(state, lease)) return;
  const nodes = draft.openNodes.bind(pools);
  const steps = migrationSteps(state, lease, nodes, now);
  if (steps.length === 0) return;
  draft.moving.set(lease, true);
  draft.decisions.push({
    type: 'MigrationPlanned',
    lease: lease.id,
    nodes,
    vms: steps.map((step) => step.vms),
    from: steps.map((step) => step.from),
    until: steps.map((step) => step.until),
  });
  orderMoves(draft, lease, { kind: 'migrate', steps, nodes, next: 0 });
}
