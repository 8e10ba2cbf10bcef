/** A state in the midst of things: a site, and leases that run on nodes of it or hold reservations. Times are minutes. */

import {
  emptyState,
  evolve,
  type Group,
  type LeaseId,
  type NodeClass,
  POLICY_DEFAULT,
  type Policy,
  type Runs,
  type State,
  type Terms,
  type Where,
} from '../../engine/index.js';
import { MINUTE } from './play.js';

export interface Occupant {
  /** VMs of each group: how many, cpus and MiB each. */
  readonly vms: readonly (readonly [count: number, cpu: number, memory: number])[];
  readonly from: number;
  readonly until: number;
  /** Nodes of its VMs if it runs; else pools and counts of its reservation. */
  readonly nodes?: Runs;
  readonly pools?: readonly number[];
}

/** The leases are named `1`, `2`, … and arrive in this order. */
export function occupied(
  site: readonly Omit<NodeClass, 'first'>[],
  occupants: readonly Occupant[],
  policy: Partial<Policy> = {},
): State {
  const state = emptyState();
  evolve(state, { type: 'PolicyAdopted', policy: { ...POLICY_DEFAULT, ...policy } }, 0);
  const resources = ['cpu', 'memory'].map((name) => ({ name, kind: 'amount' as const }));
  evolve(state, { type: 'SiteDeclared', resources }, 0);
  for (const one of site) evolve(state, { type: 'NodesAdded', nodes: { first: state.nextNode, ...one } }, 0);
  for (const [i, { vms, from, until, nodes, pools }] of occupants.entries()) {
    const lease = request(state, `${i + 1}`, vms);
    const span = { lease, from: from * MINUTE, until: until * MINUTE };
    if (nodes === undefined) {
      evolve(state, { type: 'Reserved', ...span, pools: pools ?? [], soon: false, reasons: [] }, 0);
      continue;
    }
    const order = `${i + 1}.0`;
    const { from: at, ...start } = span;
    evolve(state, { type: 'StartOrdered', order, ...start, deadline: null, after: [], nodes, units: null }, at);
  }
  return state;
}

/** Asks for one more lease and gives its id back. */
export function request(state: State, lease: LeaseId, vms: Occupant['vms'], where: Partial<Where> = {}): LeaseId {
  const groups = vms.map(
    ([count, cpu, memory]): Group => ({ name: null, vms: count, demand: [cpu * 1000, memory], image: null }),
  );
  const terms: Terms = {
    groups,
    duration: 60 * MINUTE,
    start: { kind: 'best-effort', before: null },
    preemptible: true,
    where: { labels: {}, requirements: null, rank: null, ...where },
    name: null,
    user: null,
    project: null,
    labels: null,
  };
  evolve(state, { type: 'LeaseRequested', lease, terms, key: null }, state.now);
  return lease;
}
