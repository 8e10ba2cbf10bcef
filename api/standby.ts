/**
 * A service beside others on one log: it follows, and leads when nobody else does. When it has been superseded it
 * follows again; what it knew then is forgotten, and read anew from the log.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Beats, type EventStore, foldTurn, type State, type Turn } from '../engine/index.js';
import { followerDoes, leaderOf, PACE, type Signs, UNWATCHED, type Watch, watched } from './election.js';
import type { Found, Loop } from './loop.js';
import type { FromLoop } from './loop-messages.js';
import type { Kept } from './records/tables.js';

export interface StandbyDeps {
  readonly loop: Loop;
  readonly store: EventStore;
  readonly beats: Beats;
  readonly tell: (message: FromLoop) => void;
  /** See `go`. */
  readonly kept: Kept | null;
  /** The service is to end. */
  readonly stop: AbortSignal;
  /** After each term, however it ended. */
  readonly afterTerm: () => Promise<void>;
}

/** How long to wait after something that may be better next time. */
const PAUSE_MS = 1_000;

export async function leadOrFollow(deps: StandbyDeps): Promise<void> {
  const { loop, tell, stop } = deps;
  while (!stop.aborted) {
    try {
      // 1. What the log leads to.
      const found = await loop.rebuild(deps.kept);
      // 2. Follow it, until nobody leads.
      const taken = await new Following(deps, found).untilNobodyLeads();
      if (taken === null) {
        if (stop.aborted) await loop.keep();
        continue;
      }
      // 3. Lead, until somebody else does.
      await loop.lead(taken);
    } catch (error) {
      if (!passes(error)) throw error;
      tell({ type: 'notice', text: (error as Error).message });
      await sleep(PAUSE_MS, undefined, { signal: stop }).catch(() => {});
    } finally {
      await deps.afterTerm();
    }
  }
}

/** What may be different next time: another leads, or the store or the machines cannot be reached. */
function passes(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'StoreError') return (error as { code?: unknown }).code === 'io';
  return ['StaleWriterError', 'UnknownOutcomeError', 'ClusterError', 'InboxError'].includes(error.name);
}

/** Folds what others append, and looks for signs of life. */
class Following {
  private state: State;
  private first: Turn | null;
  private leader: string | null = null;
  private isReady = false;

  constructor(
    private readonly deps: StandbyDeps,
    private readonly found: Found,
  ) {
    this.state = found.state;
    this.first = found.first;
  }

  /** Resolves with all that is known when it is time to claim; null: read anew, or end. */
  async untilNobodyLeads(): Promise<Found | null> {
    const { store, stop } = this.deps;
    const turns = store.subscribe(this.state.turn)[Symbol.asyncIterator]();
    const folding = this.foldAll(turns);
    folding.catch(() => {}); // it is waited for below
    this.tellRole(null);
    const stagger = Math.random() * PACE.staggerMs;
    let decidedAt: number | null = null;
    try {
      for (let watch = UNWATCHED; decidedAt === null && !stop.aborted; ) {
        const signs = await look(this.deps.beats);
        if (signs !== null) watch = watched(watch, signs, performance.now(), PACE);
        if (signs !== null) this.tellWhat(signs, watch);
        if (signs !== null && followerDoes(watch, this.state.turn, stagger, PACE) === 'claim') {
          decidedAt = this.state.turn;
        } else {
          await Promise.race([sleep(PACE.pollMs, undefined, { signal: stop }).catch(() => {}), folding]);
        }
      }
    } finally {
      await turns.return?.();
      await folding;
    }
    const { state, first, found } = this;
    // Otherwise somebody else was faster.
    return decidedAt === state.turn ? { ...found, state, first } : null;
  }

  private async foldAll(turns: AsyncIterator<Turn>): Promise<void> {
    for (let next = await turns.next(); next.done !== true; next = await turns.next()) {
      const turn = next.value;
      this.state = foldTurn(this.state, turn);
      this.first ??= turn;
      this.deps.loop.tellTurns([turn]);
      for (const input of turn.inputs) if (input.type === 'EpochClaimed') this.tellRole(input.url ?? null);
    }
  }

  private tellWhat(signs: Signs, { silentMs }: Watch): void {
    const { state, deps } = this;
    if (signs.head.epoch === state.epoch) {
      const beat = leaderOf(signs);
      const leader = beat === null || beat.left || silentMs >= PACE.leaseMs ? null : beat.url;
      if (leader !== this.leader) this.tellRole(leader);
    }
    if (signs.head.revision > state.turn) return;
    deps.tell({ type: 'fresh' });
    // An empty log is read when somebody has begun it.
    if (!this.isReady && state.turn > 0) deps.tell({ type: 'ready', now: Math.max(Date.now(), state.now) });
    this.isReady = state.turn > 0;
  }

  /** `leader`: where it is, as long as it lives. */
  private tellRole(leader: string | null): void {
    this.leader = leader;
    this.deps.tell({ type: 'role', role: 'follower', epoch: this.state.epoch, leader });
  }
}

/** Null: the store cannot be reached now. */
async function look(beats: Beats): Promise<Signs | null> {
  try {
    const { text, head } = await beats.last();
    return { beat: text, head };
  } catch (error) {
    if (passes(error)) return null;
    throw error;
  }
}
