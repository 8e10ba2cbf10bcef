/** The part of `decide` about what clients change: leases held and released, how long they last, and what follows what. */

import { DURATION_MAX, INSTANT_MAX, type Duration, type Instant } from '../kit/time.js';
import { type Command, REPEAT_MAX, type Rejection } from '../model/commands.js';
import type { Request } from '../model/events.js';
import { DEPENDENCIES_MAX, type LeaseId, type Terms, WARNINGS_MAX } from '../model/lease.js';
import { needsApproval } from './approval.js';
import { hasHappened } from './dependents.js';
import { isMoving } from './moves.js';
import { isResizing, UNSETTLED } from './sizes.js';
import { isQueued, type Lease } from './live-lease.js';
import type { StateView } from './state.js';

/** What is asked for, as it is logged: nothing where it is so already. Or why it is not accepted. */
type Wish = readonly Request[] | Rejection;

export function cancelled(lease: Lease): Wish {
  return lease.cancelled ? NOTHING : [{ type: 'LeaseCancelled', lease: lease.id }];
}

export function held(lease: Lease): Wish {
  if (lease.held) return NOTHING;
  if (lease.terms.start.kind !== 'best-effort') return inState(lease, 'begins when it was asked to; it is not held');
  if (isQueued(lease) && !lease.cancelled) return [{ type: 'LeaseHeld', lease: lease.id }];
  return inState(lease, `is ${phaseOf(lease)}; only leases that wait can be held`);
}

export function released(lease: Lease): Wish {
  return lease.held ? [{ type: 'LeaseReleased', lease: lease.id }] : NOTHING;
}

/** The same, by how much or until when, and in one direction only: nobody makes shorter what he wants longer. */
export function withOtherEnd(
  state: StateView,
  lease: Lease,
  { type, to, approver }: Command & { type: 'ExtendLease' | 'ShrinkLease' },
  now: Instant,
): Wish {
  const longer = type === 'ExtendLease';
  const asked = state.changes.find((one) => one.lease === lease)?.duration ?? lease.terms.duration;
  let duration: Duration;
  if ('by' in to) {
    if (!whole(to.by, 1, DURATION_MAX)) return invalid('not a duration, or none at all', '/by');
    duration = longer ? asked + to.by : asked - to.by;
    if (duration < 1) return invalid('nothing would be left of it', '/by');
  } else if ('until' in to) {
    const ends = endsAt(lease);
    if (ends === null)
      return inState(lease, `is ${phaseOf(lease)}, and nobody knows when it ends: say by how much, or how long in all`);
    if (!whole(to.until, now, INSTANT_MAX)) return invalid('lies in the past', '/until');
    duration = lease.terms.duration + to.until - ends;
  } else duration = to.duration;
  const pointer = `/${Object.keys(to)[0]!}`;
  if (longer && duration < asked) return invalid('it would be shorter then: shrink it', pointer);
  if (!longer && duration > asked) return invalid('it would be longer then: extend it', pointer);
  const wish = lasting(state, lease, duration, now, approver);
  return 'code' in wish && wish.pointer !== null ? { ...wish, pointer } : wish;
}

/** When its time is over, if nothing comes in between; null: it does not run, and was not promised its start. */
function endsAt(lease: Lease): Instant | null {
  if (lease.clockFrom !== null) return lease.clockFrom + lease.remaining;
  if (lease.terms.start.kind === 'advance' && lease.firstStart === null) return lease.terms.start.at + lease.remaining;
  return null;
}

/** Saved as soon as that can be, and on hold from then on. Whether it can be in time, is a decision. */
export function suspended(state: StateView, lease: Lease): Wish {
  const { kind } = lease.terms.start;
  const { suspension } = state.policy;
  if (lease.cancelled || lease.phase === 'stopping') return inState(lease, `is ${phaseOf(lease)}`);
  if (kind === 'advance' || kind === 'deadline')
    return inState(lease, `was promised its time (${kind}), and nothing could be kept for its return; make it shorter`);
  if (lease.held && !isWaiting(lease)) return NOTHING;
  switch (lease.phase) {
    case 'suspending':
    case 'suspended':
      return [{ type: 'LeaseHeld', lease: lease.id }];
    case 'active':
      if (suspension === 'none' || (suspension === 'serial-only' && lease.vms > 1))
        return inState(lease, `cannot be saved: the policy has suspension: ${suspension}`);
      if (isMoving(state, lease)) return inState(lease, 'is being moved; try again when that is done');
      if (isResizing(state, lease)) return inState(lease, 'is being resized; try again when that is done');
      if (lease.former !== null) return inState(lease, UNSETTLED);
      if (state.changes.some((change) => change.lease === lease))
        return inState(lease, 'is to last longer, and that is not answered yet; try again');
      return [{ type: 'LeaseSuspensionRequested', lease: lease.id }];
    default:
      return inState(
        lease,
        `is ${lease.phase}; only leases that run are suspended${isWaiting(lease) ? ': hold it' : ''}`,
      );
  }
}

/** A suspended lease waits for its return; one that is to be suspended stays, if that has not begun. */
export function resumed(lease: Lease): Wish {
  if (isWaiting(lease)) return inState(lease, `is ${phaseOf(lease)}, and has nothing to resume`);
  return released(lease);
}

/** Whether the lease has not begun. */
function isWaiting({ phase }: Lease): boolean {
  return phase === 'waiting' || phase === 'reserved';
}

