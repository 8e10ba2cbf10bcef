/** What clients change about their leases, strewn over a workload: holds, dependencies, other durations, cancellations. */

import type { Arrival } from '../../adapters/simulated/world.js';
import { type Command, type Dependency, Random, type Terms } from '../../engine/index.js';

const MINUTE = 60_000;

/** The workload with wishes. Whatever is held is released in the end, so that everything can end. */
export function withWishes(seed: number, arrivals: readonly Arrival[]): Arrival[] {
  const random = new Random(seed ^ 0x51e5);
  const notes = new Random(seed ^ 0x707e);
  const wished: Arrival[] = [];
  const submitted: string[] = [];
  for (const arrival of arrivals) {
    const { at, command } = arrival;
    if (command.type === 'SubmitLease') {
      wished.push({ ...arrival, command: { ...command, terms: withWaiting(random, command.terms, submitted) } });
      submitted.push(command.lease);
    } else wished.push(arrival);
    const wish = submitted.length > 0 && random.chance(1, 3) ? randomWish(random, submitted) : null;
    if (wish !== null) wished.push({ at, run: null, command: wish });
    if (notes.chance(1, 16)) wished.push({ at, run: null, command: randomNote(notes) });
  }
  const end = wished.at(-1)?.at ?? 0;
  for (const lease of submitted) wished.push({ at: end + 1, run: null, command: { type: 'ReleaseLease', lease } });
  return wished;
}

function withWaiting(random: Random, terms: Terms, earlier: readonly string[]): Terms {
  if (terms.start.kind !== 'best-effort') return terms;
  const held = random.chance(1, 8);
  const after: Dependency[] = [];
  while (earlier.length > 0 && after.length < 3 && random.chance(1, 4))
    after.push({ lease: recent(random, earlier), on: random.pick(['start', 'end'] as const) });
  return { ...terms, ...(held ? { held } : {}), ...(after.length > 0 ? { after } : {}) };
}

function randomWish(random: Random, submitted: readonly string[]): Command {
  const lease = recent(random, submitted);
  switch (random.below(6)) {
    case 0:
    case 1:
      return { type: 'HoldLease', lease };
    case 2:
      return { type: 'ReleaseLease', lease };
    case 3:
      return { type: 'CancelLease', lease };
    default:
      return { type: 'ChangeDuration', lease, duration: (1 + random.below(90)) * MINUTE };
  }
}

/** Some are kept, some changed, some removed, and some are stale. */
function randomNote(random: Random): Command {
  const key = `note/${random.below(3)}`;
  const value = random.chance(1, 3) ? null : String(random.below(3));
  return { type: 'KeepNote', key, value, ...(random.chance(1, 3) ? { expected: String(random.below(3)) } : {}) };
}

/** Most of those that came long ago are over. */
function recent(random: Random, submitted: readonly string[]): string {
  const last = submitted.slice(-6);
  return random.pick(random.chance(1, 4) ? submitted : last);
}
