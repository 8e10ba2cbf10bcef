/** Appending to an EventStoreDB while the connection, the server or another scheduler gets in the way. */

import { GENESIS, hashAfter } from '../../../adapters/event-store/chain.js';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventStore, type Turn, encodeTurn } from '../../../engine/index.js';
import { serverAndLog } from '../../support/esdb/logs.js';
import { type AppendFault, EsdbServer } from '../../support/esdb/server.js';
import { all, numbers } from './reading.js';
import { claim, turn, turnOfSize } from './turns.js';

/** As the loop does it: the same turn again until it is known what became of it. */
async function appendForCertain(store: EventStore, next: Turn, epoch: number): Promise<'appended' | 'refused'> {
  for (;;) {
    const { outcome } = await store.append(next, next.number - 1, epoch);
    if (outcome !== 'unknown') return outcome;
  }
}

const THREE = [claim(1, 1), turn(2), turn(3)];

async function serverWithThreeTurns(options: Parameters<typeof serverAndLog>[0] = {}) {
  const opened = await serverAndLog(options);
  for (const next of THREE) await opened.store.append(next, next.number - 1, 1);
  return opened;
}

const FAULTS: readonly [AppendFault, string][] = [
  ['lost', 'stored, and the answer is lost with the connection'],
  ['broken', 'the connection breaks before it is stored'],
  ['silent', 'the server does not answer and has stored nothing'],
  ['stored-silent', 'the server does not answer, but has stored it'],
  ['late', 'the server does not answer, and stores it much later'],
  ['not-leader', 'the node says that another one leads'],
  ['denied', 'the server denies it once'],
];

test.each(FAULTS)('an append that meets %s (%s) is answered `appended`, and the turn stored once', async (fault) => {
  const { server, store, open } = await serverWithThreeTurns();
  server.appendFaults.push(fault);
  expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'appended', revision: 4 });
  expect(await store.append(turn(5), 4, 1)).toEqual({ outcome: 'appended', revision: 5 });
  server.storeLate();
  expect(await store.append(turn(6), 5, 1)).toEqual({ outcome: 'appended', revision: 6 });
  expect(await all((await open()).read(0))).toEqual([...THREE, turn(4), turn(5), turn(6)]);
});

test('a server that is silent: the outcome is unknown; it is known once the server answers', async () => {
  const { server, store } = await serverWithThreeTurns();
  server.appendFaults.push('silent', 'silent', 'silent', 'silent');
  server.readFaults.push('silent', 'silent', 'silent', 'silent');
  const unknown = await store.append(turn(4), 3, 1);
  expect(unknown).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining('no answer within') });
  server.appendFaults.length = 0;
  server.readFaults.length = 0;
  expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'appended', revision: 4 });
  expect(numbers(await all(store.read(0)))).toEqual([1, 2, 3, 4]);
});

test('a server that is gone: unknown, with what is wrong; when it is back the same turn is appended', async () => {
  const { server, store } = await serverWithThreeTurns();
  server.stop();
  const unknown = await store.append(turn(4), 3, 1);
  expect(unknown).toMatchObject({
    outcome: 'unknown',
    detail: expect.stringContaining(`esdb://127.0.0.1:${server.port}/log`),
  });
  await server.listen();
  expect(await appendForCertain(store, turn(4), 1)).toBe('appended');
  expect(await all(store.read(3))).toEqual([turn(4)]);
});

test('what was tried without an answer and comes late is refused where another scheduler has written', async () => {
  const { server, store, open } = await serverWithThreeTurns();
  server.appendFaults.push(...Array.from({ length: 20 }, () => 'late' as const));
  expect(await store.append(turn(4, 'mine'), 3, 1)).toMatchObject({ outcome: 'unknown' });
  server.appendFaults.length = 0;
  const other = await open();
  expect(await other.append(claim(4, 2), 3, 2)).toMatchObject({ outcome: 'appended' });
  server.storeLate();
  expect(await store.append(turn(4, 'mine'), 3, 1)).toEqual({ outcome: 'refused', head: { revision: 4, epoch: 2 } });
  expect(await all(other.read(3))).toEqual([claim(4, 2)]);
});

