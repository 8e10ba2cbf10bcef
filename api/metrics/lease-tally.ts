/**
 * Counts of leases, kept up to date turn by turn: how many there are in each state, why those wait that have no place, and
 * what they hold. A turn costs as much as the leases that it is about; reading costs as much as there are states.
 */

import { addInto, type Lease, type LeaseId, type Outcome, type StateView, zeros } from '../../engine/index.js';
import { leaseState } from '../records/lease-record.js';

/** Why a lease waits without a place. */
export type Unplaced = 'on-hold' | 'awaiting-approval' | 'waits-for-lease' | 'suspended' | 'in-queue';

/** What a turn has brought to an end. */
export interface TurnTold {
  /** Leases that began: how long they had waited, in milliseconds of the scheduler's time. */
  readonly waits: readonly { readonly kind: string; readonly ms: number }[];
  readonly ended: readonly { readonly kind: string; readonly outcome: Outcome }[];
}

/** A lease as it is counted. */
interface Counted {
  readonly kind: string;
  readonly state: string;
  readonly unplaced: Unplaced | null;
  readonly place: 'allocated' | 'planned' | null;
  readonly amounts: readonly number[];
  readonly hasStarted: boolean;
}

export class LeaseTally {
  /** By kind and state, with a `|` between them. */
  readonly states = new Map<string, number>();
  readonly unplaced = new Map<Unplaced, number>();
  /** Of each resource: what leases hold that are on their nodes, and what is held for others, which come later. */
  readonly held = { allocated: [] as number[], planned: [] as number[] };
  private readonly counted = new Map<LeaseId, Counted>();
  /** Who waits for a lease: they may be free to begin when it starts or ends, without a word about them. */
  private readonly followers = new Map<LeaseId, Set<LeaseId>>();

  /** Counts everything anew. O(leases). */
  begin(state: StateView): void {
    for (const map of [this.states, this.unplaced, this.counted, this.followers]) map.clear();
    this.held.allocated = zeros(state.resources.length);
    this.held.planned = zeros(state.resources.length);
    for (const lease of state.leases.values()) this.enter(lease, state);
  }

  /** After a turn that was about the leases `touched` has been folded into `state`. */
  turn(state: StateView, touched: ReadonlySet<LeaseId>): TurnTold {
    const waits: TurnTold['waits'][number][] = [];
    const ended: TurnTold['ended'][number][] = [];
    const over = new Map(state.over.map((lease) => [lease.id, lease]));
    if (this.held.allocated.length !== state.resources.length) this.begin(state);
    for (const id of this.withFollowers(touched)) {
      const before = this.counted.get(id);
      this.leave(id);
      const lease = state.leases.get(id) ?? over.get(id);
      if (lease === undefined) continue;
      const kind = lease.terms.start.kind;
      if (lease.firstStart !== null && before?.hasStarted === false)
        waits.push({ kind, ms: Math.max(0, lease.firstStart - lease.submitted) });
      if (lease.outcome === null) this.enter(lease, state);
      else if (over.has(id)) ended.push({ kind, outcome: lease.outcome });
    }
    return { waits, ended };
  }

  private withFollowers(touched: ReadonlySet<LeaseId>): ReadonlySet<LeaseId> {
    const all = new Set(touched);
    for (const id of touched) for (const follower of this.followers.get(id) ?? NOBODY) all.add(follower);
    return all;
  }

  private enter(lease: Lease, state: StateView): void {
    const one = countedOf(lease, state);
    this.counted.set(lease.id, one);
    this.add(one, 1);
    for (const { lease: other } of lease.waitsFor) {
      const followers = this.followers.get(other) ?? new Set();
      this.followers.set(other, followers.add(lease.id));
    }
  }

  private leave(id: LeaseId): void {
    const one = this.counted.get(id);
    if (one === undefined) return;
    this.counted.delete(id);
    this.followers.delete(id);
    this.add(one, -1);
  }

  private add({ kind, state, unplaced, place, amounts }: Counted, factor: 1 | -1): void {
    change(this.states, `${kind}|${state}`, factor);
    if (unplaced !== null) change(this.unplaced, unplaced, factor);
    if (place !== null) addInto(this.held[place], amounts, factor);
  }
}

const NOBODY: ReadonlySet<LeaseId> = new Set();

function change<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function countedOf(lease: Lease, state: StateView): Counted {
  const waits = lease.phase === 'waiting' || lease.phase === 'suspended' || lease.phase === 'reserved';
  return {
    kind: lease.terms.start.kind,
    state: leaseState(lease),
    unplaced: waits && lease.loads === null ? unplacedOf(lease) : null,
    place: lease.loads === null ? null : waits ? 'planned' : 'allocated',
    amounts: amountsOf(lease, state),
    hasStarted: lease.firstStart !== null,
  };
}

function unplacedOf(lease: Lease): Unplaced {
  if (lease.held) return 'on-hold';
  if (lease.unapproved) return 'awaiting-approval';
  if (lease.waitsFor.length > 0) return 'waits-for-lease';
  return lease.phase === 'suspended' ? 'suspended' : 'in-queue';
}

/** What it holds in all pools together; of nodes that are taken whole, all that they have. */
function amountsOf({ loads }: Lease, state: StateView): readonly number[] {
  const sum = zeros(state.resources.length);
  for (const { pool: index, amounts } of loads ?? []) {
    const pool = state.pools[index]!;
    if (pool.counted) addInto(sum, pool.capacity, amounts[0]!);
    else addInto(sum, amounts, 1);
  }
  return sum;
}
