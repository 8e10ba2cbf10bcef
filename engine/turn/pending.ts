/** Orders still unanswered, and the next instant at which something is due by itself. */

import { invariant } from '../kit/assert.js';
import type { Instant } from '../kit/time.js';
import type { OrderDecision, Turn } from '../model/events.js';
import { sweepAlarms } from '../state/leases.js';
import type { Lease, State, StateView } from '../state/state.js';
import type { Order } from './ports.js';

/** The earliest alarm after `now`, or null. */
export function nextWakeup(state: State, now: Instant): Instant | null {
  sweepAlarms(state);
  const first = state.alarms.peek();
  if (first === undefined) return null;
  invariant(first.time > now, `what is due for lease ${first.lease.id} is dealt with in the turn it is due`);
  return first.time;
}

/** The orders among a turn's decisions. */
export function ordersOf(state: StateView, turn: Turn): Order[] {
  const orders: Order[] = [];
  for (const decision of turn.decisions)
    if (isOrder(decision)) orders.push(asOrder(state, decision, turn.now, state.leases.get(decision.lease)!));
  return orders;
}

/** Orders that the cluster has not answered, in the order in which they were issued: sent again after a restart. */
export function unansweredOrders(state: StateView): Order[] {
  const orders: Order[] = [];
  for (const lease of state.leases.values())
    for (const { decision, issued } of lease.pending) orders.push(asOrder(state, decision, issued, lease));
  return orders.sort((a, b) => byId(a.id, b.id));
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
