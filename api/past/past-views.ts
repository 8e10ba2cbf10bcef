/**
 * The follower as it was after any turn: from the milestone before it, and the turns since. Milestones are made as the log
 * grows; those that are missing are made anew from it.
 */

import { setImmediate as pause } from 'node:timers/promises';
import { encodeState, encodeTurn, type Instant, type Turn } from '../../engine/index.js';
import { Follower } from '../follower.js';
import type { Milestone, PastFile } from '../records/past-file.js';
import { turnDigest } from '../records/read-tables.js';
import { type OverRecords, restOf } from '../records/tables.js';
import { PastTables } from './past-tables.js';

export interface PastSources {
  /** Turns later than `after`, from the store. */
  readonly history: (after: number) => AsyncIterable<Turn>;
  readonly file: PastFile;
  /** Leases that were over after a turn. */
  readonly over: { asOf(turn: number): OverRecords };
  /** A milestone is made every so many turns, or more where many leases go on. */
  readonly everyTurns: number;
}

/** So many pasts are kept for those who ask again. */
const KEPT = 4;
const LEASES_A_TURN = 8;
/** Others get their turn after so many turns of the log. */
const SLICE = 64;

export class PastViews {
  /** The one asked for last comes last. */
  private readonly recent = new Map<number, Promise<Follower>>();
  private growing: Promise<void> | null = null;
  private checking: Promise<void> | null = null;
  /** After the milestone of turn `after`, none is due before turn `at`. */
  private next = { after: 0, at: 0 };

  constructor(private readonly sources: PastSources) {}

  /**
   * What was known after `turn`, which is in the log. `settled`: all that was over by that turn can be read. Nobody may
   * change what comes back. O(leases that went on + turns since the milestone).
   */
  at(turn: number, settled: number): Promise<Follower> {
    const found = this.recent.get(turn);
    const view = found ?? this.build(turn, settled);
    this.recent.delete(turn);
    this.recent.set(turn, view);
    if (found === undefined) view.catch(() => this.recent.delete(turn));
    for (const oldest of this.recent.keys()) {
      if (this.recent.size <= KEPT) break;
      this.recent.delete(oldest);
    }
    return view;
  }

  /** The last turn of time `at` or earlier, of turns up to `head`; 0: there was none yet. O(turns since the milestone). */
  async turnAt(at: Instant, head: number): Promise<number> {
    await this.check();
    let last = this.sources.file.beforeTime(at)?.turn ?? 0;
    for await (const { number, now } of this.turns(last, head)) {
      if (now > at) break;
      last = number;
    }
    return last;
  }

  /** Makes the milestones that are due when the log ends with turn `head`. */
  async grow(head: number): Promise<void> {
    this.growing ??= this.makeMilestones(head).finally(() => {
      this.growing = null;
    });
    await this.growing;
  }

  private async build(turn: number, settled: number): Promise<Follower> {
    await this.check();
    // From far away it is quicker to make what is missing, and lighter.
    const { file, everyTurns } = this.sources;
    if (turn - (file.before(turn)?.turn ?? 0) > 2 * everyTurns) await this.grow(turn);
    const milestone = await this.milestoneBefore(Math.min(turn, settled));
    const from = milestone?.turn ?? 0;
    const follower = begun(milestone, milestone === null ? NOTHING : this.sources.over.asOf(from));
    for await (const next of this.turns(from, turn)) follower.fold(next);
    if (follower.head !== turn) throw new Error(`the log ends with turn ${follower.head}, not ${turn}`);
    return follower;
  }

  private async makeMilestones(head: number): Promise<void> {
    await this.check();
    const { file, everyTurns } = this.sources;
    // Reading one takes long where many leases go on.
    const mark = file.before(head)?.turn ?? 0;
    if (head - mark < everyTurns || (mark === this.next.after && head < this.next.at)) return;
    const latest = await this.milestoneBefore(head);
    let last = latest?.turn ?? 0;
    const follower = begun(latest, null);
    for await (const turn of this.turns(last, head)) {
      follower.fold(turn);
      // Making one costs as much as folding a few turns for each lease.
      const due = Math.max(everyTurns, follower.state.leases.size / LEASES_A_TURN);
      this.next = { after: last, at: last + due };
      if (turn.number < this.next.at) continue;
      last = turn.number;
      if (!(await file.write(milestoneOf(follower, turn)))) return;
      if (head - last < due) return;
      follower.keep();
    }
  }

  private async milestoneBefore(turn: number): Promise<Milestone | null> {
    const { file } = this.sources;
    for (let mark = file.before(turn); mark !== null; mark = file.before(turn)) {
      const milestone = await file.read(mark.turn);
      if (milestone !== null) return milestone;
    }
    return null;
  }

  /** Once: are the milestones of this log? It may have been put back from a copy, or be another one. */
  private check(): Promise<void> {
    this.checking ??= this.forgetOthers().catch((error: unknown) => {
      this.checking = null;
      throw error;
    });
    return this.checking;
  }

  private async forgetOthers(): Promise<void> {
    const { file } = this.sources;
    const last = file.before(Number.MAX_SAFE_INTEGER);
    if (last === null) return;
    for await (const turn of this.turns(last.turn - 1, last.turn))
      if (turnDigest(encodeTurn(turn)) === last.digest) return;
    file.forget();
  }

  /** Turns later than `after`, up to `until`; others get their turn now and then. */
  private async *turns(after: number, until: number): AsyncGenerator<Turn> {
    if (after >= until) return;
    for await (const turn of this.sources.history(after)) {
      yield turn;
      if (turn.number >= until) return;
      if (turn.number % SLICE === 0) await pause();
    }
  }
}

function begun(milestone: Milestone | null, over: OverRecords | null): Follower {
  const follower = new Follower(1, new PastTables(milestone, over));
  follower.begin(milestone?.state ?? null, milestone !== null);
  return follower;
}

function milestoneOf({ records, state, nodeClasses, policies }: Follower, turn: Turn): Milestone {
  return {
    turn: turn.number,
    now: turn.now,
    digest: turnDigest(encodeTurn(turn)),
    state: encodeState(state),
    nodeClasses,
    policies,
    going: records.going().map((record) => ({ id: record.lease.id, rest: restOf(record) })),
  };
}

/** Before the first turn. */
const NOTHING: OverRecords = {
  record: () => undefined,
  latest: () => [],
  within: () => [],
  changedSince: () => [],
};
