/** What a simulated cluster expects to happen, and what comes first at one instant. */

import type { Instant, Observation, Order, OrderId } from '../../engine/index.js';
import type { Gang } from './gang.js';
import type { Part } from './nodes.js';
import type { Happening, Priority } from './timeline.js';

/** An order in the making. */
export class Enactment {
  /** Why it is going to fail; null: it is not. */
  failure: string | null = null;
  /** The run that it began with. */
  run: OrderId | null = null;
  begun: Instant = 0;
  /** Room that it has taken on the other side for VMs that move while they run, or for what they grow by; null: none. */
  taken: { readonly parts: readonly Part[]; readonly units: readonly string[] } | null = null;
  /** It has not begun: it waits for other orders or for room. */
  waits = false;
  done: Happening<Future> | null = null;

  constructor(
    readonly order: Order,
    /** The lease's VMs when it begins. */
    public gang: Gang,
  ) {}
}

export class NodeChange {
  constructor(
    readonly node: number,
    readonly becomes: 'lost' | 'found',
  ) {}
}

export class Delivery {
  constructor(readonly observation: Observation) {}
}

/** A gang in the future: it ends by itself. */
export type Future = Gang | Enactment | NodeChange | Delivery;

export const ENDS: Priority = 0;
export const DONE: Priority = 1;
export const FOUND: Priority = 2;
export const LOST: Priority = 3;
export const DELIVERED: Priority = 4;
