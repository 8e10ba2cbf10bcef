/** The state as text and back. Equal states give equal text, whatever the history of the maps and sets they live in. */

import type { Capacity } from '../kit/capacity.js';
import { size, toSet } from '../kit/nodeset.js';
import type { LeaseId } from '../model/lease.js';
import type { Maintenance } from '../model/site.js';
import { tie } from './dependents.js';
import { copyOf } from './lease-copy.js';
import { LeaseSet } from './lease-table.js';
import { holdWindow } from './maintenance.js';
import { arm } from './alarms.js';
import { boundLeast, endOf, reopen } from './leases.js';
import { Profile } from './profile.js';
import type { Lease } from './live-lease.js';
import { emptyState, type Pool, type State, type StateView } from './state.js';

/** Raised with every change of shape; snapshots of other versions are passed over and the log is read instead. */
export const STATE_VERSION = 2;

/** Canonical: leases in order of arrival, maps and sets sorted. What can be worked out again is left out. */
export function encodeState(state: StateView): string {
  const ids = (set: ReadonlySet<Lease>): LeaseId[] =>
    [...set].sort((a, b) => a.sequence - b.sequence).map((lease) => lease.id);
  return JSON.stringify({
    version: STATE_VERSION,
    turn: state.turn,
    now: state.now,
    epoch: state.epoch,
    policy: state.policy,
    resources: state.resources,
    pools: state.pools.map((pool) => ({
      counted: pool.counted,
      exclusive: pool.exclusive,
      capacity: pool.capacity,
      ...(pool.leasable === pool.capacity ? {} : { leasable: pool.leasable }),
      labels: pool.labels,
      units: pool.units,
      nodes: pool.nodes,
      members: membersOf(state, pool),
    })),
    nodeStatus: [...state.nodeStatus].sort((a, b) => a[0] - b[0]),
    // Left out where nothing is known: they came later than snapshots that are still read.
    unreachable: state.unreachable.size === 0 ? undefined : [...state.unreachable].sort((a, b) => a - b),
    loads: state.loads.size === 0 ? undefined : [...state.loads].sort((a, b) => a[0] - b[0]),
    windows: state.windows.length === 0 ? undefined : state.windows,
    // `later`, `arriving`, `former`, `unapproved`, `warned` and `paused` came later than snapshots that are still read, too.
    leases: state.leases.values().map((lease) => ({
      ...lease,
      slot: undefined,
      alarm: undefined,
      later: lease.later ?? undefined,
      arriving: lease.arriving ?? undefined,
      former: lease.former ?? undefined,
      unapproved: lease.unapproved || undefined,
      warned: lease.warned ?? undefined,
      paused: lease.paused.length === 0 ? undefined : lease.paused,
    })),
    queue: state.queue.map((lease) => lease.id),
    unanswered: state.unanswered.map((lease) => lease.id),
    deadlines: ids(state.deadlines),
    leaving: ids(state.leaving),
    attention: ids(state.attention),
    late: ids(state.late),
    reservations: state.reservations,
    released: state.released,
    lost: state.lost,
    transfers: state.transfers.map((transfer) => ({
      ...transfer,
      uses: transfer.uses.map((use) => ({ ...use, lease: use.lease.id })),
    })),
    nextTransfer: state.nextTransfer,
    images: [...state.images].sort((a, b) => a[0] - b[0]),
    nextSequence: state.nextSequence,
    nextNode: state.nextNode,
    keys: [...state.keys],
    // Left out where there are none, like `loads`.
    notes: state.notes.size === 0 ? undefined : [...state.notes].sort(([a], [b]) => (a < b ? -1 : 1)),
    usage: [...state.usage].sort(([a], [b]) => (a < b ? -1 : 1)),
    usageStep: state.usageStep,
    rates: [...state.rates],
  });
}

/** Which nodes have ever belonged to the pool. */
function membersOf(state: StateView, pool: Pool): number[] {
  const away: number[] = [];
  for (const node of state.nodeStatus.keys()) if (state.poolOf[node] === pool.index) away.push(node, node);
  return toSet([...pool.nodes, ...away]);
}

/** `leasable` is left out where it is the capacity, as in older snapshots. */
type EncodedPool = Omit<Pool, 'leasable'> & { readonly leasable?: Capacity; readonly members: number[] };

