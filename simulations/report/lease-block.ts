/** Leases on their way to the thread that writes them: nearly all as numbers in a block, which costs little to hand over. */

import type { Outcome } from '../../engine/index.js';
import type { FinishedLease, Run } from './finished-lease.js';

/** What is written of a lease. */
export type WrittenLease = Omit<FinishedLease, 'cpu' | 'preemptions' | 'terms'>;

/** What is handed over: `numbers` of all leases in order, and what is not a number, in the same order. */
export interface LeaseBlock {
  readonly numbers: Float64Array;
  /** How many of the numbers are in use. */
  readonly used: number;
  readonly ids: readonly string[];
  /** Leases to which more happened than to run, or that fit into no block: as they are. */
  readonly others: readonly WrittenLease[];
}

const NUMBERS = 1 << 15;
/** Before the runs: kind, outcome, submitted, start, end, VMs, duration asked for, number of runs. */
const HEAD = 8;
/** Before the nodes of a run: start, end, how many numbers tell its nodes. */
const RUN_HEAD = 3;
/** In place of a kind. */
const OTHER = -1;

const KINDS: readonly FinishedLease['kind'][] = ['best-effort', 'advance', 'immediate', 'deadline'];
const OUTCOMES: readonly Outcome[] = ['done', 'failed', 'cancelled', 'rejected', 'expired'];
const NONE: readonly never[] = [];

/** Takes leases until it is full. O(runs and spans of nodes) each. */
export class BlockWriter {
  private readonly numbers = new Float64Array(NUMBERS);
  private used = 0;
  private ids: string[] = [];
  private others: WrittenLease[] = [];

  /** False: there is no room, and nothing was taken. An empty block takes any lease. */
  add(lease: FinishedLease): boolean {
    const size = sizeOf(lease);
    if (this.used + size > NUMBERS) return false;
    if (size === 1) {
      const { cpu: _cpu, preemptions: _preemptions, terms: _terms, ...written } = lease;
      this.numbers[this.used++] = OTHER;
      this.others.push(written);
      return true;
    }
    this.ids.push(lease.id);
    this.put(KINDS.indexOf(lease.kind));
    this.put(OUTCOMES.indexOf(lease.state));
    this.put(lease.submit);
    this.put(lease.start ?? Number.NaN);
    this.put(lease.end ?? Number.NaN);
    this.put(lease.vms);
    this.put(lease.requested);
    this.put(lease.runs.length);
    for (const { start, end, nodes } of lease.runs) {
      this.put(start);
      this.put(end);
      this.put(nodes.length);
      for (let i = 0; i < nodes.length; i++) this.put(nodes[i]!);
    }
    return true;
  }

  /** What it has taken, until it takes the next lease: it begins anew, with the same numbers. */
  take(): LeaseBlock {
    const { numbers, used, ids, others } = this;
    this.used = 0;
    this.ids = [];
    this.others = [];
    return { numbers, used, ids, others };
  }

  private put(value: number): void {
    this.numbers[this.used++] = value;
  }
}

/** How many numbers it takes; 1: it is handed over as it is. */
function sizeOf(lease: FinishedLease): number {
  const { suspensions, resumptions, shutdowns, migrations, transfers, reasons } = lease;
  const steps = suspensions.length + resumptions.length + shutdowns.length + migrations.length;
  if (steps + transfers.length + reasons.length > 0 || lease.price !== undefined) return 1;
  let size = HEAD;
  for (const { nodes } of lease.runs) size += RUN_HEAD + nodes.length;
  return size > NUMBERS ? 1 : size;
}

/** The leases of a block, in the order in which they were taken. */
export function* leasesOf({ numbers, used, ids, others }: LeaseBlock): Generator<WrittenLease> {
  let at = 0;
  let id = 0;
  let other = 0;
  const next = () => numbers[at++]!;
  const time = () => {
    const value = next();
    return Number.isNaN(value) ? null : value;
  };
  const run = (): Run => {
    const start = next();
    const end = next();
    const from = at + 1;
    at = from + numbers[at]!;
    return { start, end, nodes: Array.from(numbers.subarray(from, at)) };
  };
  while (at < used) {
    const kind = next();
    if (kind === OTHER) {
      yield others[other++]!;
      continue;
    }
    yield {
      id: ids[id++]!,
      kind: KINDS[kind]!,
      state: OUTCOMES[next()]!,
      submit: next(),
      start: time(),
      end: time(),
      vms: next(),
      requested: next(),
      runs: Array.from({ length: next() }, run),
      suspensions: NONE,
      resumptions: NONE,
      shutdowns: NONE,
      migrations: NONE,
      transfers: NONE,
      reasons: NONE,
    };
  }
}
