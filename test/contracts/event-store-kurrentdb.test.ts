/**
 * The store with KurrentDB's client, which cannot be in one process with EventStoreDB's: so this file is by itself. On a
 * real server, too, where the address of one is given.
 */

import { afterAll, beforeAll } from 'vitest';
import { EsdbServer } from '../support/esdb/server.js';
import { freshLog } from '../support/esdb/logs.js';
import { eventStoreContract } from './event-store-suite.js';

let server: EsdbServer;
beforeAll(async () => {
  server = await EsdbServer.start({ client: 'kurrentdb' });
});
afterAll(() => server.stop());

eventStoreContract('kurrentdb', () => freshLog(`kurrentdb://127.0.0.1:${server.port}?tls=false&discoveryInterval=10`));

const real = process.env.LEASEHOLD_TEST_EVENTSTORE_URL;
if (real?.startsWith('kurrentdb')) eventStoreContract('a real server', () => freshLog(real));
