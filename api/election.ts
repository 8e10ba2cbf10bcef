/**
 * Who leads, where several services share a log: what a service does next, as pure functions of what it has seen and of
 * its own clock. Whoever holds the latest epoch in the log leads; what is here decides only when to claim the next one,
 * and when a leader is not to act before it has asked.
 */

import type { Epoch, Head, Revision } from '../engine/index.js';

/** All of one clock that does not go back and counts also what a process sleeps through. Milliseconds. */
export interface Pace {
  /** A leader gives a sign of life so often. */
  readonly beatMs: number;
  /** A follower looks for one so often. */
  readonly pollMs: number;
  /** After so long without one a follower claims the next epoch. */
  readonly leaseMs: number;
  /** So long after it began to give its last one a leader acts. Shorter than the lease: clocks differ a little. */
  readonly leadMs: number;
  /** A follower waits up to so much longer, by chance, that several do not claim at once. */
  readonly staggerMs: number;
}

export const PACE: Pace = { beatMs: 2_000, pollMs: 500, leaseMs: 8_000, leadMs: 6_000, staggerMs: 1_000 };

/** A sign of life, as it is written. `count` goes up: it is the change that counts. */
export interface Beat {
  readonly epoch: Epoch;
  readonly count: number;
  readonly url: string;
  /** The leader has ended as it was told to. */
  readonly left: boolean;
}

// ---- followers -----------------------------------------------------------------------------------------------------

/** What the store showed. */
export interface Signs {
  readonly beat: string | null;
  readonly head: Head;
}

/** What a follower has seen so far. */
export interface Watch {
  readonly signs: Signs | null;
  readonly readAt: number;
  /** How long nothing has changed, as far as it looked. */
  readonly silentMs: number;
}

export const UNWATCHED: Watch = { signs: null, readAt: 0, silentMs: 0 };

/**
 * After `signs` were read, at `now`. New turns are signs of life, too. Time in which the follower did not look, since it
 * slept or could not reach the store, does not count: the leader may have met with the same.
 */
export function watched({ signs: before, readAt, silentMs }: Watch, signs: Signs, now: number, pace: Pace): Watch {
  const changed = before === null || before.beat !== signs.beat || before.head.revision !== signs.head.revision;
  const looked = Math.min(now - readAt, pace.beatMs);
  return { signs, readAt: now, silentMs: changed ? 0 : silentMs + looked };
}

/** `folded`: the last turn the follower knows. `stagger`: its own share of `staggerMs`. Asked right after a look. */
export function followerDoes(
  { signs, silentMs }: Watch,
  folded: Revision,
  stagger: number,
  pace: Pace,
): 'wait' | 'claim' {
  if (signs === null || folded < signs.head.revision) return 'wait';
  const nobodyLeads = signs.head.revision === 0 || leaderOf(signs)?.left === true;
  return nobodyLeads || silentMs >= pace.leaseMs + stagger ? 'claim' : 'wait';
}

/** The last sign of life, if it is that of the latest epoch. */
export function leaderOf({ beat, head }: Signs): Beat | null {
  const read = beat === null ? null : decodeBeat(beat);
  return read?.epoch === head.epoch ? read : null;
}

// ---- the leader ----------------------------------------------------------------------------------------------------

export interface Lead {
  readonly epoch: Epoch;
  /** When it began to give the last sign of life that the store took; before that nobody else can have claimed. */
  readonly confirmedAt: number;
  /** The latest epoch that it has seen. */
  readonly latest: Epoch;
}

/** `hold`: it may have been superseded, and enacts nothing before it knows. `stand-by`: it has been. */
export function leaderDoes(
  { epoch, confirmedAt, latest }: Lead,
  now: number,
  pace: Pace,
): 'enact' | 'hold' | 'stand-by' {
  if (latest > epoch) return 'stand-by';
  return now - confirmedAt < pace.leadMs ? 'enact' : 'hold';
}

// ---- signs of life as text -----------------------------------------------------------------------------------------

export function encodeBeat(beat: Beat): string {
  return JSON.stringify(beat);
}

/** Null: it was not written by this version. */
export function decodeBeat(text: string): Beat | null {
  try {
    const { epoch, count, url, left } = Object(JSON.parse(text)) as Record<string, unknown>;
    if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(count) || typeof url !== 'string') return null;
    return { epoch: epoch as number, count: count as number, url, left: left === true };
  } catch {
    return null;
  }
}
