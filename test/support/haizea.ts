/** The cases of Haizea: its schedule and ours, brought to one shape. Times in seconds, nodes by VM number. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLog } from '../../adapters/event-store/log-file.js';
import type { Turn } from '../../engine/index.js';
import { simulate } from '../../simulations/simulate.js';

export interface Interval {
  readonly start: number;
  readonly end: number;
}
export interface OnNodes extends Interval {
  readonly nodes: Readonly<Record<string, number>>;
}
/** From and to which node, by VM number. */
export interface Moves extends Interval {
  readonly moves: Readonly<Record<string, readonly [number, number]>>;
}
export interface Transfer extends OnNodes {
  readonly image: string;
}

export interface Schedule {
  readonly id: string;
  /** Of leases that Haizea has lost: the state that they were in. */
  readonly state: string;
  readonly start: number | null;
  /** Null for leases that are not done. */
  readonly end: number | null;
  readonly runs: readonly OnNodes[];
  readonly suspensions: readonly OnNodes[];
  readonly resumptions: readonly OnNodes[];
  readonly shutdowns: readonly Interval[];
  readonly migrations: readonly Moves[];
  readonly transfers: readonly Transfer[];
}

/** A lease in our report: why it is not done is said, too. */
export interface OurSchedule extends Schedule {
  readonly reasons: readonly { readonly code: string }[];
}

export interface OurRun {
  /** By lease number. */
  readonly leases: readonly OurSchedule[];
  readonly turns: readonly Turn[];
}

const CASES = 'test/data/haizea';

/** What we do with a case under Haizea's own configuration. */
export async function ourRun(name: string): Promise<OurRun> {
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-golden-'));
  try {
    const [trace, haizeaConfig] = [join(CASES, name, 'workload.xml'), join(CASES, name, 'config')];
    await simulate({ trace, haizeaConfig, out: join(directory, 'out'), log: true });
    const lines = readFileSync(join(directory, 'out', 'leases.json'), 'utf8')
      .trim()
      .split('\n');
    const leases = lines.map((line) => JSON.parse(line) as OurSchedule);
    const turns: Turn[] = [];
    for await (const entry of readLog(join(directory, 'out', 'turns.ndjson.gz')))
      if ('turn' in entry) turns.push(entry.turn);
    return {
      leases: leases
        .map((lease) => ({ ...lease, end: lease.state === 'done' ? lease.end : null }))
        .sort((a, b) => Number(a.id) - Number(b.id)),
      turns,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A lease in Haizea's `schedule.json`. */
export interface HaizeaLease {
  readonly id: number;
  readonly state: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly vm: readonly (OnNodes & { readonly end?: number })[];
  readonly suspends?: readonly OnNodes[];
  readonly resumes?: readonly OnNodes[];
  readonly shutdowns?: readonly Interval[];
  readonly migrations?: readonly Moves[];
  /** `to`: leases and VMs by node. */
  readonly transfers?: readonly (Interval & {
    readonly image: string;
    readonly to: Readonly<Record<string, readonly (readonly [lease: number, vm: number])[]>>;
  })[];
}

export function haizeaLeases(name: string): readonly HaizeaLease[] {
  return JSON.parse(readFileSync(join(CASES, name, 'schedule.json'), 'utf8')) as HaizeaLease[];
}

const STATES: Readonly<Record<string, string>> = {
  Done: 'done',
  Rejected: 'rejected',
  'Rejected by user': 'rejected',
  Cancelled: 'cancelled',
};

/** What Haizea did, by lease number. */
export function haizeaSchedule(name: string): Schedule[] {
  return haizeaLeases(name).map((lease) => ({
    id: String(lease.id),
    state: STATES[lease.state] ?? lease.state,
    start: lease.start,
    end: lease.end,
    runs: lease.vm,
    suspensions: lease.suspends ?? [],
    resumptions: lease.resumes ?? [],
    shutdowns: lease.shutdowns ?? [],
    migrations: lease.migrations ?? [],
    transfers: (lease.transfers ?? []).map(({ to, ...transfer }) => ({ ...transfer, nodes: nodesOf(lease.id, to) })),
  }));
}

function nodesOf(lease: number, to: NonNullable<HaizeaLease['transfers']>[number]['to']): Record<string, number> {
  const nodes: Record<string, number> = {};
  for (const [node, vms] of Object.entries(to)) for (const [of, vm] of vms) if (of === lease) nodes[vm] = Number(node);
  return nodes;
}
