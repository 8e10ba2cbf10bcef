/** Series in YAML workloads: an advance lease that is repeated becomes as many leases, as the HTTP API makes of it. */

import { REPEAT_MAX } from '../../engine/index.js';
import { durationOf } from '../amounts.js';
import { mapping, type Path, shown, type YamlFile } from '../yaml-file.js';
import type { WorkloadEntry } from './entry.js';

/** The leases that `repeat` (of the lease at `path`) makes of `entry`, or `entry` alone. Throws an InputError. */
export function seriesOf(yaml: YamlFile, path: Path, repeat: unknown, entry: WorkloadEntry): readonly WorkloadEntry[] {
  if (repeat === undefined) return [entry];
  const at: Path = [...path, 'repeat'];
  const { start } = entry.terms;
  if (start.kind !== 'advance') {
    throw yaml.fault(at, 'only advance leases are repeated', 'Write start: {kind: advance, at: 1h}.');
  }
  const given = mapping(yaml, at, repeat, ['every', 'times']);
  const written = given.get('every');
  const every = typeof written === 'number' || typeof written === 'string' ? durationOf(written) : null;
  if (every === null || every < 1) {
    throw yaml.fault([...at, 'every'], `${shown(written)} is no time`, 'Write a duration such as 24h.');
  }
  const times = given.get('times');
  if (!Number.isInteger(times) || (times as number) < 1 || (times as number) > REPEAT_MAX) {
    throw yaml.fault([...at, 'times'], `${shown(times)} is not accepted`, `Write a number from 1 to ${REPEAT_MAX}.`);
  }
  return Array.from({ length: times as number }, (_, i) => ({
    ...entry,
    id: `${entry.id}-${i + 1}`,
    terms: { ...entry.terms, start: { ...start, at: start.at + i * every } },
  }));
}

/** Throws an InputError where a lease of a series has the id of another lease. */
export function checkIds(yaml: YamlFile, entries: readonly WorkloadEntry[]): void {
  const ids = new Set<string>();
  for (const { id } of entries) {
    if (ids.has(id))
      throw yaml.fault(['leases'], `the id ${shown(id)} is used twice`, 'Leases of a series are ID-1, ID-2, …');
    ids.add(id);
  }
}
