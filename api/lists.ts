/**
 * Lists: in pages of JSON, or whole and streamed as CSV or NDJSON. What does not fit into a moment is answered as of the
 * turn at which it was asked for, beside the present.
 */

import { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import { acceptedOf } from './accepted.js';
import { answerAsOf } from './as-of.js';
import { LIMITS } from './config.js';
import { csvLine } from './csv.js';
import type { RouteDeps } from './deps.js';
import { numbersFromToken, pageLink } from './pages.js';
import { Problem } from './problems.js';

type Row = Readonly<Record<string, unknown>>;

export interface List<T> {
  /** The shape of an item: its members are the columns. */
  readonly item: TSchema;
  /** How many numbers a cursor has. */
  readonly cursorLength: number;
  cursorOf(item: T): readonly number[];
  /**
   * At most `count` items behind the cursor. `inAMoment`: at once, or not at all (null), where that would take long.
   * Another page may be asked for when the state has gone on: it reads only what was there when the list was made.
   */
  page(after: readonly number[] | null, count: number, inAMoment: boolean): Promise<readonly T[] | null>;
  view(item: T): Row;
}

interface ListQuery {
  readonly page_size?: number;
  readonly page_token?: string;
  readonly fields?: string;
}

/** So many items are written at once; longer lists are streamed from a past that stands still. */
const AT_ONCE = 500;
const STREAMED = 200;
const MEDIA = ['application/json', 'text/csv', 'application/x-ndjson'] as const;

/** `around`: the JSON answer that a page stands in. */
export async function answerList<T>(
  list: List<T>,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: RouteDeps,
  around: (items: readonly Row[], nextPageToken: string | null) => Row = (items, nextPageToken) => ({
    items,
    nextPageToken,
  }),
): Promise<unknown> {
  const { page_size, page_token, fields } = request.query as ListQuery;
  const isPresent = deps.past !== null;
  const { head } = deps.follower;
  // 1. What is wanted, and how.
  const media = acceptedOf(request.headers.accept, MEDIA);
  reply.header('vary', 'accept');
  const columns = columnsOf(list.item, fields);
  const row = (item: T): Row => cut(list.view(item), fields === undefined ? null : columns);
  const cursor = numbersFromToken(page_token, list.cursorLength + 1)?.slice(1) ?? null;
  // 2. A page, or all of them.
  const whole = media !== 'application/json' && page_size === undefined;
  const size = whole ? (isPresent ? AT_ONCE : STREAMED) : (page_size ?? LIMITS.pageSize);
  const found = await list.page(cursor, size + 1, isPresent);
  if (found === null || (whole && isPresent && found.length > size)) return answerAsOf(head, request, reply, deps);
  const rest = found.length > size;
  const page = found.slice(0, size);
  const token = rest ? [head, ...list.cursorOf(page.at(-1)!)].join('.') : null;
  if (token !== null && !whole) reply.header('link', pageLink(request.url, token));
  if (media === 'application/json') return around(page.map(row), token);
  // 3. As lines.
  const asText = media === 'text/csv' ? (item: T) => csvLine(columns, row(item)) : (item: T) => jsonLine(row(item));
  const heading = media === 'text/csv' ? `${columns.join(',')}\r\n` : '';
  const first = heading + page.map(asText).join('');
  reply.type(media === 'text/csv' ? 'text/csv; charset=utf-8; header=present' : media);
  if (!whole || !rest) return first;
  // Whoever reads on does so outside of the request, and of the past that it is about.
  const within = AsyncResource.bind(<R>(work: () => R): R => work()) as <R>(work: () => R) => R;
  return Readable.from(lines(list, first, page.at(-1)!, asText, within), {
    objectMode: false,
    highWaterMark: 64 * 1024,
  });
}

/** A list that is known as a whole; the cursor is the number of the last one within it. */
export function numberedList<T>(item: TSchema, all: readonly T[], view: (one: T) => Row): List<readonly [number, T]> {
  return {
    item,
    cursorLength: 1,
    cursorOf: ([number]) => [number],
    view: ([, one]) => view(one),
    page: async (after, count) => {
      const from = after?.[0] ?? 0;
      return all.slice(from, from + count).map((one, i) => [from + i + 1, one] as const);
    },
  };
}

async function* lines<T>(
  list: List<T>,
  first: string,
  from: T,
  asText: (item: T) => string,
  within: <R>(work: () => R) => R,
): AsyncGenerator<string> {
  yield first;
  for (let last: T | undefined = from; last !== undefined; ) {
    const cursor = list.cursorOf(last);
    const page: readonly T[] = (await within(() => list.page(cursor, STREAMED, false))) ?? [];
    if (page.length > 0) yield within(() => page.map(asText).join(''));
    last = page.length < STREAMED ? undefined : page.at(-1);
  }
}

function jsonLine(row: Row): string {
  return `${JSON.stringify(row)}\n`;
}

/** The members that are wanted, in the order of the shape. Throws a Problem where one is not known. */
function columnsOf(item: TSchema, fields: string | undefined): readonly string[] {
  const known = Object.keys((item as { properties?: object }).properties ?? {});
  if (fields === undefined) return known;
  const wanted = new Set(fields.split(','));
  for (const name of wanted) {
    if (known.includes(name)) continue;
    const detail = `names a member that is not there; there are ${known.join(', ')}`;
    throw new Problem('query-invalid', `fields ${detail}`, [{ pointer: 'query/fields', detail }]);
  }
  return known.filter((name) => wanted.has(name));
}

/** `columns` null: all of it. */
function cut(row: Row, columns: readonly string[] | null): Row {
  if (columns === null) return row;
  return Object.fromEntries(columns.filter((name) => name in row).map((name) => [name, row[name]]));
}
