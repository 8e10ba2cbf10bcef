/** The schedule as bars: what leases did, do and are planned to do, on which nodes. */

import {
  expand,
  format,
  has,
  type Instant,
  type Lease,
  push,
  type Runs,
  type StateView,
  toSet,
} from '../engine/index.js';
import type { Sight } from './access/sight.js';
import { formatInstant, formatInstantOrNull } from './formats.js';
import { leaseState } from './records/lease-record.js';
import type { Personal } from './personal.js';
import type { Records } from './records/records.js';
import type { BarView } from './schemas/cluster.js';

/** A bar before it is written. `nodes`: null while they are not chosen. */
export interface Bar {
  readonly lease: Lease;
  /** The bar's number within its lease. */
  readonly index: number;
  readonly activity: BarView['activity'];
  readonly phase: BarView['phase'];
  readonly from: Instant;
  readonly until: Instant | null;
  readonly vms: Runs;
  readonly nodes: Runs | null;
}

/** The range asked for. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
  readonly node: number | null;
}

/**
 * Bars that overlap the window; null where there are more than `leasesMax` leases. 1. beginning  2. order of arrival of
 * the lease  3. number within the lease
 */
export function barsWithin(
  records: Records,
  state: StateView,
  window: Window,
  leasesMax: number | null = null,
): Bar[] | null {
  const found = records.within(window.from, window.to, leasesMax);
  if (found === null) return null;
  const bars: Bar[] = [];
  for (const { lease } of found) {
    for (const bar of barsOf(lease, state)) if (isWithin(bar, window)) bars.push(bar);
  }
  return bars.sort((a, b) => a.from - b.from || a.lease.sequence - b.lease.sequence || a.index - b.index);
}

function isWithin({ from, until, nodes }: Bar, window: Window): boolean {
  if (from >= window.to || (until !== null && until <= window.from)) return false;
  return window.node === null || (nodes !== null && has(nodes, window.node));
}

export function barView(bar: Bar, personal: Personal, sight: Sight): BarView {
  const { lease, nodes } = bar;
  const known = sight.sees(lease.id);
  return {
    lease: known ? lease.id : null,
    name: known ? personal.open(lease.terms).name : null,
    state: leaseState(lease),
    activity: bar.activity,
    phase: bar.phase,
    from: formatInstant(bar.from),
    until: formatInstantOrNull(bar.until),
    vms: format(bar.vms),
    nodes: nodes === null ? null : format(toSet(nodes)),
  };
}

type Part = Omit<Bar, 'lease' | 'index'>;

function barsOf(lease: Lease, state: StateView): Bar[] {
  const parts = [...done(lease), ...(lease.outcome === null ? planned(lease, state) : [])];
  return parts.map((part, index) => ({ lease, index, ...part }));
}

/** What it did; an open run goes on until its plan says otherwise. */
function* done(lease: Lease): Iterable<Part> {
  for (const { kind: activity, from, until, vms, nodes } of lease.spans) {
    const base = { activity, from, vms: vms ?? [1, lease.vms], nodes: placed(nodes, vms) };
    yield until === null
      ? { ...base, phase: 'now', until: lease.plan?.kind === 'suspend' ? lease.plan.steps[0]!.from : lease.until }
      : { ...base, phase: 'past', until };
  }
}

function* planned(lease: Lease, state: StateView): Iterable<Part> {
  const all: Runs = [1, lease.vms];
  const { plan, nodes } = lease;
  if (lease.pools !== null) {
    const { from, until } = lease;
    yield { activity: 'run', phase: 'planned', from, until, vms: all, nodes: nodesOfPools(lease.pools, state) };
  }
  if (lease.phase === 'starting') {
    yield { activity: 'run', phase: 'now', from: lease.from, until: lease.until, vms: all, nodes };
  }
  for (const { decision, issued: from } of lease.pending)
    if (decision.type === 'LiveMigrateOrdered') {
      const { vms, until } = decision;
      yield { activity: 'migration', phase: 'now', from, until, vms, nodes: placed(decision.nodes, vms) };
    }
  if (plan === null || plan.kind === 'stop') return;
  const activity = ({ suspend: 'suspension', migrate: 'migration', resume: 'resumption' } as const)[plan.kind];
  const pending = plan.steps.filter(({ until }) => until > state.now);
  for (const { vms, from, until } of pending) {
    const phase = from <= state.now ? 'now' : 'planned';
    yield { activity, phase, from, until, vms, nodes: nodes === null ? null : placed(nodes, vms) };
  }
  if (plan.kind === 'resume') {
    const ready = Math.max(...plan.steps.map(({ until }) => until));
    if (ready < lease.until)
      yield { activity: 'run', phase: 'planned', from: ready, until: lease.until, vms: all, nodes };
  }
}

/** The nodes of some of the VMs, in their order. */
function placed(nodes: Runs, vms: Runs | null): Runs {
  if (vms === null) return nodes;
  const each = expand(nodes);
  const runs: number[] = [];
  for (const vm of expand(vms)) push(runs, each[vm - 1]!);
  return runs;
}

/** Nodes that are planned one by one are known before the start; nodes that are counted are not. */
function nodesOfPools(pools: readonly number[], state: StateView): Runs | null {
  const nodes: number[] = [];
  for (let i = 0; i < pools.length; i += 2) {
    const index = pools[i]!;
    if (state.pools[index]!.counted) return null;
    const node = state.poolOf.indexOf(index, 1);
    for (let vm = 0; vm < pools[i + 1]!; vm++) push(nodes, node);
  }
  return nodes;
}
