/** Lists in pages: where the next page begins is a token that later changes do not disturb. */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problems.js';

/** The numbers in a page token, of which it has `count`; null where none was given. */
export function numbersFromToken(token: string | undefined, count: number): readonly number[] | null {
  if (token === undefined) return null;
  const numbers = token.split('.').map((part) => (/^\d{1,16}$/.test(part) ? Number(part) : Number.NaN));
  if (numbers.length === count && numbers.every(Number.isSafeInteger)) return numbers;
  throw new Problem('query-invalid', 'page_token is not one of ours; take it from nextPageToken', [
    { pointer: 'query/page_token', detail: 'is not a page token' },
  ]);
}

/** A page of `items`, which are one more than fit where there is a next page, and its token. Sets the Link header. */
export function pageOf<T>(
  items: readonly T[],
  size: number,
  tokenAfter: (last: T) => readonly number[],
  request: FastifyRequest,
  reply: FastifyReply,
): { readonly items: readonly T[]; readonly nextPageToken: string | null } {
  const page = items.slice(0, size);
  const last = page[page.length - 1];
  if (items.length <= size || last === undefined) return { items: page, nextPageToken: null };
  const token = tokenAfter(last).join('.');
  const [path, query] = request.url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('page_token', token);
  reply.header('link', `<${path}?${parameters.toString()}>; rel="next"`);
  return { items: page, nextPageToken: token };
}
