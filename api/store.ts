/** Where a service keeps its log: in an SQLite file of its data directory, or in a database that outlives the machine. */

import type { EventStore } from '../engine/index.js';
import { storeAt } from '../adapters/event-store/by-url.js';
import type { ChainedLog } from '../adapters/event-store/chain.js';
import { openSqliteStore } from '../adapters/event-store/sqlite.js';
import { lockStore, type Release } from '../adapters/event-store/sqlite-lock.js';

export interface StorePlace {
  /** The file, where there is no `url`. */
  readonly path: string;
  readonly anchor: string;
  /** Of a database; null: the file. It may hold a password: it is shown to nobody. */
  readonly url: string | null;
}

/** Throws a StoreError. */
export async function openStore(place: StorePlace, readOnly = false): Promise<EventStore & ChainedLog> {
  const { path, anchor, url } = place;
  if (url === null) return openSqliteStore(path, readOnly ? { readOnly } : { anchor });
  return await (await storeAt(url)).open(readOnly, readOnly ? undefined : anchor);
}

/** What else is in a data directory belongs to one process, also where the log is elsewhere. Throws a StoreError. */
export function lockDataDir({ path, url }: StorePlace): Release {
  return url === null ? () => {} : lockStore(path); // the file store does it itself
}

/** The place as it may be shown. Throws a StoreError. */
export async function shownPlace({ path, url }: StorePlace): Promise<string> {
  return url === null ? path : shownUrl(url);
}

/** Without what is secret. Throws a StoreError where it names no store. */
export async function shownUrl(url: string): Promise<string> {
  return (await storeAt(url)).shown;
}
