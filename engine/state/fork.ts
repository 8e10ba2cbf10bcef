/**
 * A state beside the state, that goes on otherwise: the same as to write it as text and to read that, in a tenth of the
 * time. What is typed as readonly is never changed in place: both have the same.
 */

import { Heap } from '../kit/heap.js';
import { FOREVER } from '../kit/time.js';
import { Asks } from './asks.js';
import { copyOf } from './lease-copy.js';
import { FirstFit } from './first-fit.js';
import { LeaseSet, LeaseTable } from './lease-table.js';
import { NodeTree } from './node-tree.js';
import { Outlines } from './outlines.js';
import { Profile } from './profile.js';
import type { Lease } from './live-lease.js';
import type { Alarm, Pool, State, StateView } from './state.js';

/** Between turns. Its text is that of `state`. O(leases + breakpoints + nodes). */
export function forkState(state: StateView): State {
  const leases = new LeaseTable<Lease>();
  leases.copyFrom(state.leases, copyOf);
  const outlines = new Outlines();
  outlines.copyFrom(state.outlines);
  const twin = (lease: Lease): Lease => leases.at(lease.slot);
  const twins = (some: Iterable<Lease>): Lease[] => Array.from(some, twin);
  const pools = state.pools.map((pool) => forkPool(pool, twin));
  const tree = new NodeTree<Pool>();
  for (const pool of pools) tree.add(pool);
  return {
    turn: state.turn,
    now: state.now,
    epoch: state.epoch,
    policy: state.policy,
    resources: state.resources,
    pools,
    tree,
    poolOf: state.poolOf.slice(),
    nodeStatus: new Map(state.nodeStatus),
    unreachable: new Set(state.unreachable),
    windows: state.windows,
    newWindows: [],
    loads: new Map(state.loads),
    leases,
    outlines,
    asks: new Asks(),
    queue: state.queue.map(twin),
    firstFit: new FirstFit(),
    least: state.least.slice(),
    unanswered: state.unanswered.map(twin),
    deadlines: new Set(twins(state.deadlines)),
    leaving: new Set(twins(state.leaving)),
    attention: new Set(twins(state.attention)),
    late: new Set(twins(state.late)),
    reservations: state.reservations,
    released: state.released,
    lost: state.lost,
    missedSince: null,
    transfers: state.transfers.map((transfer) => ({
      ...transfer,
      uses: transfer.uses.map((use) => ({ ...use, lease: twin(use.lease) })),
    })),
    nextTransfer: state.nextTransfer,
    sendingFailed: false,
    images: new Map(Array.from(state.images, ([node, copies]) => [node, copies.map((copy) => ({ ...copy }))])),
    nextSequence: state.nextSequence,
    nextNode: state.nextNode,
    notes: new Map(state.notes),
    keys: new Map(state.keys),
    calm: false,
    unproven: [],
    changes: [],
    acts: [],
    resizes: [],
    moves: [],
    dependents: new Map(Array.from(state.dependents, ([id, waiting]) => [id, waiting.map(twin)])),
    arrived: [],
    prioritised: state.prioritised,
    usage: new Map(state.usage),
    usageStep: state.usageStep,
    rates: new Map(state.rates),
    over: [],
    alarms: forkAlarms(state, twin),
  };
}

function forkPool(pool: Pool, twin: (lease: Lease) => Lease): Pool {
  const profile = new Profile(Array.from({ length: pool.profile.width }, () => 0));
  profile.copyFrom(pool.profile);
  const holders = new LeaseSet<Lease>();
  for (const holder of pool.holders) holders.add(twin(holder));
  return { ...pool, nodes: pool.nodes.slice(), open: pool.open.slice(), profile, holders };
}

/** Those that are valid. */
function forkAlarms({ alarms }: StateView, twin: (lease: Lease) => Lease): Heap<Alarm> {
  const heap = new Heap<Alarm>();
  alarms.forEachUntil(FOREVER, ({ time, sequence, lease }) => {
    if (lease.alarm === time) heap.push({ time, sequence, lease: twin(lease) });
  });
  return heap;
}
