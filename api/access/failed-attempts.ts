/**
 * The record of failed attempts to show who one is: for auditors, in the log, and for operators. Once a minute in which there
 * were some, how many of which kind came from where. Never what was shown, nor the whole address; however many there are.
 */

import { networkOf } from './failures.js';

export type FailureKind = 'unknown' | 'wrong-secret' | 'expired' | 'revoked' | 'not-of-issuer';
/** `missing`: nothing was shown. It is counted, but it is no attempt. */
export const FAILURE_KINDS: readonly (FailureKind | 'missing')[] = [
  'missing',
  'unknown',
  'wrong-secret',
  'expired',
  'revoked',
  'not-of-issuer',
];

/** What is kept of a minute. */
export interface FailedAttempts {
  readonly from: string;
  readonly until: string;
  readonly attempts: number;
  /** Where most came from. */
  readonly by: readonly { readonly network: string; readonly kind: FailureKind; readonly attempts: number }[];
  /** Attempts from elsewhere. */
  readonly others: number;
}

/** The note that holds the last record; the log holds all of them. */
export const FAILED_ATTEMPTS = 'failed-attempts';
/** Told of a record. */
const TOLD_MAX = 16;
/** Counted apart within a minute; what comes from elsewhere then is among the others. */
const COUNTED_MAX = 1024;

export interface RecordKeeper {
  tell(record: FailedAttempts): void;
  /** Resolves to whether it has been kept; what was not is part of the next one. */
  keep(record: FailedAttempts): Promise<boolean>;
}

export class FailureRecord {
  private readonly counts = new Map<string, { network: string; kind: FailureKind; attempts: number }>();
  private attempts = 0;
  private from = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly everyMs: number,
    private readonly keeper: RecordKeeper,
    private readonly now: () => number = Date.now,
  ) {}

  /** O(1). */
  add(kind: FailureKind, address: string): void {
    if (this.attempts === 0) this.from = this.now();
    this.count(kind, prefixOf(address), 1);
    this.timer ??= setTimeout(() => void this.flush(), this.everyMs).unref();
  }

  /** Tells what there is, if there is any. O(networks). */
  async flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.attempts === 0) return;
    const { from } = this;
    const record = this.taken();
    this.keeper.tell(record);
    if (await this.keeper.keep(record)) return;
    this.from = from;
    for (const { kind, network, attempts } of record.by) this.count(kind, network, attempts);
    this.attempts += record.others;
    this.timer ??= setTimeout(() => void this.flush(), this.everyMs).unref();
  }

  /** The last ones are told only: the service ends. */
  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.attempts > 0) this.keeper.tell(this.taken());
  }

  /** Empties it. */
  private taken(): FailedAttempts {
    const { attempts, from } = this;
    // 1. more attempts  2. network  3. kind
    const by = [...this.counts.values()]
      .sort((a, b) => b.attempts - a.attempts || compare(a.network, b.network) || compare(a.kind, b.kind))
      .slice(0, TOLD_MAX);
    const others = attempts - by.reduce((sum, one) => sum + one.attempts, 0);
    this.counts.clear();
    this.attempts = 0;
    const at = (ms: number) => new Date(ms).toISOString();
    return { from: at(from), until: at(this.now()), attempts, by, others };
  }

  private count(kind: FailureKind, network: string, attempts: number): void {
    this.attempts += attempts;
    const key = `${kind} ${network}`;
    const count = this.counts.get(key);
    if (count !== undefined) count.attempts += attempts;
    else if (this.counts.size < COUNTED_MAX) this.counts.set(key, { network, kind, attempts });
  }
}

/** The first three numbers of an IPv4 address, the first three groups of an IPv6 address: where, but not who. */
export function prefixOf(address: string): string {
  const network = networkOf(address);
  if (network.endsWith('::/64')) return `${network.split(':', 3).join(':')}::/48`;
  return /^\d+\.\d+\.\d+\.\d+$/.test(network) ? `${network.slice(0, network.lastIndexOf('.'))}.0/24` : 'this machine';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
