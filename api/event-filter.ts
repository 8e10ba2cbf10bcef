/** Which events of the log somebody wants to hear of. */

import type { Event, LeaseId, Turn } from '../engine/index.js';
import { leasesOf } from '../simulations/story/mentions.js';
import { ownPart } from './records/tables.js';

/** Null: any. What is about no lease is not heard where leases or projects are named. */
export interface EventsWanted {
  readonly types: readonly string[] | null;
  readonly leases: readonly LeaseId[] | null;
  readonly projects: readonly string[] | null;
}

/** Projects of so many leases are remembered. */
const KNOWN_MAX = 4096;

export class EventFilter {
  private readonly types: ReadonlySet<string> | null;
  private readonly leases: ReadonlySet<string> | null;
  private readonly projects: ReadonlySet<string | null> | null;
  private readonly known = new Map<LeaseId, boolean>();

  /** `projectOf`: the project of a lease that was asked for; null: none. */
  constructor(
    { types, leases, projects }: EventsWanted,
    private readonly projectOf: (lease: LeaseId) => string | null,
  ) {
    this.types = types === null ? null : new Set(types);
    this.leases = leases === null ? null : new Set(leases);
    this.projects = projects === null ? null : new Set(projects);
  }

  /** The turn with what is wanted of it, as text like `text`; null: nothing is. O(length of the turn). */
  partOf(text: string): string | null {
    // Most turns are about other leases: that is seen without reading them.
    if (this.leases !== null && ![...this.leases].some((lease) => text.includes(lease))) return null;
    const turn = JSON.parse(text) as Turn;
    const inputs = turn.inputs.flatMap((event) => this.wanted(event));
    const decisions = turn.decisions.flatMap((event) => this.wanted(event));
    if (inputs.length === 0 && decisions.length === 0) return null;
    return JSON.stringify({ ...turn, inputs, decisions });
  }

  /** The event; of a decision about many leases the parts that are wanted, one by one; or nothing. */
  private wanted<T extends Event>(event: T): (T | Event)[] {
    if (this.types !== null && !this.types.has(event.type)) return [];
    if (this.leases === null && this.projects === null) return [event];
    if (event.type === 'LeaseRequested' && this.projects !== null)
      this.remember(event.lease, this.projects.has(event.terms.project));
    const leases = leasesOf(event);
    const indexes = [...leases.keys()].filter((i) => this.isWanted(leases[i]!));
    if (indexes.length === 0) return [];
    if (!('leases' in event)) return [event];
    return indexes.map((index) => ownPart({ turn: 0, at: 0, decision: event, index }).decision);
  }

  private isWanted(lease: LeaseId): boolean {
    if (this.leases !== null && !this.leases.has(lease)) return false;
    return this.projects === null || this.isOfProject(lease);
  }

  private isOfProject(lease: LeaseId): boolean {
    const known = this.known.get(lease) ?? this.projects!.has(this.projectOf(lease));
    this.remember(lease, known);
    return known;
  }

  private remember(lease: LeaseId, isOfProject: boolean): void {
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.set(lease, isOfProject);
  }
}
