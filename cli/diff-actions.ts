/** What `leasehold diff` does. */

import type { Item } from './api.js';
import { Client } from './client.js';
import type { RemoteOptions } from './options.js';
import { asOfIn } from './options.js';
import { type Column, isValueFormat, printList } from './output.js';

type Change = Item<'/v1/diff'>;

/** A member of a thing that has changed. */
interface Row extends Pick<Change, 'what' | 'id' | 'change'> {
  readonly member: string | null;
  readonly before: string | null;
  readonly after: string | null;
}

/** Whole changes as JSON and YAML; else a member a line. */
export async function diff(from: string, to: string | undefined, options: RemoteOptions): Promise<void> {
  const { tz } = options;
  const query = {
    from: (await asOfIn({ asOf: from, tz }, '<from>'))!,
    to: await asOfIn({ asOf: to, tz }, '[to]'),
    page_size: 1000,
  };
  const changes: Change[] = [];
  for await (const change of new Client(options).all('/v1/diff', { query })) changes.push(change);
  if (isValueFormat(options.output)) return printList(changes, [], options);
  await printList(changes.flatMap(rowsOf), COLUMNS, options);
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'what', value: ({ what }) => what, whole: true },
  { title: 'change', value: ({ change }) => change, whole: true },
  { title: 'member', value: ({ member }) => member },
  { title: 'before', value: ({ before }) => before },
  { title: 'after', value: ({ after }) => after },
];

/** Of something new, what it is in short. */
function rowsOf({ what, id, change, members, before, after }: Change): Row[] {
  if (before === null) {
    const { name, state, status, vms } = after;
    const short = [state ?? status, vms === undefined ? null : `${vms} VMs`, name].filter((one) => one != null);
    return [{ what, id, change, member: null, before: null, after: short.join(', ') || null }];
  }
  return members
    .filter((member) => !BOOKKEEPING.has(member))
    .map((member) => ({ what, id, change, member, before: shown(before[member]), after: shown(after[member]) }));
}

/** What follows from the others, or is long. All of it is in JSON. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['turn', 'conditions', 'runs', 'suspensions', 'resumptions']);

function shown(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map((one) => messageOf(one) ?? shown(one)).join('; ') || null;
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, one]) => `${name}=${shown(one) ?? ''}`)
    .join(' ');
}

/** Of a reason. */
function messageOf(value: unknown): string | null {
  return typeof value === 'object' && value !== null && 'message' in value ? String(value.message) : null;
}
