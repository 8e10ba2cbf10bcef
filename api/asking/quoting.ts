/** A quote: what would become of a lease if it were asked for just now. Reads the state, and leaves it as it is. */

import {
  asIfAsked,
  type Decision,
  expectedBehind,
  explain,
  FOREVER,
  type Expected,
  type Forecast,
  type Instant,
  judgeLease,
  type LeaseId,
  nodesInPools,
  type PoolCounts,
  type Reason,
  reason,
  type Runs,
  type State,
  type StateView,
  type Terms,
  tryLease,
} from '../../engine/index.js';
import { counterOffers } from './counter-offers.js';
import type { Quoting } from './messages.js';

/** What a quote is worked out from. `plan`: of the whole queue, of this state or one a little earlier. */
export interface QuoteBasis {
  readonly state: State;
  readonly plan: Forecast;
  readonly now: Instant;
}

let trials = 0;

/**
 * An id for a lease on trial that no lease has: those have no spaces. Another one each time, since a Map to which the same
 * key is added again and again looks through all that it has deleted of it (V8).
 */
export function trialId(): LeaseId {
  return `a lease on trial ${++trials}`;
}

/** `offers`: also what could be had instead, where it cannot be had, or waits. */
export function quoteFor(basis: QuoteBasis, terms: Terms, offers: boolean): Quoting {
  if (!awaitsApproval(basis, terms)) return quoteNow(basis, terms, offers);
  const policy = { ...basis.state.policy, approval: [] };
  const quote = quoteNow({ ...basis, state: { ...basis.state, policy } }, terms, offers);
  return { ...quote, approval: true, reasons: [reason('awaiting-approval'), ...quote.reasons] };
}

function awaitsApproval({ state, now }: QuoteBasis, terms: Terms): boolean {
  if ((state.policy.approval ?? []).length === 0) return false;
  const judged = judgeLease(state, trialId(), terms, now);
  return judged.ok && judged.decisions.some(({ type }) => type === 'ApprovalAwaited');
}

function quoteNow(basis: QuoteBasis, terms: Terms, offers: boolean): Quoting {
  const quote = terms.start.kind === 'best-effort' ? quoteQueued(basis, terms) : quotePromised(basis, terms);
  const waits = quote.start === null || (terms.start.kind === 'best-effort' && quote.start > basis.now);
  if (!offers || !waits || quote.rejection !== null) return quote;
  const { reasons } = quote;
  return {
    ...quote,
    alternatives: counterOffers({ now: basis.now, terms, quote, reasons }, (other, before) =>
      trial(basis, other, before),
    ),
  };
}

/** Only whether it can be had, and begins before `before`. */
function trial(basis: QuoteBasis, terms: Terms, before: Instant): Quoting {
  return terms.start.kind === 'best-effort' ? quoteQueued(basis, terms, before) : quotePromised(basis, terms);
}

/** Behind all that wait, as the forecast has them. With a `limit`, only whether it begins before that, and not why. */
function quoteQueued({ state, plan, now }: QuoteBasis, terms: Terms, limit: Instant = FOREVER): Quoting {
  const why = limit === FOREVER;
  const id = trialId();
  // 1. Whether it is turned away, and what it costs.
  const judged = judgeLease(state, id, terms, now);
  const nothing = { ...NOTHING, turn: plan.turn, now };
  if (!judged.ok) return { ...nothing, rejection: judged.rejection };
  const price = priceIn(judged.decisions, id);
  const refused = refusalIn(judged.decisions, id);
  if (refused !== null) return { ...nothing, price, reasons: refused };
  // 2. When it would begin.
  let expected: Expected | null = null;
  let reasons: readonly Reason[] = [];
  asIfAsked(state, id, terms, now, (view, lease) => {
    if (lease.held || lease.waitsFor.length > 0) reasons = why ? explain(view, id, now) : [];
    else {
      expected = expectedBehind(view, plan, lease, now, limit);
      if (why && (expected === null || expected.start > now)) reasons = explain(view, id, now);
    }
    return [];
  });
  const { start, pools } = (expected as Expected | null) ?? { start: null, pools: null };
  const { before } = terms.start as { before: Instant | null };
  if (start !== null && before !== null && start >= before)
    return { ...nothing, price, reasons: [...reasons, reason('not-started-in-time', { earliestRelease: start })] };
  return { ...nothing, feasible: true, start, price, reasons, nodes: nodesIn(state, pools) };
}

/** Immediate, advance and deadline leases: exactly what would be decided. */
function quotePromised({ state, now }: QuoteBasis, terms: Terms): Quoting {
  const nothing = { ...NOTHING, turn: state.turn, now };
  const id = trialId();
  const tried = tryLease(state, id, terms, now);
  if (!tried.ok) return { ...nothing, rejection: tried.rejection };
  const { decisions } = tried;
  const price = priceIn(decisions, id);
  for (const decision of decisions) {
    if (!('lease' in decision) || decision.lease !== id) continue;
    const had = { ...nothing, feasible: true, price, preempts: victimsIn(decisions, id) };
    if (decision.type === 'Refused') return { ...nothing, price, reasons: decision.reasons };
    if (decision.type === 'StartOrdered') return { ...had, start: now, latest: now, nodes: decision.nodes };
    if (decision.type === 'Reserved') {
      const { from, pools } = decision;
      return { ...had, start: from, latest: latestOf(terms, from), nodes: nodesIn(state, pools) };
    }
  }
  return { ...nothing, price };
}

const NOTHING: Omit<Quoting, 'turn' | 'now'> = {
  feasible: false,
  start: null,
  latest: null,
  nodes: null,
  preempts: [],
  price: null,
  approval: false,
  reasons: [],
  alternatives: [],
  rejection: null,
};

/** Leases with a deadline may be moved, as long as they keep it. */
function latestOf({ start, duration }: Terms, from: Instant): Instant {
  return start.kind === 'deadline' ? start.by - duration : from;
}

function refusalIn(decisions: readonly Decision[], tried: LeaseId): readonly Reason[] | null {
  for (const one of decisions) if (one.type === 'Refused' && one.lease === tried) return one.reasons;
  return null;
}

/** What was said of its price last. */
function priceIn(decisions: readonly Decision[], tried: LeaseId): number | null {
  let price: number | null = null;
  for (const one of decisions) if (one.type === 'Priced' && one.lease === tried) price = one.price;
  return price;
}

/** Others on whom something is decided because of it, in order. */
function victimsIn(decisions: readonly Decision[], tried: LeaseId): LeaseId[] {
  const victims = new Set<LeaseId>();
  for (const one of decisions)
    if ('lease' in one && 'reasons' in one && one.lease !== tried)
      if (one.reasons.some(({ blockers }) => blockers.includes(tried))) victims.add(one.lease);
  return [...victims];
}

function nodesIn(state: StateView, pools: PoolCounts | null): Runs | null {
  return pools === null ? null : nodesInPools(state, pools);
}
