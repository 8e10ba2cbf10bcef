/** Stores that are named by a URL. Each loads what it needs when it is opened. */

import type { EventStore } from '../../engine/index.js';
import type { ChainedLog } from './chain.js';
import { StoreError } from './errors.js';

export interface UrlStore {
  /** The URL as it may be shown: without what is secret. */
  readonly shown: string;
  /** `anchor`: the file that says where the log ends, at least; without one nothing is held against it. */
  open(readOnly: boolean, anchor?: string): Promise<EventStore & ChainedLog>;
}

const POSTGRES = /^postgres(ql)?:/;
const EVENT_STORE_DB = /^(esdb|kurrentdb)(\+discover)?:/;

export function isStoreUrl(text: string): boolean {
  return POSTGRES.test(text) || EVENT_STORE_DB.test(text);
}

/** Throws a StoreError where the URL cannot be read; it is not repeated, since it may hold a password. */
export async function storeAt(url: string): Promise<UrlStore> {
  if (EVENT_STORE_DB.test(url)) {
    const { parseEsdbUrl } = await import('./esdb-url.js');
    const { shown } = parseEsdbUrl(url);
    return {
      shown,
      open: async (readOnly, anchor) =>
        (await import('./esdb.js')).openEventStoreDbStore(url, {
          readOnly,
          ...(anchor === undefined ? {} : { anchor }),
        }),
    };
  }
  if (!POSTGRES.test(url)) throw new StoreError('path', 'a store is postgresql://…, esdb://… or kurrentdb://…');
  const { parsePostgresUrl } = await import('./postgres-url.js');
  const { shown } = parsePostgresUrl(url);
  return {
    shown,
    open: async (readOnly, anchor) =>
      (await import('./postgres.js')).openPostgresStore(url, { readOnly, ...(anchor === undefined ? {} : { anchor }) }),
  };
}
