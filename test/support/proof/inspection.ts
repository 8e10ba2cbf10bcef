/** A log held against the books of those who wrote it: read whole, chain and anchor checked, nothing lost or doubled. */

import { join } from 'node:path';
import { openSqliteStore } from '../../../adapters/event-store/sqlite.js';
import type { EventStore } from '../../../engine/index.js';
import { auditLog } from '../../../simulations/audit.js';
import type { Books } from './writers.js';

/** What is wrong, in words; empty: nothing is. */
export async function inspect(directory: string, books: Books, replay = false): Promise<string[]> {
  const path = join(directory, 'data', 'leasehold.db');
  const store = openSqliteStore(path, { readOnly: true });
  let wrong: string[];
  try {
    wrong = await held(store, books);
  } finally {
    await store.close();
  }
  if (!replay) return wrong;
  const { divergence, checkpoint } = await auditLog({ source: path });
  if (divergence !== null || checkpoint !== null) wrong.push(`the audit found ${JSON.stringify(divergence)}`);
  return wrong;
}

/** The same for a store that is open. */
export async function held(store: EventStore, books: Books): Promise<string[]> {
  const wrong: string[] = [];
  const leases = new Set<string>();
  const cancelled = new Set<string>();
  const keys = new Map<string, string>();
  for await (const { inputs } of store.read(0)) {
    for (const input of inputs) {
      if (input.type === 'LeaseCancelled') cancelled.add(input.lease);
      if (input.type !== 'LeaseRequested') continue;
      if (leases.has(input.lease)) wrong.push(`${input.lease} is in the log twice`);
      leases.add(input.lease);
      if (books.never.has(input.terms.name ?? '')) wrong.push(`${input.lease} was refused, and is in the log`);
      if (input.key === null) continue;
      const other = keys.get(input.key.id);
      if (other !== undefined) wrong.push(`${input.key.id} made ${other} and ${input.lease}`);
      keys.set(input.key.id, input.lease);
    }
  }
  for (const id of books.leases) if (!leases.has(id)) wrong.push(`${id} was acknowledged and is lost`);
  for (const id of books.cancelled) if (!cancelled.has(id)) wrong.push(`the cancellation of ${id} is lost`);
  for (const [key, id] of books.byKey)
    if (keys.get(key) !== id) wrong.push(`${key} is ${keys.get(key)} in the log and ${id} for its client`);
  return [...wrong, ...books.wrong];
}
