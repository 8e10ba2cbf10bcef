/** The probes by Haizea's names. A new one is a function in a file of its own, and a line here. */

import { InputError, nearest, type Place, quoted, USAGE } from '../input-error.js';
import { arProbe, immediateProbe } from './answers.js';
import { bestEffortProbe } from './best-effort.js';
import { cpuUtilizationProbe } from './cpu-utilization.js';
import { deadlineProbe } from './deadline.js';
import { diskUsageProbe } from './disk-usage.js';
import { leaseExtrasProbe, leaseProbe } from './leases.js';
import { priceProbe } from './price.js';
import type { Probe, ProbeContext } from './probe.js';

const PROBES = {
  lease: leaseProbe,
  'lease-extras': leaseExtrasProbe,
  ar: arProbe,
  immediate: immediateProbe,
  'best-effort': bestEffortProbe,
  deadline: deadlineProbe,
  price: priceProbe,
  'cpu-utilization': cpuUtilizationProbe,
  'disk-usage': diskUsageProbe,
} satisfies Readonly<Record<string, (context: ProbeContext) => Probe>>;

export type ProbeName = keyof typeof PROBES;

/** In the order of their counters and columns. */
export const PROBE_NAMES = Object.keys(PROBES) as readonly ProbeName[];

export function makeProbes(names: readonly ProbeName[], context: ProbeContext): Probe[] {
  return PROBE_NAMES.filter((name) => names.includes(name)).map((name) => PROBES[name](context));
}

/** Names separated by blanks or commas, or `all`. Throws InputError at `place`. */
export function parseProbes(text: string, place: Place): readonly ProbeName[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 1 && words[0] === 'all') return PROBE_NAMES;
  for (const word of words) {
    if ((PROBE_NAMES as readonly string[]).includes(word)) continue;
    const meant = nearest(word, PROBE_NAMES);
    const hint = meant === null ? `Name some of: ${PROBE_NAMES.join(', ')}; or all.` : `Did you mean ${meant}?`;
    throw new InputError(`${quoted(word)} is no probe`, place, hint, USAGE);
  }
  return PROBE_NAMES.filter((name) => words.includes(name));
}
