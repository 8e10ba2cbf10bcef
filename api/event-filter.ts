/** Which events of the log somebody wants to hear of, and of which they may. */

import type { Event, LeaseId, Turn } from '../engine/index.js';
import { leasesOf } from '../simulations/story/mentions.js';
import type { Account, Caller } from './access/caller.js';
import { reasonWithin } from './access/sight.js';
import type { ParsedTurns } from './parsed-turns.js';
import { ownPart } from './records/tables.js';

/** Null: any. What is about no lease is not heard where leases or projects are named. */
export interface EventsWanted {
  readonly types: readonly string[] | null;
  readonly leases: readonly LeaseId[] | null;
  readonly projects: readonly string[] | null;
}

/** Who hears of them: those who may not read the log hear of leases that they see, as `GET /v1/leases/{id}/events` tells it. */
export type Hearer = Pick<Caller, 'can' | 'sees'>;

export interface FilterSources {
  /** Whose a lease is that was asked for; null: there is none. */
  readonly accountOf: (lease: LeaseId) => Account | null;
  readonly parsed: ParsedTurns;
}

/** A turn with some of its events. */
export interface TurnPart extends Omit<Turn, 'inputs' | 'decisions'> {
  readonly inputs: readonly Event[];
  readonly decisions: readonly Event[];
}

/** Accounts of so many leases are remembered. */
const KNOWN_MAX = 4096;

export class EventFilter {
  private readonly types: ReadonlySet<string> | null;
  private readonly leases: ReadonlySet<string> | null;
  private readonly projects: ReadonlySet<string | null> | null;
  /** Who hears of some leases only; null: nothing is foreign, and the log is heard as it is. */
  private readonly limited: Hearer | null;
  private readonly known = new Map<LeaseId, Account | null>();

  constructor(
    { types, leases, projects }: EventsWanted,
    hearer: Hearer,
    private readonly sources: FilterSources,
  ) {
    this.types = types === null ? null : new Set(types);
    this.leases = leases === null ? null : new Set(leases);
    this.projects = projects === null ? null : new Set(projects);
    this.limited = hearer.can('log:read') ? null : hearer;
  }

  /** It lets everything through as it is. */
  get isOpen(): boolean {
    return this.types === null && this.leases === null && this.projects === null && this.limited === null;
  }

  /** The turn with what is wanted of it, as text like `text`; null: nothing is. O(length of the turn). */
  partOf(text: string): string | null {
    // Most turns are about other leases: that is seen without reading them.
    if (this.leases !== null && ![...this.leases].some((lease) => text.includes(lease))) return null;
    const part = this.partIn(this.sources.parsed.of(text));
    return part === null ? null : JSON.stringify(part);
  }

  /** As `partOf`, of a turn as it stands in the log. */
  partIn(turn: Turn): TurnPart | null {
    const inputs = turn.inputs.flatMap((event) => this.wanted(event));
    const decisions = turn.decisions.flatMap((event) => this.wanted(event));
    return inputs.length === 0 && decisions.length === 0 ? null : { ...turn, inputs, decisions };
  }

  /** The event; of a decision about many leases the parts that are wanted, one by one; or nothing. */
  private wanted(event: Event): Event[] {
    if (event.type === 'LeaseRequested') {
      const { user, project } = event.terms;
      this.remember(event.lease, { user, project });
    }
    if (this.types !== null && !this.types.has(event.type)) return [];
    if (this.leases === null && this.projects === null && this.limited === null) return [event];
    const leases = leasesOf(event);
    const indexes = [...leases.keys()].filter((i) => this.isWanted(leases[i]!));
    if (indexes.length === 0) return [];
    const parts =
      'leases' in event
        ? indexes.map((index) => ownPart({ turn: 0, at: 0, decision: event, index }).decision)
        : [event];
    return this.limited === null ? parts : parts.map((part) => this.redacted(part));
  }

  private isWanted(lease: LeaseId): boolean {
    if (this.leases !== null && !this.leases.has(lease)) return false;
    if (this.projects !== null && !this.projects.has(this.accountOf(lease)?.project ?? null)) return false;
    return this.sees(lease);
  }

  /** Without names of leases that are foreign, and without the key that the request was sent with. */
  private redacted(event: Event): Event {
    if (event.type === 'LeaseRequested') return { ...event, key: null };
    if (!('reasons' in event)) return event;
    const sight = { sees: (lease: LeaseId) => this.sees(lease) };
    return { ...event, reasons: event.reasons.map((reason) => reasonWithin(reason, sight)) };
  }

  private sees(lease: LeaseId): boolean {
    if (this.limited === null) return true;
    const account = this.accountOf(lease);
    return account !== null && this.limited.sees(account);
  }

  private accountOf(lease: LeaseId): Account | null {
    const known = this.known.get(lease);
    if (known !== undefined) return known;
    const account = this.sources.accountOf(lease);
    this.remember(lease, account);
    return account;
  }

  private remember(lease: LeaseId, account: Account | null): void {
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.set(lease, account);
  }
}
