/**
 * Holds a log against its own hashes, and against what was kept of it elsewhere: anchors, signed checkpoints, receipts. All
 * of these say the same: after that turn, the hash was this one.
 */

import type { Anchored } from '../adapters/event-store/anchor.js';
import { type Hash, hashAfter } from '../adapters/event-store/chain.js';
import type { SignedCheckpoint, Trust } from '../adapters/event-store/checkpoints.js';
import type { Claim, SourceEntry } from './log-source.js';

/** `broken`: something was altered, left out, put in or exchanged. `truncated`: the end is missing. */
export type FaultKind = 'broken' | 'truncated' | 'signature';

export interface Fault {
  readonly kind: FaultKind;
  /** 0: no turn is at fault. */
  readonly turn: number;
  readonly detail: string;
}

/** Of a log that is wrong all over, no more are listed. */
const FAULTS_MAX = 100;

export class LogChain {
  readonly faults: Fault[] = [];
  /** How many there are of each kind. */
  readonly counts: Record<FaultKind, number> = { broken: 0, truncated: 0, signature: 0 };
  /** Whether the log has hashes of its own. */
  kept = false;
  /** Claims that were held against the log. */
  compared = 0;
  /** The hash of the first turn: it says which log this is. */
  first: Hash | null = null;
  /** The last turn, and the hash after it; null: it is not worked out. */
  turn: number;
  hash: Hash | null;
  /** The last turn at which the log's own hash was right, or was taken for right. */
  private sound: number;
  /** Turns had hashes of their own: all that follow have. */
  private sealed = false;
  private readonly claims: Claim[];
  /** Which log checkpoints say that it is, and the first that says so. */
  private readonly logs = new Map<string, string>();
  private sorted = false;
  private next = 0;

  /**
   * Of the entries after turn `after`, where the hash is `before`. `from`: what the log's own hashes say of turns before is
   * taken as it is. `needed`: hashes are worked out also where there is nothing to hold them against.
   */
  constructor(
    after: { readonly turn: number; readonly hash: Hash | null },
    claims: readonly Claim[],
    private readonly from: number,
    private readonly trust: Trust | null,
    private readonly needed: boolean,
  ) {
    this.turn = after.turn;
    this.sound = after.turn;
    this.hash = after.hash;
    this.claims = claims.filter(({ turn }) => turn >= from);
  }

  /** The next entry of the log. */
  take(entry: SourceEntry): void {
    if ('text' in entry) this.takeTurn(entry.number, entry.text, entry.hash);
    else if ('chain' in entry) this.takeChain(entry.chain);
    else if ('signed' in entry) this.takeSigned(entry.signed, `the checkpoint in line ${entry.line}`);
  }

  /** A signed checkpoint, before any turn; what it says is compared when its turn comes. */
  takeSigned(checkpoint: SignedCheckpoint | null, where: string, trust = this.trust): void {
    if (trust === null) return;
    const fault = checkpoint === null ? 'is not one' : trust.fault(checkpoint);
    if (checkpoint === null || fault !== null) {
      this.fault('signature', checkpoint?.position ?? 0, `${where}: ${fault}`);
      return;
    }
    const { position, hash, log } = checkpoint;
    if (!this.logs.has(log)) this.logs.set(log, where);
    if (position >= this.from) this.claims.push({ turn: position, hash: Buffer.from(hash, 'hex'), where });
  }

  /** The log has been read, or cannot be read on. */
  end(): void {
    this.sortClaims();
    for (const { turn, where } of this.claims.slice(this.next)) {
      this.compared++;
      this.fault('truncated', turn, `the log ends with turn ${this.turn}; by ${where} it had turn ${turn}`);
    }
    this.next = this.claims.length;
  }

  fault(kind: FaultKind, turn: number, detail: string): void {
    this.counts[kind]++;
    if (this.faults.length < FAULTS_MAX) this.faults.push({ kind, turn, detail });
  }

  /** Sealed turns, by themselves, begin with the hash before them. */
  private takeChain({ turn, hash }: Anchored): void {
    const isSegment = this.turn === 0 && turn > 0;
    if (isSegment) Object.assign(this, { turn, hash, sound: turn, kept: true });
    else this.takeHash(turn, hash);
  }

  private takeTurn(number: number, text: string, kept: Hash | null): void {
    if (number !== this.turn + 1) this.fault('broken', number, `turn ${number} follows turn ${this.turn}`);
    this.turn = number;
    if (kept !== null) {
      this.kept = true;
      this.sealed = true;
    } else if (this.sealed) this.fault('broken', number, `turn ${number} has no hash, and turns before it have`);
    const wanted = this.needed || this.kept || this.next < this.claims.length;
    this.hash = this.hash === null || !wanted ? null : hashAfter(this.hash, number, text);
    if (kept !== null) this.takeHash(number, kept);
    if (number === 1 && this.hash !== null) this.compareLog(this.hash);
    if (this.hash !== null) this.compareClaims(number, this.hash);
  }

  /** What follows is held against what is kept: so later damage is found as well, and not what comes of this one. */
  private takeHash(turn: number, kept: Hash): void {
    this.kept = true;
    if (turn >= this.from && this.hash !== null && !kept.equals(this.hash)) {
      const which = this.sound + 1 === turn ? `turn ${turn} was` : `one of the turns ${this.sound + 1} to ${turn} was`;
      const hashes = `the hash kept is ${kept.toString('hex')}, and ${this.hash.toString('hex')} is what follows`;
      this.fault('broken', turn, `${which} altered, or does not belong there: ${hashes}`);
    }
    this.hash = kept;
    this.sound = turn;
  }

  private compareLog(first: Hash): void {
    this.first = first;
    for (const [log, where] of this.logs) {
      if (log !== first.toString('hex')) this.fault('broken', 1, `this is another log than that of ${where}`);
    }
  }

  private compareClaims(turn: number, hash: Hash): void {
    this.sortClaims();
    for (; this.next < this.claims.length; this.next++) {
      const claim = this.claims[this.next]!;
      if (claim.turn > turn) return;
      this.compared++;
      if (claim.turn === turn && claim.hash.equals(hash)) continue;
      const hashes = `its hash is ${hash.toString('hex')}, and was ${claim.hash.toString('hex')}`;
      this.fault('broken', turn, `turn ${turn}, or one before it, is not what it was by ${claim.where}: ${hashes}`);
    }
  }

  /** By turn, then in the order given. Checkpoints come before all turns. */
  private sortClaims(): void {
    if (this.sorted) return;
    this.claims.sort((a, b) => a.turn - b.turn); // the sort is stable
    this.sorted = true;
  }
}