interface Encoded
  extends Omit<
    State,
    | 'pools'
    | 'leases'
    | 'queue'
    | 'unanswered'
    | 'nodeStatus'
    | 'unreachable'
    | 'loads'
    | 'notes'
    | 'keys'
    | 'images'
    | 'usage'
    | 'rates'
    | 'windows'
  > {
  readonly version: number;
  readonly pools: EncodedPool[];
  readonly nodeStatus: [number, never][];
  readonly unreachable?: number[];
  readonly loads?: [number, never][];
  readonly leases: Lease[];
  readonly queue: LeaseId[];
  readonly unanswered: LeaseId[];
  readonly keys: [string, never][];
  readonly notes?: [string, string][];
  readonly images: [number, never][];
  readonly usage: [string, number][];
  readonly rates: [string, never][];
  readonly windows?: readonly Maintenance[];
}

/** The opposite of `encodeState`. Throws on text of another version. */
export function decodeState(text: string): State {
  const from = JSON.parse(text) as Encoded;
  if (from.version !== STATE_VERSION)
    throw new RangeError(`a snapshot of version ${from.version}, not ${STATE_VERSION}`);
  const state = emptyState();
  state.turn = from.turn;
  state.now = from.now;
  state.epoch = from.epoch;
  state.policy = from.policy;
  state.resources = from.resources;
  state.reservations = from.reservations;
  state.released = from.released;
  state.lost = from.lost;
  state.nextSequence = from.nextSequence;
  state.nextNode = from.nextNode;
  state.nextTransfer = from.nextTransfer;
  for (const [node, copies] of from.images) state.images.set(node, copies);
  for (const [node, status] of from.nodeStatus) state.nodeStatus.set(node, status);
  for (const node of from.unreachable ?? []) state.unreachable.add(node);
  for (const [node, load] of from.loads ?? []) state.loads.set(node, load);
  for (const [key, used] of from.keys) state.keys.set(key, used);
  for (const [key, value] of from.notes ?? []) state.notes.set(key, value);
  for (const [account, usage] of from.usage) state.usage.set(account, usage);
  state.usageStep = from.usageStep;
  for (const [user, bounds] of from.rates) state.rates.set(user, bounds);
  for (const [index, pool] of from.pools.entries()) restorePool(state, index, pool);
  for (const lease of from.leases) restoreLease(state, lease);
  state.windows = from.windows ?? [];
  for (const window of state.windows) holdWindow(state, window, -1);
  const byId = (id: LeaseId): Lease => state.leases.get(id)!;
  state.queue.push(...from.queue.map(byId));
  for (const [index, lease] of state.queue.entries()) boundLeast(state, lease, index === 0);
  state.unanswered.push(...from.unanswered.map(byId));
  for (const name of ['deadlines', 'leaving', 'attention', 'late'] as const)
    for (const id of from[name] as unknown as LeaseId[]) state[name].add(byId(id));
  for (const transfer of from.transfers) {
    const uses = transfer.uses.map((use) => ({ ...use, lease: byId(use.lease as unknown as LeaseId) }));
    state.transfers.push({ ...transfer, uses });
  }
  for (const lease of state.leases.values()) arm(state, lease);
  for (const pool of state.pools) if (pool.counted) reopen(state, pool);
  return state;
}

function restorePool(state: State, index: number, from: EncodedPool): void {
  const { counted, exclusive, capacity, leasable = capacity, labels, units, nodes, members } = from;
  for (let i = 0; i < members.length; i += 2)
    for (let n = members[i]!; n <= members[i + 1]!; n++) state.poolOf[n] = index;
  const total = counted ? [size(nodes)] : leasable;
  const profile = new Profile(total);
  const pool: Pool = {
    index,
    counted,
    exclusive,
    capacity,
    leasable,
    labels,
    units,
    nodes,
    open: [],
    profile,
    holders: new LeaseSet(),
  };
  state.pools.push(pool);
  state.tree.add(pool);
}

function restoreLease(state: State, from: Lease): void {
  const lease = copyOf(from);
  lease.slot = 0;
  lease.alarm = null;
  state.leases.add(lease);
  state.outlines.note(lease);
  if ((lease.terms.priority ?? 0) > 0) state.prioritised++;
  for (const load of lease.loads ?? []) {
    const pool = state.pools[load.pool]!;
    pool.profile.add(Math.max(0, lease.from), endOf(load, lease.until), load.amounts, -1);
    pool.holders.add(lease);
  }
  for (const load of lease.later?.loads ?? [])
    state.pools[load.pool]!.profile.add(lease.later!.from, lease.later!.until, load.amounts, -1);
  tie(state, lease);
  arm(state, lease);
}
