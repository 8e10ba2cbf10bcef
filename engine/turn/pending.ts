/** Orders still unanswered, and the next instant at which something is due by itself. */

import { invariant } from '../kit/assert.js';
import { added } from '../kit/lists.js';
import { earlierOf, type Instant } from '../kit/time.js';
import type { OrderDecision, Turn } from '../model/events.js';
import { sweepAlarms } from '../state/alarms.js';
import type { Lease } from '../state/live-lease.js';
import type { State, StateView } from '../state/state.js';
import type { Order } from './ports.js';

/**
 * The earliest alarm after `now`, or end of a window in which nodes are worked on; null: there is none. What nodes are
 * drained by has no end of its own.
 */
export function nextWakeup(state: State, now: Instant): Instant | null {
  sweepAlarms(state);
  let back: Instant | null = null;
  for (const { until, drain } of state.windows) if (until > now && drain !== true) back = earlierOf(back, until);
  const first = state.alarms.peek();
  if (first === undefined) return back;
  invariant(first.time > now, `what is due for lease ${first.lease.id} is dealt with in the turn it is due`);
  return earlierOf(first.time, back);
}

/** The orders among a turn's decisions. */
export function ordersOf(state: StateView, turn: Turn): Order[] {
  let orders = ordersToRepeat(state, turn);
  for (const decision of turn.decisions) {
    if (!isOrder(decision)) continue;
    const lease = state.leases.get(decision.lease) ?? userOf(state, decision);
    // What was ordered for a lease that the same turn has given up is not carried out.
    if (lease !== null) orders = added(orders, asOrder(state, decision, turn.now, lease));
  }
  return orders;
}

/** Those that were asked to be sent again, and that nobody has answered. */
function ordersToRepeat(state: StateView, { inputs, decisions }: Turn): Order[] {
  const orders: Order[] = [];
  for (const input of inputs) {
    if (input.type !== 'LeaseRecoveryRequested' || input.how !== 'retry') continue;
    const lease = state.leases.get(input.lease);
    for (const { decision, issued } of lease?.pending ?? [])
      if (!decisions.includes(decision)) orders.push(asOrder(state, decision, issued, lease!));
  }
  return orders;
}

/** Orders that the cluster has not answered, in the order in which they were issued: sent again after a restart. */
export function unansweredOrders(state: StateView): Order[] {
  const orders: Order[] = [];
  for (const lease of state.leases.values())
    for (const { decision, issued } of lease.pending) orders.push(asOrder(state, decision, issued, lease));
  for (const { pending, uses } of state.transfers)
    if (pending !== null) orders.push(asOrder(state, pending.decision, pending.issued, uses[0]!.lease));
  return orders.sort((a, b) => byId(a.id, b.id));
}

/** A lease that still waits for the image, where the one it was ordered for is over. */
function userOf(state: StateView, decision: OrderDecision): Lease | null {
  const transfer = state.transfers.find(({ pending }) => pending?.decision.order === decision.order);
  return transfer?.uses[0]?.lease ?? null;
}

function asOrder(state: StateView, decision: OrderDecision, issued: Instant, lease: Lease): Order {
  return { id: decision.order, epoch: state.epoch, issued, decision, terms: lease.terms };
}

function isOrder(decision: Turn['decisions'][number]): decision is OrderDecision {
  return 'order' in decision && decision.type !== 'OrderOverdue';
}

/** `turn.index`, compared as two numbers. */
function byId(a: string, b: string): number {
  const [turnA, indexA] = a.split('.').map(Number);
  const [turnB, indexB] = b.split('.').map(Number);
  return turnA! - turnB! || indexA! - indexB!;
}
