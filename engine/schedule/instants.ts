/** The instants at which a lease could begin: now, and whenever something is released. */

import { Heap } from '../kit/heap.js';
import { FOREVER, type Instant } from '../kit/time.js';
import type { Draft } from './draft.js';

/**
 * `after` itself, and the instants in (after, limit) at which something is released, ascending: no fit begins elsewhere.
 * They are looked for as they are asked for: O(pools × log breakpoints) for the second, then O(log pools) a release. Nothing
 * may be placed or lifted meanwhile.
 */
export function* instants(draft: Draft, after: Instant, limit: Instant): Iterable<Instant> {
  if (after < limit && after < FOREVER) yield after;
  const releases = new Heap<{ time: Instant; readonly sequence: number }>();
  for (const { index } of draft.state.pools) {
    const time = draft.profile(index).nextRelease(after);
    if (time < limit) releases.push({ time, sequence: index });
  }
  let last = after;
  for (let next = releases.pop(); next !== undefined; next = releases.pop()) {
    if (next.time > last) {
      yield next.time;
      last = next.time;
    }
    next.time = draft.profile(next.sequence).nextRelease(next.time);
    if (next.time < limit) releases.push(next);
  }
}

/** The first of them, at most so many. */
export function firstInstants(draft: Draft, after: Instant, limit: Instant, count: number): Instant[] {
  const first: Instant[] = [];
  for (const at of instants(draft, after, limit)) if (first.push(at) === count) break;
  return first;
}
