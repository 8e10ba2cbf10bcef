/** A snapshot for the loop, made by the process that is asked: neither turns nor requests wait for it. */

import type { Asking } from './asking/asking.js';
import type { Follower } from './follower.js';
import type { Made } from './loop-messages.js';
import { Problem } from './problems.js';

/** Null: there is none to be had just now. */
export async function makeSnapshot(asking: Asking, follower: Follower): Promise<Made | null> {
  try {
    const { turn, packed } = await asking.snapshot(follower.state.now);
    await follower.prepareToKeep();
    // After it: a later start brings the tables on from an earlier snapshot, but not from a later one.
    return follower.keep() ? { turn, state: packed } : null;
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}
