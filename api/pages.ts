/** Lists in pages: a token says which turn the first page was about, and where the next page begins. */

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

/** The `Link` header that leads to the next page. */
export function pageLink(url: string, token: string): string {
  const [path, query] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.set('page_token', token);
  return `<${path}?${parameters.toString()}>; rel="next"`;
}
