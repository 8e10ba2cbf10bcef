/** Why the machines did not do what was ordered, in their words: a reason alone says that they did not. */

import type { Decisions } from './api.js';
import type { Client } from './client.js';

/** Null: no order has failed. */
export function lastFailureIn(items: Decisions['items']): string | null {
  const failed = items.filter(({ type }) => type === 'OrderFailed').at(-1);
  return failed === undefined ? null : failed.message.replace(/^order \S+ failed: /, '');
}

/** Null: no order has failed, or its story is not to be had. */
export async function lastFailureOf(client: Client, id: string): Promise<string | null> {
  const items: Decisions['items'][number][] = [];
  const asking = { path: { id }, query: { page_size: 1000 } };
  for await (const decision of client.all('/v1/leases/{id}/decisions', asking)) items.push(decision);
  return lastFailureIn(items);
}
