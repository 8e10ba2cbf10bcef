/** The event stores that keep a log, each against the same promises. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { openSqliteStore } from '../../adapters/event-store/sqlite.js';
import type { EventStore } from '../../engine/index.js';
import { type Opened, eventStoreContract } from './event-store-suite.js';

const folder = mkdtempSync(join(tmpdir(), 'leasehold-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

eventStoreContract('memory', async () => {
  const log = new MemoryLog();
  return reopenable(() => new MemoryStore(log));
});

let opened = 0;
eventStoreContract(
  'sqlite',
  async () => {
    const path = join(folder, `${opened++}`, 'log.db');
    return reopenable(() => openSqliteStore(path));
  },
  { shared: false },
);

function reopenable(open: () => EventStore): Opened {
  let store = open();
  return {
    store,
    async reopen() {
      await store.close();
      store = open();
      return store;
    },
  };
}
