/** Plays small scenarios through the real loop, and draws who was on which node. Times are minutes. */

import { MemoryStore } from '../../adapters/event-store/memory.js';
import { SimulatedCluster } from '../../adapters/simulated/cluster.js';
import { type Faults, noFaults } from '../../adapters/simulated/faults.js';
import { type Arrival, SimulatedWorld } from '../../adapters/simulated/world.js';
import {
  type Command,
  type Decision,
  type Dependency,
  emptyState,
  type Lease,
  type NodeClass,
  nodesOf,
  POLICY_DEFAULT,
  type Policy,
  run,
  type Start,
  type State,
  takeTurn,
  type Terms,
  type Turn,
} from '../../engine/index.js';

export const MINUTE = 60_000;

/** Nodes of `cpu` cpus and `memory` MiB each. */
export function nodes(count: number, cpu = 1, memory = 1024, more: Partial<NodeClass> = {}): Omit<NodeClass, 'first'> {
  return { count, capacity: [cpu * 1000, memory], exclusive: false, labels: {}, names: null, units: {}, ...more };
}

export interface Asked {
  readonly id: string;
  readonly at?: number;
  /** VMs of each group: how many, cpus and MiB each. */
  readonly vms: number | readonly (readonly [count: number, cpu: number, memory: number])[];
  readonly minutes: number;
  /** How long it truly runs; default: all its time. */
  readonly runs?: number;
  readonly start?:
    | 'best-effort'
    | 'immediate'
    | { readonly at: number }
    | { readonly before: number }
    /** Not before `from`, over by `by`. */
    | { readonly from: number; readonly by: number };
  readonly preemptible?: boolean;
  readonly zone?: string;
  /** Only nodes of this storage. */
  readonly storage?: string;
  /** Only these nodes. */
  readonly on?: readonly number[];
  readonly held?: boolean;
  readonly after?: readonly Dependency[];
  readonly user?: string;
  readonly project?: string;
  readonly priority?: number;
  /** Millionths of a currency unit per VM-hour. */
  readonly maxRate?: number;
  /** Minutes before its end. */
  readonly warnings?: readonly number[];
  readonly onNodeLost?: Terms['onNodeLost'];
}

export interface Doing {
  readonly at: number;
  readonly command: Command;
}

export interface Played {
  readonly state: State;
  readonly turns: readonly Turn[];
  readonly over: ReadonlyMap<string, Lease>;
  /** All decisions on a lease, in order. */
  on(lease: string): Decision[];
  /** One line a node, one character per `step` minutes: the lease whose VMs ran there, `2`… when more than one. */
  draw(until: number, step?: number): string;
}

function genesisOf(site: readonly Omit<NodeClass, 'first'>[], policy: Partial<Policy>): Command[] {
  return [
    { type: 'ClaimEpoch', epoch: 1 },
    { type: 'AdoptPolicy', policy: { ...POLICY_DEFAULT, suspendRate: 32, resumeRate: 32, ...policy } },
    {
      type: 'DeclareSite',
      resources: [
        { name: 'cpu', kind: 'amount' },
        { name: 'memory', kind: 'amount' },
      ],
    },
    ...site.map((one): Command => ({ type: 'AddNodes', nodes: one })),
  ];
}

export function submission(one: Asked): Command {
  return { type: 'SubmitLease', lease: one.id, terms: termsOf(one), key: null };
}

/** All leases have been asked for at instant 0, those that could have begun; nobody has told yet that their VMs run. */
export function begun(
  site: readonly Omit<NodeClass, 'first'>[],
  asked: readonly Asked[],
  policy: Partial<Policy>,
): State {
  const state = emptyState();
  takeTurn(state, { observations: [], commands: genesisOf(site, policy) }, 0);
  takeTurn(state, { observations: [], commands: asked.map(submission) }, 0);
  return state;
}