test('of two schedulers the one whose view is old is refused, though it never heard of the other', async () => {
  const { store, open } = await serverWithThreeTurns();
  const other = await open();
  await other.append(claim(4, 2), 3, 2);
  expect(await store.append(turn(4), 3, 1)).toEqual({ outcome: 'refused', head: { revision: 4, epoch: 2 } });
  expect(await store.append(turn(5), 4, 1)).toEqual({ outcome: 'refused', head: { revision: 4, epoch: 2 } });
  await other.append(turn(5), 4, 2);
  expect(await store.append(turn(5), 4, 1)).toEqual({ outcome: 'appended', revision: 5 });
  expect(await store.append(turn(6), 5, 1)).toEqual({ outcome: 'refused', head: { revision: 5, epoch: 2 } });
});

const together = (store: EventStore, from: number, to: number) =>
  Promise.all(Array.from({ length: to - from + 1 }, (_, i) => store.append(turn(from + i), from + i - 1, 1)));
const appended = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ outcome: 'appended', revision: from + i }));

test('turns that wait for an append go together with the next', async () => {
  const { server, store } = await serverWithThreeTurns();
  const before = server.calls.append;
  expect(await together(store, 4, 103)).toEqual(appended(4, 103));
  expect(server.calls.append - before).toBe(2);
  expect(numbers(await all(store.read(0)))).toEqual(Array.from({ length: 103 }, (_, i) => i + 1));
});

test('turns that go together are no larger than one append may be', async () => {
  const { server, store } = await serverAndLog();
  const turns = Array.from({ length: 12 }, (_, i) => turnOfSize(i + 1, 200_000));
  const answers = await Promise.all(turns.map((next) => store.append(next, next.number - 1, 0)));
  expect(answers).toEqual(appended(1, 12));
  expect(server.calls.append).toBe(7);
});

test.each(FAULTS)('turns that go together and meet %s (%s) are stored once each', async (fault) => {
  const { server, store, open } = await serverWithThreeTurns();
  server.appendFaults.push(null, fault);
  expect(await together(store, 4, 12)).toEqual(appended(4, 12));
  server.storeLate();
  expect(await store.append(turn(13), 12, 1)).toEqual({ outcome: 'appended', revision: 13 });
  expect(numbers(await all((await open()).read(0)))).toEqual(Array.from({ length: 13 }, (_, i) => i + 1));
});

test('of turns that go together none is stored where another scheduler has written', async () => {
  const { store, open } = await serverWithThreeTurns();
  const other = await open();
  await other.append(claim(4, 2), 3, 2);
  const refused = { outcome: 'refused', head: { revision: 4, epoch: 2 } };
  expect(await together(store, 4, 9)).toEqual(Array.from({ length: 6 }, () => refused));
  expect(await all(store.read(3))).toEqual([claim(4, 2)]);
});

test('every append says exactly where the log must end, and none goes by a batch', async () => {
  const { server, store, open } = await serverWithThreeTurns({ batchAppend: true });
  server.appendFaults.push('silent', 'lost');
  await store.append(turn(4), 3, 1);
  await store.saveSnapshot({ turn: 4, version: 1, state: 'state' });
  await (await open()).append(turn(4, 'other'), 3, 1);
  expect(server.expected.filter((expected) => expected === 'any' || expected === 'stream-exists')).toEqual([]);
  expect([...new Set(server.expected)].slice(0, 4)).toEqual(['no-stream', 0, 1, 2]);
  expect(server.calls.batchAppend).toBe(0);
});

test('a server that has stored the turn elsewhere: its stream had been deleted', async () => {
  const { server, store } = await serverWithThreeTurns();
  server.appendFaults.push('elsewhere');
  await expect(store.append(turn(4), 3, 1)).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
});