/** Whether the lease can last longer where it is, is a decision. */
export function lasting(
  state: StateView,
  lease: Lease,
  duration: Duration,
  now: Instant,
  approver: string | undefined,
): Wish {
  if (!whole(duration, 1, DURATION_MAX))
    return invalid('a duration is a whole number of milliseconds from 1 to 1,000 years', '/duration');
  if (lease.terms.start.kind === 'deadline') return inState(lease, 'has a deadline; its duration stays as it is');
  if (lease.cancelled || lease.phase === 'stopping' || lease.phase === 'suspending')
    return inState(lease, `is ${phaseOf(lease)}; its duration stays as it is`);
  const leaves = lease.planAfter !== null || (lease.plan !== null && lease.phase === 'starting');
  if (leaves) return inState(lease, 'is to make room for another as soon as it runs; try again then');
  if (isMoving(state, lease) && duration > lease.terms.duration)
    return inState(lease, 'is being moved; try again when that is done');
  if (isResizing(state, lease) && duration > lease.terms.duration)
    return inState(lease, 'is being resized; try again when that is done');
  const change = state.changes.find((one) => one.lease === lease);
  if (change?.duration === null) return inState(lease, 'is to be suspended, and that is not answered yet; try again');
  const asked = change?.duration ?? lease.terms.duration;
  if (duration === asked) return NOTHING;
  const ran = lease.terms.duration - lease.remaining + (lease.clockFrom === null ? 0 : now - lease.clockFrom);
  const request: Request = { type: 'LeaseChangeRequested', lease: lease.id, duration };
  if (duration > asked && !lease.unapproved && needsApproval(state, lease, duration))
    return approver === undefined
      ? inState(lease, 'needs an approval to last so long: ask somebody who may approve leases to extend it')
      : [{ type: 'LeaseApproved', lease: lease.id, by: approver }, request];
  if (duration > ran) return [request];
  return invalid(
    `it has run for ${Math.ceil(ran / 1000)} seconds already, and must last longer than that`,
    '/duration',
  );
}

const NOTHING: readonly Request[] = [];

/** What is said of a lease that none can wait for; also of one that the client must not know of. */
export const NO_SUCH_DEPENDENCY = 'there is no such lease, or it is over and did not end well';

/** What is wrong with `held` and `after`, if anything. */
export function faultOfWaiting(state: StateView, { start, held, after }: Terms): Rejection | null {
  const queued = start.kind === 'best-effort';
  if (held === true && !queued) return invalid('only best-effort leases can be held', '/held');
  if (after === undefined) return null;
  if (!queued) return invalid('only best-effort leases wait for others', '/after');
  if (after.length > DEPENDENCIES_MAX) return invalid(`a lease waits for at most ${DEPENDENCIES_MAX} others`, '/after');
  for (const [index, { lease: id, on }] of after.entries()) {
    if (state.leases.has(id)) continue;
    const over = state.over.find((lease) => lease.id === id); // what it waits for may be what this turn has brought
    if (over === undefined || !hasHappened(over, on)) return invalid(NO_SUCH_DEPENDENCY, `/after/${index}/lease`);
  }
  return null;
}

/** What is wrong with `warnings`, if anything. */
export function faultOfWarnings({ warnings, duration }: Terms): Rejection | null {
  if (warnings === undefined) return null;
  if (warnings.length < 1 || warnings.length > WARNINGS_MAX)
    return invalid(`a lease has 1 to ${WARNINGS_MAX} warnings, or none`, '/warnings');
  for (const [index, before] of warnings.entries()) {
    if (!whole(before, 1, duration)) return invalid('a warning comes within its duration', `/warnings/${index}`);
    if (index > 0 && before >= warnings[index - 1]!)
      return invalid('warnings are given longest first, each once', `/warnings/${index}`);
  }
  return null;
}

/** A lease of a series: its id and its terms. */
export interface Member {
  readonly lease: LeaseId;
  readonly terms: Terms;
}

/** What a command asks for: one lease, or all of a series. */
export function membersOf({ lease, terms, repeat }: Command & { type: 'SubmitLease' }): readonly Member[] | Rejection {
  if (repeat === undefined) return [{ lease, terms }];
  const { start } = terms;
  if (start.kind !== 'advance') return invalid('only advance leases are repeated', '/repeat');
  if (!whole(repeat.times, 1, REPEAT_MAX)) return invalid(`1 to ${REPEAT_MAX} times`, '/repeat/times');
  if (!whole(repeat.every, 1, DURATION_MAX)) return invalid('not a duration', '/repeat/every');
  if (!whole(start.at + repeat.every * (repeat.times - 1), 0, INSTANT_MAX))
    return invalid('the last of them begins too late', '/repeat');
  return Array.from({ length: repeat.times }, (_, i) => ({
    lease: `${lease}-${i + 1}`,
    terms: { ...terms, start: { ...start, at: start.at + i * repeat.every } },
  }));
}

function phaseOf(lease: Lease): string {
  return lease.cancelled ? 'cancelled' : lease.phase;
}

function inState(lease: Lease, what: string): Rejection {
  return { code: 'lease-state', detail: `lease ${lease.id} ${what}`, pointer: null };
}

function invalid(detail: string, pointer: string): Rejection {
  return { code: 'terms-invalid', detail, pointer };
}

function whole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
