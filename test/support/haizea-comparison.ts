/** Two schedules side by side: what differs, what is worse, and a table of it. */

import type { Interval, OnNodes, Schedule } from './haizea.js';

/** Something that two schedules disagree on; `–`: there is none in one of them. */
export interface Difference {
  readonly lease: string;
  readonly what: string;
  readonly haizea: string;
  readonly ours: string;
}

/** What can be said of a lease, by name, as text: `run 1` is `0–1768`, `run 1 nodes` is `1:3 2:4` (VM and node). */
export type Facts = Readonly<Record<string, string>>;

const NONE = '–';

/** Everything in which ours differs from Haizea's, lease by lease. */
export function differences(haizea: readonly Schedule[], ours: readonly Schedule[]): Difference[] {
  const found: Difference[] = [];
  const [theirs, mine] = [byLease(haizea), byLease(ours)];
  for (const lease of new Set([...theirs.keys(), ...mine.keys()])) {
    const [a, b] = [theirs.get(lease) ?? {}, mine.get(lease) ?? {}];
    for (const what of new Set([...Object.keys(a), ...Object.keys(b)]))
      if (a[what] !== b[what]) found.push({ lease, what, haizea: a[what] ?? NONE, ours: b[what] ?? NONE });
  }
  return found;
}

/** Where ours is not what is expected of it. */
export function unmet(expected: Readonly<Record<string, Facts>>, ours: readonly Schedule[]): Difference[] {
  const found: Difference[] = [];
  const mine = byLease(ours);
  for (const [lease, facts] of Object.entries(expected))
    for (const [what, value] of Object.entries(facts)) {
      const is = mine.get(lease)?.[what] ?? NONE;
      if (is !== value) found.push({ lease, what: `${what} (expected)`, haizea: value, ours: is });
    }
  return found;
}

/** Where ours is worse: not done though Haizea did it, a start or an end that is later, a run that is cut earlier. */
export function worse(haizea: readonly Schedule[], ours: readonly Schedule[]): Difference[] {
  const mine = new Map(ours.map((lease) => [lease.id, lease]));
  return haizea.flatMap((a) => {
    const b = mine.get(a.id);
    const found: Difference[] = [];
    const note = (what: string, theirs: number | string | null, own: number | string | null | undefined) =>
      found.push({ lease: a.id, what, haizea: `${theirs ?? NONE}`, ours: `${own ?? NONE}` });
    if (a.state === 'done' && b?.state !== 'done') note('state', a.state, b?.state);
    if (isLater(b?.start, a.start)) note('start', a.start, b?.start);
    if (isLater(b?.end, a.end)) note('end', a.end, b?.end);
    for (const [i, run] of a.runs.entries())
      if (isLater(run.end, b?.runs[i]?.end) && isLater(a.end, b?.end)) note(`run ${i + 1}`, run.end, b?.runs[i]?.end);
    return found;
  });
}

/** Whether an instant is later than another; it is not where one of them is missing. */
function isLater(one: number | null | undefined, other: number | null | undefined): boolean {
  return one !== null && one !== undefined && other !== null && other !== undefined && one > other;
}

/** One row a difference. */
export function table(title: string, rows: readonly Difference[]): string {
  const lines = [
    ['lease', 'what', 'Haizea', 'ours'],
    ...rows.map(({ lease, what, haizea, ours }) => [lease, what, haizea, ours]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return `${title}: ${rows.length} different\n${text.map((line) => line.trimEnd()).join('\n')}\n`;
}

function byLease(schedules: readonly Schedule[]): Map<string, Facts> {
  return new Map(schedules.map((schedule) => [schedule.id, factsOf(schedule)]));
}

function factsOf(lease: Schedule): Facts {
  const facts: Record<string, string> = {
    state: lease.state,
    start: `${lease.start ?? NONE}`,
    end: `${lease.end ?? NONE}`,
  };
  const note = <T extends Interval>(what: string, intervals: readonly T[], nodes: ((one: T) => string) | null) => {
    for (const [i, one] of intervals.entries()) {
      facts[`${what} ${i + 1}`] = `${one.start}–${one.end}`;
      if (nodes !== null) facts[`${what} ${i + 1} nodes`] = nodes(one);
    }
  };
  note('run', lease.runs, placesOf);
  note('suspension', lease.suspensions, placesOf);
  note('resumption', lease.resumptions, placesOf);
  note('shutdown', lease.shutdowns, null);
  note('migration', lease.migrations, ({ moves }) => written(moves, ([from, to]) => `${from}→${to}`));
  note('transfer', lease.transfers, placesOf);
  for (const [i, { image }] of lease.transfers.entries()) facts[`transfer ${i + 1} image`] = image;
  return facts;
}

function placesOf({ nodes }: OnNodes): string {
  return written(nodes, String);
}

/** By VM number. Object keys that are numbers come in ascending order. */
function written<T>(byVm: Readonly<Record<string, T>>, text: (value: T) => string): string {
  return Object.entries(byVm)
    .map(([vm, value]) => `${vm}:${text(value)}`)
    .join(' ');
}
