/** Logs on a server of EventStoreDB that runs inside the test. */

import { onTestFinished } from 'vitest';
import { openEventStoreDbStore } from '../../../adapters/event-store/esdb.js';
import type { EventStore } from '../../../engine/index.js';
import type { Opened } from '../../contracts/event-store-suite.js';
import { EsdbServer } from './server.js';

/** How long an operation may take where the test has the server fail: three tries of a third each. */
export const SHORT_MS = 900;

/** A new server, and stores on one log of it, which is the stream `leasehold-log`; all are gone when the test ends. */
export async function serverAndLog(options: Partial<Parameters<typeof EsdbServer.start>[0]> = {}) {
  const server = await EsdbServer.start({ client: 'eventstore', ...options });
  onTestFinished(() => server.stop());
  const open = (deadlineMs = SHORT_MS) => opened(`esdb://127.0.0.1:${server.port}/log?tls=false`, deadlineMs);
  return { server, open, store: await open() };
}

/** The store at `url`, closed when the test ends. */
export async function opened(url: string, deadlineMs = SHORT_MS): Promise<EventStore> {
  const store = await openEventStoreDbStore(url, { deadlineMs });
  onTestFinished(() => store.close());
  return store;
}

/** A log that nobody has written to, on the server at `url` (whose own name for a log does not count). */
export async function freshLog(url: string): Promise<Opened> {
  const name = `test_${crypto.randomUUID().replaceAll('-', '_')}`;
  const log = url.replace(/^([^:]+:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${name}`);
  let store = await openEventStoreDbStore(log);
  return {
    store,
    async reopen() {
      await store.close();
      store = await openEventStoreDbStore(log);
      return store;
    },
  };
}
