/** Decisions by their instants, to find the first one that was taken otherwise. Numbers of orders and transfers do not count. */

import { createHash } from 'node:crypto';
import type { Decision, Instant, Turn } from '../../engine/index.js';

interface At {
  readonly at: Instant;
  readonly digest: string;
}

export class Decisions {
  /** Instants at which something was decided, in order. */
  private readonly instants: At[] = [];
  private at: Instant = 0;
  private gathered: Decision[] = [];

  add({ now, decisions }: Turn): void {
    if (now !== this.at) this.settle();
    this.at = now;
    this.gathered.push(...decisions);
  }

  /** The first instant at which the others decided otherwise; null: there is none. */
  firstOther(others: Decisions): Instant | null {
    this.settle();
    others.settle();
    const length = Math.max(this.instants.length, others.instants.length);
    for (let i = 0; i < length; i++) {
      const [one, other] = [this.instants[i], others.instants[i]];
      if (one === undefined || other === undefined) return (one ?? other)!.at;
      if (one.at !== other.at || one.digest !== other.digest) return Math.min(one.at, other.at);
    }
    return null;
  }

  private settle(): void {
    if (this.gathered.length === 0) return;
    this.instants.push({ at: this.at, digest: digestOf(this.gathered) });
    this.gathered = [];
  }
}

const NUMBERS: ReadonlySet<string> = new Set(['order', 'after', 'transfer', 'transfers']);

function digestOf(decisions: readonly Decision[]): string {
  const text = JSON.stringify(decisions, (name, value: unknown) => (NUMBERS.has(name) ? undefined : value));
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}
