/** What has changed between two instants: of leases, nodes, and the policy. For those to whom nothing is foreign. */

import { writtenPolicy } from '../simulations/policy-patch.js';
import { SEES_ALL } from './access/sight.js';
import { canonical } from './canonical.js';
import type { FollowerView } from './follower.js';
import { nodeViews } from './node-views.js';
import type { Personal } from './personal.js';
import type { LeaseRecord } from './records/lease-record.js';
import type { ChangeView } from './schemas/diff.js';
import { leaseView } from './views.js';

type Members = Readonly<Record<string, unknown>>;

/**
 * What is different of nodes and the policy; `count` nodes at most, from number `from` on. O(nodes + VMs that run), for
 * each of the two.
 */
export function nodeChanges(before: FollowerView, after: FollowerView, from: number, count: number): ChangeView[] {
  const changes: ChangeView[] = [];
  const last = after.state.nextNode - 1;
  const known = before.state.nextNode - 1;
  for (let first = from; first <= last && changes.length < count; first += NODES) {
    const until = Math.min(last, first + NODES - 1);
    const old = first <= known ? nodeViews(before, first, Math.min(known, until), SEES_ALL) : [];
    for (const [i, node] of nodeViews(after, first, until, SEES_ALL).entries()) {
      const change = changeOf('node', String(node.number), old[i] ?? null, node);
      if (change !== null) changes.push(change);
    }
  }
  return changes.slice(0, count);
}

/** Nodes looked at together. */
const NODES = 1000;

export function policyChange(before: FollowerView, after: FollowerView): ChangeView[] {
  const [old, now] = [before, after].map(({ state }) => (state.turn === 0 ? null : writtenPolicy(state.policy)));
  const change = now === null ? null : changeOf('policy', 'policy', old ?? null, now ?? {});
  return change === null ? [] : [change];
}

/** Of leases of number `from` and later, in order of arrival, at most `count`. `next`: where there may be more; null: no. */
export function leaseChanges(
  before: FollowerView,
  after: FollowerView,
  from: number,
  count: number,
  personal: Personal,
): {
  readonly changes: readonly { readonly change: ChangeView; readonly sequence: number }[];
  readonly next: number | null;
} {
  const changed = after.records.changedSince(before.head, from, count);
  const changes = changed.flatMap((record) => {
    const change = leaseChange(before, after, record, personal);
    return change === null ? [] : [{ change, sequence: record.lease.sequence }];
  });
  return { changes, next: changed.length < count ? null : changed.at(-1)!.lease.sequence + 1 };
}

function leaseChange(
  before: FollowerView,
  after: FollowerView,
  record: LeaseRecord,
  personal: Personal,
): ChangeView | null {
  const then = before.record(record.lease.id);
  const old = then === undefined ? null : leaseView(then, before.state, personal, SEES_ALL);
  const change = changeOf('lease', record.lease.id, old, leaseView(record, after.state, personal, SEES_ALL));
  if (change === null) return null;
  return record.ended !== null && then?.ended !== record.ended && old !== null
    ? { ...change, change: 'ended' }
    : change;
}

/** Null: it is as it was. */
function changeOf(what: ChangeView['what'], id: string, before: Members | null, after: Members): ChangeView | null {
  if (before === null) return { what, id, change: 'appeared', members: Object.keys(after), before: null, after };
  const members = Object.keys(after).filter((name) => canonical(before[name]) !== canonical(after[name]));
  if (members.length === 0) return null;
  const only = (all: Members): Members => Object.fromEntries(members.map((name) => [name, all[name] ?? null]));
  return { what, id, change: 'changed', members, before: only(before), after: only(after) };
}
