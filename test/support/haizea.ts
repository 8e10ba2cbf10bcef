/** Cases of Haizea: its schedule and ours, brought to one shape. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate } from '../../simulations/simulate.js';

/** Times in seconds; nodes by VM number. */
export interface Interval {
  readonly start: number;
  readonly end: number;
  readonly nodes: Readonly<Record<string, number>>;
}

export interface Schedule {
  readonly id: string;
  readonly state: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly runs: readonly Interval[];
  readonly suspensions: readonly Interval[];
  readonly resumptions: readonly Interval[];
  /** From and to which node, by VM number. */
  readonly migrations: readonly { readonly start: number; readonly end: number; readonly moves: unknown }[];
}

const STATES: Readonly<Record<string, string>> = { Done: 'done', Rejected: 'rejected', Cancelled: 'cancelled' };

/** What Haizea did, by lease. */
export function haizeaSchedule(name: string): Schedule[] {
  const leases = JSON.parse(readFileSync(join('test/data/haizea', name, 'schedule.json'), 'utf8')) as HaizeaLease[];
  return leases.map((lease) => ({
    id: String(lease.id),
    state: STATES[lease.state] ?? lease.state,
    start: lease.start,
    end: lease.end,
    runs: lease.vm.map(interval),
    suspensions: (lease.suspends ?? []).map(interval),
    resumptions: (lease.resumes ?? []).map(interval),
    migrations: (lease.migrations ?? []).map(({ start, end, moves }) => ({ start, end, moves })),
  }));
}

interface HaizeaLease {
  readonly id: number;
  readonly state: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly vm: readonly Interval[];
  readonly suspends?: readonly Interval[];
  readonly resumes?: readonly Interval[];
  readonly migrations?: Schedule['migrations'];
}

function interval({ start, end, nodes }: Interval): Interval {
  return { start, end, nodes };
}

/** What we do with the same workload under `policy` (YAML), by lease. */
export async function ourSchedule(name: string, policy: string): Promise<Schedule[]> {
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-golden-'));
  try {
    const file = join(directory, 'policy.yaml');
    writeFileSync(file, policy);
    const trace = join('test/data/haizea', name, 'workload.xml');
    await simulate({ trace, policy: file, out: join(directory, 'out'), log: false });
    const lines = readFileSync(join(directory, 'out', 'leases.json'), 'utf8')
      .trim()
      .split('\n');
    const leases = lines.map((line) => JSON.parse(line) as Schedule);
    return leases
      .map(({ id, state, start, end, runs, suspensions, resumptions, migrations }) => ({
        id,
        state,
        start,
        end: state === 'done' ? end : null,
        runs: runs.map(interval),
        suspensions: suspensions.map(interval),
        resumptions: resumptions.map(interval),
        migrations,
      }))
      .sort((a, b) => Number(a.id) - Number(b.id));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