test('a log deleted under the writer is not begun again', async () => {
  const { server, store } = await serverAndLog();
  await store.append(claim(1, 1), 0, 1);
  server.data.setMetadata('leasehold-log', { $tb: 1 });
  await expect(store.append(claim(1, 2), 0, 2)).rejects.toMatchObject({ code: 'corrupt' });
});

test('a turn is readable JSON where it fits into one append, and compressed where it does not', async () => {
  const { server, store } = await serverAndLog();
  await store.append(turnOfSize(1, 1_000_000), 0, 0);
  await store.append(turnOfSize(2, 1_100_000), 1, 0);
  const [small, large] = server.data.visible('leasehold-log');
  expect(small).toMatchObject({ type: 'Turn', contentType: 'application/json' });
  expect(Buffer.from(small!.data).toString()).toBe(encodeTurn(turnOfSize(1, 1_000_000)));
  expect(JSON.parse(Buffer.from(small!.custom).toString())).toEqual({
    turn: 1,
    epoch: 0,
    format: 2,
    hash: hashAfter(GENESIS, 1, encodeTurn(turnOfSize(1, 1_000_000))).toString('hex'),
  });
  expect(large!.contentType).toBe('application/octet-stream');
  expect(large!.data.length).toBeLessThan(1_000_000);
});

test('a turn that is too large even when compressed is not stored', async () => {
  const { store } = await serverAndLog();
  const noise = turnOfSize(1, 200);
  const [input] = noise.inputs;
  const huge: Turn = {
    ...noise,
    inputs: [{ ...input, detail: randomBytes(1_100_000).toString('base64') } as typeof input & object],
  };
  await expect(store.append(huge, 0, 0)).rejects.toMatchObject({ code: 'too-large', turn: 1 });
  expect(await store.head()).toEqual({ revision: 0, epoch: 0 });
});

test('a server that takes less in one append than usual: unknown, and why', async () => {
  const { server, store } = await serverAndLog();
  server.data.appendBytesMax = 10_000;
  const unknown = await store.append(turnOfSize(1, 20_000), 0, 0);
  expect(unknown).toMatchObject({ outcome: 'unknown', detail: expect.stringContaining('maximum-append-size') });
});

test('whatever happens to the appends, each turn is in the log once, in order', async () => {
  const faults = fc.constantFrom<AppendFault | null>(
    null,
    null,
    null,
    'lost',
    'broken',
    'silent',
    'stored-silent',
    'late',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(faults, { minLength: 5, maxLength: 25 }),
      fc.integer({ min: 1, max: 4 }),
      async (given, together) => {
        const { server, open } = await serverAndLog();
        const store = await open(150);
        server.appendFaults.push(...given);
        const turns = [claim(1, 1), ...Array.from({ length: 11 }, (_, i) => turn(i + 2))];
        for (let k = 0; k < turns.length; k += together) {
          const some = turns.slice(k, k + together);
          await Promise.all(some.map((next) => store.append(next, next.number - 1, 1)));
          for (const next of some) expect(await appendForCertain(store, next, 1)).toBe('appended');
          if (k % 3 === 0) server.storeLate();
        }
        server.storeLate();
        expect(await all(store.read(0))).toEqual(turns);
        await store.close();
        server.stop();
      },
    ),
    { numRuns: 10 },
  );
});

/** Why the client's batches are not used: were this different, they could be. */
test('the client waits for ever for a batch that the server does not answer', async () => {
  const server = await EsdbServer.start({ client: 'eventstore', batchAppend: true });
  server.appendFaults.push(null, 'silent');
  const { EventStoreDBClient, jsonEvent } = await import('@eventstore/db-client');
  const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${server.port}?tls=false`);
  const append = () => client.appendToStream('stream', jsonEvent({ type: 'Any', data: {} }), { deadline: 50 });
  expect(await append()).toMatchObject({ nextExpectedRevision: 0n });
  let settled = false;
  const waiting = append().finally(() => {
    settled = true;
  });
  waiting.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(settled).toBe(false);
  expect(server.calls.batchAppend).toBe(1);
  await client.dispose();
  server.stop();
});
