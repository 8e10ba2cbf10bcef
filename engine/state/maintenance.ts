/** Windows in which nodes are worked on: their capacity is held from everybody, in the profiles alone. */

import { FOREVER } from '../kit/time.js';
import type { Maintenance } from '../model/site.js';
import { holdUntil, noteRelease } from './leases.js';
import { holdBothSides } from './live-migration.js';
import type { Lease } from './live-lease.js';
import type { State, StateView } from './state.js';

export const NO_WINDOWS: readonly Maintenance[] = [];

/** Until those who are there have been told to leave, which is a decision, more is held than there is. */
export function planWindow(state: State, window: Maintenance): void {
  const from = Math.max(state.now, window.from);
  // Those who are leaving already cannot be told to do so sooner: they overstay, if they do.
  for (const node of window.nodes)
    for (const lease of state.pools[state.poolOf[node]!]!.holders)
      if ((lease.phase === 'suspending' || lease.phase === 'stopping') && lease.until > from)
        holdUntil(state, lease, from);
  holdWindow(state, window, -1);
  state.windows = [...state.windows.filter(({ until }) => until > state.now), window];
  state.newWindows = [...state.newWindows, window];
  holdAnew(state, window);
  if (state.reservations > 0) state.lost = true;
}

/** Those on their way off its nodes hold them until it begins. O(holders). */
function holdAnew(state: State, { nodes }: Maintenance): void {
  const moving = new Set<Lease>();
  for (const node of nodes)
    for (const lease of state.pools[state.poolOf[node]!]!.holders) if (lease.arriving !== null) moving.add(lease);
  for (const lease of moving) holdBothSides(state, lease);
}

/** From when on nobody is on a node that is drained; null: it has no deadline. */
export function drainOf({ windows }: StateView, node: number): Maintenance | null {
  return windows.find(({ drain, nodes }) => drain === true && nodes[0] === node) ?? null;
}

export function cancelWindow(state: State, id: string): void {
  const window = state.windows.find((one) => one.window === id);
  state.windows = state.windows.filter((one) => one !== window && one.until > state.now);
  state.newWindows = state.newWindows.filter((one) => one !== window);
  if (window === undefined || window.until <= state.now) return;
  holdWindow(state, window, 1);
  holdAnew(state, window);
  noteRelease(state, FOREVER);
}

/** -1: takes what the nodes have, over the window; 1: gives it back. */
export function holdWindow(state: State, { nodes, from, until }: Maintenance, sign: 1 | -1): void {
  if (until <= state.now) return;
  for (const node of nodes) {
    const { profile, leasable } = state.pools[state.poolOf[node]!]!;
    profile.advance(state.now);
    profile.add(Math.max(state.now, from), until, leasable, sign);
  }
}
