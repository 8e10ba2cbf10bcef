/** Reading and following the log in an EventStoreDB: connections that break, streams that are damaged or shortened. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EventStore, encodeTurn } from '../../../engine/index.js';
import { proposedJson } from '../../support/esdb/data.js';
import { opened, serverAndLog } from '../../support/esdb/logs.js';
import type { ReadFault } from '../../support/esdb/server.js';
import { eventually } from '../../support/eventually.js';
import { all, follow, numbers } from './reading.js';
import { claim, turn, turnOfSize } from './turns.js';

const STREAM = 'leasehold-log';

async function serverWithTurns(count: number) {
  const opening = await serverAndLog();
  await appendUpTo(opening.store, 1, count);
  return opening;
}

async function appendUpTo(store: EventStore, from: number, count: number): Promise<void> {
  for (let n = from; n <= count; n++) {
    const next = n === 1 ? claim(1, 1) : turn(n);
    while ((await store.append(next, n - 1, 1)).outcome !== 'appended');
  }
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

describe('reading', () => {
  test.each<[ReadFault, string]>([
    ['broken', 'breaks at once'],
    ['half', 'breaks after some turns'],
    ['silent', 'brings nothing'],
    ['not-leader', 'meets a node that does not lead'],
  ])('a read that is %s (%s) is begun again and gives every turn', async (fault) => {
    const { server, store } = await serverWithTurns(10);
    server.readFaults.push(null, fault);
    expect(numbers(await all(store.read(0)))).toEqual(upTo(10));
  });

  test('a server that stays away: an error that says which and why, in time', async () => {
    const { server, store } = await serverWithTurns(3);
    server.stop();
    const error = await all(store.read(0)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'StoreError', code: 'io' });
    expect(String(error)).toContain(`esdb://127.0.0.1:${server.port}/log: cannot read the end of the log`);
  });

  test('a server that has been away: the store works again by itself', async () => {
    const { server, store } = await serverWithTurns(3);
    server.stop();
    await expect(store.head()).rejects.toMatchObject({ code: 'io' });
    await server.listen();
    expect(await store.head()).toEqual({ revision: 3, epoch: 1 });
  });

  test('a reader who takes his time does not have the log brought into memory', async () => {
    const { server, store } = await serverAndLog();
    for (let n = 1; n <= 40; n++) await store.append(turnOfSize(n, 900_000), n - 1, 0);
    const before = process.memoryUsage().arrayBuffers;
    const reader = store.read(0)[Symbol.asyncIterator]();
    await reader.next();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1024 * 1024);
    expect(server.calls.read).toBeLessThan(10);
    await reader.return!();
  });
});

describe('a log that is not whole', () => {
  test('one changed character is found, and the turns before it are read', async () => {
    const { server, store } = await serverWithTurns(5);
    const other = { data: Buffer.from(encodeTurn(turn(4, 'lease-X'))) };
    server.data.damage(STREAM, 3, () => other);
    const read: number[] = [];
    const reading = (async () => {
      for await (const { number } of store.read(0)) read.push(number);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'corrupt', turn: 4 });
    expect(read).toEqual([1, 2, 3]);
  });

  test.each([
    ['text that is no JSON', { data: Buffer.from('{"number":') }],
    ['bytes that are not compressed', { contentType: 'application/octet-stream', data: Buffer.from('none') }],
    ['no epoch beside the turn', { custom: Buffer.from('{"turn":3}') }],
    ['an event of another kind', { type: 'OrderPlaced' }],
  ])('%s: damaged, and which turn', async (_, change) => {
    const { server, store } = await serverWithTurns(3);
    server.data.damage(STREAM, 2, () => change);
    const error = await all(store.read(0)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'corrupt', turn: 3 });
    expect(String(error)).toContain('turn 3 is damaged');
    await expect(store.append(turn(4), 3, 1)).resolves.toMatchObject({ outcome: 'appended' });
  });

  test('what somebody else has put at its end is no turn', async () => {
    const { server, store, open } = await serverWithTurns(3);
    server.data.append(STREAM, 'any', [proposedJson('OrderPlaced', { by: 'somebody' })]);
    await expect(store.head()).rejects.toMatchObject({ code: 'corrupt', turn: 4 });
    await expect(store.append(turn(4), 3, 1)).rejects.toMatchObject({ code: 'corrupt', turn: 4 });
    await expect(open()).rejects.toMatchObject({ code: 'corrupt', turn: 4 });
  });

  test.each([{ $maxCount: 2 }, { $tb: 2 }, { $maxAge: 3600 }])('a stream with %o is not opened', async (metadata) => {
    const { server, open } = await serverWithTurns(4);
    server.data.setMetadata(STREAM, metadata);
    await expect(open()).rejects.toThrow(`${STREAM} has ${Object.keys(metadata)[0]} in its metadata`);
  });

  test('a stream shortened while it is open: the first turn is missing, and nobody takes it for a new log', async () => {
    const { server, store } = await serverWithTurns(4);
    server.data.setMetadata(STREAM, { $maxCount: 2 });
    await expect(all(store.read(0))).rejects.toMatchObject({ code: 'corrupt', turn: 1 });
  });

  test('a stream deleted for good', async () => {
    const { server, store, open } = await serverWithTurns(4);
    server.data.tombstone(STREAM);
    await expect(store.head()).rejects.toMatchObject({ code: 'corrupt' });
    await expect(open()).rejects.toMatchObject({ code: 'corrupt' });
  });
});

describe('following', () => {
  test('goes on where it was when the subscription breaks', async () => {
    const { server, store } = await serverWithTurns(4);
    const follower = follow(store, 0);
    expect(await follower.take(4)).toEqual(upTo(4));
    server.breakSubscriptions();
    await appendUpTo(store, 5, 8);
    expect(await follower.take(4)).toEqual([5, 6, 7, 8]);
  });

  test('goes on when the server has been away', async () => {
    const { server, store } = await serverWithTurns(4);
    const follower = follow(store, 2);
    expect(await follower.take(2)).toEqual([3, 4]);
    server.stop();
    const next = follower.take(3);
    await server.listen();
    await appendUpTo(store, 5, 7);
    expect(await next).toEqual([5, 6, 7]);
  });

  test('goes on when the subscription is dead and does not know it', async () => {
    const { server, store } = await serverWithTurns(4);
    const follower = follow(store, 0);
    await follower.take(4);
    server.silenceSubscriptions();
    await appendUpTo(store, 5, 6);
    expect(await follower.take(2)).toEqual([5, 6]);
    expect(server.calls.subscribe).toBeGreaterThanOrEqual(2);
  });

  test('a quiet log is no broken subscription', async () => {
    const { server, open } = await serverWithTurns(2);
    const store = await open(3000);
    const follower = follow(store, 0);
    await follower.take(2);
    const next = follower.take(1);
    const reads = server.calls.read;
    await eventually(() => server.calls.read).toBeGreaterThan(reads);
    await appendUpTo(store, 3, 3);
    expect(await next).toEqual([3]);
    expect(server.calls.subscribe).toBe(1);
  });

  test('ends when the store is closed, also while it waits for a server that is away', async () => {
    const { server, store } = await serverWithTurns(2);
    const waiting = all(store.subscribe(0));
    await eventually(() => server.subscriptions).toBe(1);
    server.stop();
    await store.close();
    expect(numbers(await waiting)).toEqual([1, 2]);
  });

  test('leaves nothing behind on the server', async () => {
    const { server, store } = await serverWithTurns(2);
    const follower = store.subscribe(0)[Symbol.asyncIterator]();
    await follower.next();
    expect(server.subscriptions).toBe(1);
    await follower.return!();
    await eventually(() => server.subscriptions).toBe(0);
  });

  test('is told of damage', async () => {
    const { server, store } = await serverWithTurns(3);
    server.data.damage(STREAM, 1, () => ({ data: Buffer.from('{}') }));
    await expect(all(store.subscribe(0))).rejects.toMatchObject({ code: 'corrupt', turn: 2 });
  });

  test('follows another process: what it does not write itself', async () => {
    const { server, store } = await serverWithTurns(1);
    const standby = await opened(`esdb://127.0.0.1:${server.port}/log?tls=false`);
    const follower = follow(standby, 0);
    await appendUpTo(store, 2, 20);
    expect(await follower.take(20)).toEqual(upTo(20));
  });

  test('whenever it breaks, no turn is missing and none comes twice', async () => {
    const disturbances = fc.array(fc.constantFrom('none', 'none', 'none', 'break', 'restart', 'silence'), {
      minLength: 15,
      maxLength: 15,
    });
    await fc.assert(
      fc.asyncProperty(disturbances, async (given) => {
        const { server, open } = await serverAndLog();
        const store = await open(300);
        const taken = follow(store, 0).take(given.length);
        for (const [i, disturbance] of given.entries()) {
          if (disturbance === 'break') server.breakSubscriptions();
          if (disturbance === 'silence') server.silenceSubscriptions();
          if (disturbance === 'restart') {
            server.stop();
            await server.listen();
          }
          await appendUpTo(store, i + 1, i + 1);
        }
        expect(await taken).toEqual(upTo(given.length));
        await store.close();
        server.stop();
      }),
      { numRuns: 10 },
    );
  });
});