export async function play(
  site: readonly Omit<NodeClass, 'first'>[],
  asked: readonly Asked[],
  policy: Partial<Policy> = {},
  doings: readonly Doing[] = [],
  faults: Faults = noFaults,
): Promise<Played> {
  const arrivals: Arrival[] = [
    ...asked.map(
      (one): Arrival => ({
        at: (one.at ?? 0) * MINUTE,
        command: submission(one),
        run: (one.runs ?? one.minutes) * MINUTE,
      }),
    ),
    ...doings.map((doing): Arrival => ({ at: doing.at * MINUTE, command: doing.command, run: null })),
  ].sort((a, b) => a.at - b.at);
  const cluster = new SimulatedCluster({ sharedImages: policy.migration === 'no-transfer', faults });
  const world = new SimulatedWorld({
    genesis: genesisOf(site, policy),
    arrivals: { next: () => arrivals.shift() ?? null },
    cluster,
  });
  const store = new MemoryStore();
  const over = new Map<string, Lease>();
  const state = emptyState();
  const next: typeof world.next = (wakeup) => {
    for (const lease of state.over) over.set(lease.id, lease);
    return world.next(wakeup);
  };
  await run(state, { store, cluster, world: { next, answer: (answers) => world.answer(answers) } });
  const turns: Turn[] = [];
  for await (const turn of store.read(0)) turns.push(turn);
  const decisions = turns.flatMap((turn) => turn.decisions);
  return {
    state,
    turns,
    over,
    on: (lease) => decisions.filter((decision) => 'lease' in decision && decision.lease === lease),
    draw: (until, step = 5) => drawing(state, over, until, step),
  };
}

export function termsOf(asked: Asked): Terms {
  const groups = typeof asked.vms === 'number' ? [[asked.vms, 1, 1024] as const] : asked.vms;
  return {
    groups: groups.map(([vms, cpu, memory]) => ({ name: null, vms, demand: [cpu * 1000, memory], image: null })),
    duration: asked.minutes * MINUTE,
    start: startOf(asked.start ?? 'best-effort'),
    preemptible: asked.preemptible ?? true,
    where: whereOf(asked),
    name: null,
    user: asked.user ?? null,
    project: asked.project ?? null,
    labels: null,
    ...(asked.priority === undefined ? {} : { priority: asked.priority }),
    ...(asked.maxRate === undefined ? {} : { maxRate: asked.maxRate }),
    ...(asked.warnings === undefined ? {} : { warnings: asked.warnings.map((before) => before * MINUTE) }),
    ...(asked.onNodeLost === undefined ? {} : { onNodeLost: asked.onNodeLost }),
    ...(asked.held === undefined ? {} : { held: asked.held }),
    ...(asked.after === undefined ? {} : { after: asked.after }),
  };
}

function whereOf({ zone, storage, on }: Asked): Terms['where'] {
  if (zone === undefined && storage === undefined && on === undefined) return null;
  const labels = { ...(zone === undefined ? {} : { zone }), ...(storage === undefined ? {} : { storage }) };
  return { labels, requirements: null, rank: null, ...(on === undefined ? {} : { nodes: on }) };
}

function startOf(start: NonNullable<Asked['start']>): Start {
  if (start === 'immediate') return { kind: 'immediate' };
  if (start === 'best-effort') return { kind: 'best-effort', before: null };
  if ('by' in start) return { kind: 'deadline', notBefore: start.from * MINUTE, by: start.by * MINUTE };
  return 'at' in start
    ? { kind: 'advance', at: start.at * MINUTE }
    : { kind: 'best-effort', before: start.before * MINUTE };
}

function drawing(state: State, over: ReadonlyMap<string, Lease>, until: number, step: number): string {
  const lines: string[] = [];
  for (let node = 1; node < state.nextNode; node++) {
    let line = `n${node} |`;
    for (let minute = 0; minute < until; minute += step) {
      const at = minute * MINUTE;
      const here = [...over.values()].filter((lease) =>
        lease.spans.some(
          (span) =>
            span.kind === 'run' &&
            span.from <= at &&
            at < span.until! &&
            nodesOf(span.nodes, [1, lease.vms]).some(
              (first, i, all) => i % 2 === 0 && first <= node && node <= all[i + 1]!,
            ),
        ),
      );
      line += here.length === 0 ? '.' : here.length === 1 ? here[0]!.id : `${here.length}`;
    }
    lines.push(line);
  }
  return lines.join('\n');
}

/** A drawing as it is written in a test: without the indentation. */
export function drawn(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}
