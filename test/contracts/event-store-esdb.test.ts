/** The EventStoreDB store against the promises of every store, over the wire; on a real server where one is named. */

import { afterAll, beforeAll } from 'vitest';
import { freshLog } from '../support/esdb/logs.js';
import { EsdbServer } from '../support/esdb/server.js';
import { eventStoreContract } from './event-store-suite.js';

for (const batchAppend of [true, false]) {
  let server: EsdbServer;
  beforeAll(async () => {
    server = await EsdbServer.start({ client: 'eventstore', batchAppend });
  });
  afterAll(() => server.stop());
  const name = `eventstoredb, whose server ${batchAppend ? 'offers' : 'does not offer'} batches`;
  eventStoreContract(name, () => freshLog(`esdb://127.0.0.1:${server.port}?tls=false`));
}

const real = process.env.LEASEHOLD_TEST_EVENTSTORE_URL;
if (real?.startsWith('esdb')) eventStoreContract('a real server', () => freshLog(real));
