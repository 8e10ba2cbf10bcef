/** The store in PostgreSQL against the promises of every event store, on a real server. */

import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresStore } from '../../adapters/event-store/postgres.js';
import { needs } from '../support/needs.js';
import { PostgresPlace, PostgresServer } from '../support/postgres.js';
import { eventStoreContract } from './event-store-suite.js';

describe('a PostgreSQL server', needs('postgres'), () => {
  let place: PostgresPlace;
  let server: PostgresServer;
  beforeAll(async () => {
    place = new PostgresPlace();
    server = await PostgresServer.create(place, 's1');
  });
  afterAll(() => place.remove());

  let opened = 0;
  eventStoreContract('postgres', async () => {
    const url = server.url(`?schema=log_${opened++}`);
    let store = await openPostgresStore(url);
    return {
      store,
      async reopen() {
        await store.close();
        store = await openPostgresStore(url);
        return store;
      },
    };
  });
});
