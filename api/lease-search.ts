/** Leases by what is asked of them: state, kind, whose, when, where, what they are called. */

import { has } from '../engine/index.js';
import { setImmediate as pause } from 'node:timers/promises';
import type { Caller } from './access/caller.js';
import type { Sight } from './access/sight.js';
import type { RouteDeps } from './deps.js';
import { FormatError, parseInstant } from './formats.js';
import type { List } from './lists.js';
import type { Personal } from './personal.js';
import { Problem } from './problems.js';
import type { RecordFilter } from './records/filter.js';
import type { LeaseRecord } from './records/lease-record.js';
import { Lease } from './schemas/lease.js';
import type { LeaseQuery } from './schemas/lease-request.js';
import { leaseView, reached } from './views.js';

export interface LeaseFilter extends RecordFilter {
  /** Its VMs are or were on this node. */
  readonly node: number | null;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly name: string | null;
}

/** In a moment so many numbers of leases are passed over, and so many records read. */
const NUMBERS = 20_000;
const READ = 500;

/** Throws a Problem where a time is none. */
export function leaseFilterOf(query: LeaseQuery, caller: Caller, now: number): LeaseFilter {
  const { state, kind, user, project, node, label, from, to, name } = query;
  return {
    states: state === undefined ? null : new Set<string>(state.split(',')),
    kind: kind ?? null,
    user: user ?? null,
    project: project ?? null,
    caller,
    node: node ?? null,
    labels: (label ?? []).map(pairOf),
    from: from === undefined ? null : instant('from', from),
    to: to === undefined ? null : instant('to', to),
    name: name ?? null,
    now,
  };
}

/** The latest first; the cursor is the number of the last one. */
export function leaseList(
  { follower, personal, hosts }: Pick<RouteDeps, 'follower' | 'personal' | 'hosts'>,
  filter: LeaseFilter,
  sight: Sight,
): List<LeaseRecord> {
  const { records, state } = follower;
  const addresses = hosts?.samples.addresses();
  return {
    item: Lease,
    cursorLength: 1,
    cursorOf: ({ lease }) => [lease.sequence],
    view: (record) => ({ ...leaseView(record, state, personal, sight), ...reached(record.lease.id, addresses) }),
    async page(after, count, inAMoment) {
      const found: LeaseRecord[] = [];
      const step = isQuick(filter) ? Number.MAX_SAFE_INTEGER : NUMBERS;
      let before = after?.[0] ?? state.nextSequence;
      for (let read = 0; found.length < count && before > 1; ) {
        // Numbers are passed over in steps, so that one step is quick however rare what is asked for.
        const least = Math.max(0, before - step);
        const some = records.latest(before, least, filter, Math.min(READ, count));
        for (const record of some) if (matches(record, filter, personal)) found.push(record);
        before = some.length < Math.min(READ, count) ? least : some.at(-1)!.lease.sequence;
        read += some.length;
        if (found.length >= count || before <= 1) break;
        if (inAMoment && (least === before || read >= READ)) return null;
        if (!inAMoment) await pause();
      }
      return found.slice(0, count);
    },
  };
}

/** Whether an index leads from one that is found to the next: by state, user or project alone, or to those that go on. */
function isQuick({ states, kind, from, to }: LeaseFilter): boolean {
  return (
    (kind === null && from === null && to === null) || (states !== null && ![...states].some((one) => OVER.has(one)))
  );
}

const OVER: ReadonlySet<string> = new Set(['done', 'rejected', 'cancelled', 'failed', 'expired']);

/** What can only be told from the whole record. */
function matches({ lease }: LeaseRecord, { node, labels, name }: LeaseFilter, personal: Personal): boolean {
  if (node !== null) {
    const isThere = lease.nodes !== null && has(lease.nodes, node);
    if (!isThere && !lease.spans.some((span) => has(span.nodes, node) || (span.to !== null && has(span.to, node))))
      return false;
  }
  if (name === null && labels.length === 0) return true;
  const said = personal.open(lease.terms);
  return (name === null || said.name === name) && labels.every(([label, value]) => said.labels[label] === value);
}

function pairOf(text: string): readonly [string, string] {
  const end = text.indexOf('=');
  return [text.slice(0, end), text.slice(end + 1)];
}

export function instant(name: string, text: string): number {
  try {
    return parseInstant(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Problem('query-invalid', `${name} ${error.message}`, [
      { pointer: `query/${name}`, detail: error.message },
    ]);
  }
}
