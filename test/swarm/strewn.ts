/** Wishes strewn over a scenario: some after each arrival, about leases that have been asked for by then. */

import type { Arrival } from '../../adapters/simulated/world.js';
import type { Command, Random } from '../../engine/index.js';
import type { Scenario } from './workload.js';

export const MINUTE = 60_000;

/** `wish`: a command for `at`. `also`: what else comes with an arrival. Afterwards all leases are released. */
export function strewn(
  plain: Scenario,
  random: Random,
  wish: (submitted: readonly string[], at: number) => Command,
  also: (at: number) => readonly Arrival[] = () => [],
): { readonly arrivals: Arrival[]; readonly end: number } {
  const arrivals: Arrival[] = [];
  const submitted: string[] = [];
  for (const arrival of plain.arrivals) {
    arrivals.push(arrival);
    if (arrival.command.type === 'SubmitLease') submitted.push(arrival.command.lease);
    const wishes = submitted.length === 0 ? 0 : random.below(3);
    for (let i = 0; i < wishes; i++) {
      const at = arrival.at + random.below(20) * MINUTE;
      arrivals.push({ at, run: null, command: wish(submitted, at) });
    }
    arrivals.push(...also(arrival.at));
  }
  arrivals.sort((a, b) => a.at - b.at);
  const end = (arrivals.at(-1)?.at ?? 0) + 1;
  for (const lease of submitted) arrivals.push({ at: end, run: null, command: { type: 'ReleaseLease', lease } });
  return { arrivals, end };
}
