/**
 * Why a lease waits, asked anew only where the answer may have changed: asking costs as much as planning. Long waits are
 * looked at ever more rarely, so that the number of questions grows with the logarithm of the wait.
 */

import {
  type Decision,
  explain,
  type Instant,
  type Lease,
  type Reason,
  type StateView,
  type Turn,
} from '../../engine/index.js';
import { leasesOf } from './mentions.js';

/** So many questions are asked whenever something changes; later ones only after this part of the wait so far. */
const FREE = 32;

const SITE_CHANGES: ReadonlySet<string> = new Set([
  ...['NodesAdded', 'NodeDrained', 'NodeRestored', 'NodeRemoved', 'NodeLost', 'NodeGivenUp'],
  ...['NodeUnreachable', 'NodeFound', 'PolicyAdopted', 'TurnsMissed'],
]);

export class Waiting {
  /** Since when it waits; null: it does not. */
  private since: Instant | null = null;
  private asked = 0;
  private askedAt: Instant = 0;
  private blockers: ReadonlySet<string> = new Set();
  private release: Instant | null = null;
  private known = '';

  /** The log itself has said why. */
  told(reasons: readonly Reason[]): void {
    this.blockers = new Set(reasons.flatMap(({ blockers }) => blockers));
    this.release = earliest(reasons);
    this.known = essence(reasons);
  }

  /** It does not wait any more. */
  over(): void {
    this.since = null;
    this.known = '';
    this.asked = 0;
  }

  /** Why the lease waits after this turn, where that is new; null: it is not. `own`: the turn was about the lease. */
  look(state: StateView, lease: Lease, turn: Turn, own: boolean): readonly Reason[] | null {
    const first = this.since === null;
    if (first) this.since = turn.now;
    const told = first && this.known !== '';
    if (told || (!first && !own && !this.mayHaveChanged(turn, lease))) return null;
    if (!first && this.isTooSoon(turn.now)) return null;
    this.asked++;
    this.askedAt = turn.now;
    const before = this.known;
    const reasons = explain(state, lease.id, turn.now);
    this.told(reasons);
    return reasons.length === 0 || this.known === before ? null : reasons;
  }

  private mayHaveChanged(turn: Turn, lease: Lease): boolean {
    const { release } = this;
    if (release !== null && turn.now >= release) return true;
    for (const event of [...turn.inputs, ...turn.decisions]) {
      if (SITE_CHANGES.has(event.type)) return true;
      for (const id of leasesOf(event)) if (this.blockers.has(id)) return true;
    }
    return release !== null && turn.decisions.some((one) => takesPlace(one, release, release + lease.remaining));
  }

  private isTooSoon(now: Instant): boolean {
    return this.asked >= FREE && now - this.askedAt < (now - this.since!) / FREE;
  }
}

/** Whether others are promised a place in the time in which the lease is expected to run. */
function takesPlace(decision: Decision, from: Instant, until: Instant): boolean {
  if (decision.type === 'Reserved') return decision.from < until && decision.until > from;
  if (decision.type !== 'ReservationsMoved') return false;
  return decision.from.some((begins, i) => begins < until && decision.until[i]! > from);
}

function earliest(reasons: readonly Reason[]): Instant | null {
  const times = reasons.map(({ earliestRelease }) => earliestRelease).filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}

/** What makes reasons others to a reader: not how much is free just now. */
function essence(reasons: readonly Reason[]): string {
  return JSON.stringify(reasons.map(({ code, blockers, earliestRelease }) => [code, blockers, earliestRelease]));
}
