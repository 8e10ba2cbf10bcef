/** Snapshots in an EventStoreDB: in parts, void until whole, and never more of them than are needed. */

import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../../engine/index.js';
import type { Recorded } from '../../support/esdb/data.js';
import { serverAndLog } from '../../support/esdb/logs.js';
import { claim, turn } from './turns.js';

const STREAM = 'leasehold.snapshots-log';

/** Of so many bytes that hardly compress. */
function snapshotOf(number: number, bytes: number): Snapshot {
  return { turn: number, version: 1, state: randomBytes(bytes).toString('hex') };
}

async function serverWithTurns(count: number) {
  const opened = await serverAndLog();
  for (let n = 1; n <= count; n++) await opened.store.append(n === 1 ? claim(1, 1) : turn(n), n - 1, 1);
  return opened;
}

test('one that does not fit into an append is kept in parts', async () => {
  const { server, store, open } = await serverWithTurns(2);
  const large = snapshotOf(2, 3_500_000);
  await store.saveSnapshot(large);
  const sizes = server.data.visible(STREAM).map(({ data }) => data.length);
  expect(sizes.length).toBeGreaterThan(3);
  expect(Math.max(...sizes)).toBeLessThan(1024 * 1024);
  expect((await (await open()).latestSnapshot())?.state === large.state).toBe(true);
});

test('the server drops all but the last two, of whatever size', async () => {
  const { server, store } = await serverWithTurns(12);
  for (let n = 1; n <= 12; n++) {
    const snapshot = snapshotOf(n, n % 3 === 0 ? 1_200_000 : 100);
    await store.saveSnapshot(snapshot);
    expect(server.data.visible(STREAM).length).toBeLessThanOrEqual(4);
    expect((await store.latestSnapshot())?.turn).toBe(n);
  }
  expect(server.data.visible('leasehold-log')).toHaveLength(12);
});

test('what an operator has set on the stream stays', async () => {
  const { server, store } = await serverWithTurns(1);
  server.data.setMetadata(STREAM, { $acl: { $r: 'ops' }, $maxCount: 99 });
  await store.saveSnapshot(snapshotOf(1, 10));
  const metadata = server.data.visible(`$$${STREAM}`).at(-1)!;
  expect(JSON.parse(Buffer.from(metadata.data).toString())).toEqual({ $acl: { $r: 'ops' }, $maxCount: 1 });
});

test('one whose writing broke off is passed over for the one before, and the next is kept again', async () => {
  const { server, store, open } = await serverWithTurns(9);
  const first = snapshotOf(3, 1_200_000);
  await store.saveSnapshot(first);
  // The metadata and the first part are taken, and nothing after them.
  server.appendFaults.push(null, null, ...Array.from({ length: 40 }, () => 'broken' as const));
  await expect(store.saveSnapshot(snapshotOf(6, 1_200_000))).rejects.toMatchObject({ code: 'io' });
  server.appendFaults.length = 0;
  const later = await open();
  expect((await later.latestSnapshot())?.state === first.state).toBe(true);
  const third = snapshotOf(9, 1_200_000);
  await later.saveSnapshot(third);
  expect((await later.latestSnapshot())?.state === third.state).toBe(true);
});

const DAMAGES: readonly [string, (event: Recorded) => Partial<Recorded>][] = [
  ['other bytes', ({ data }) => ({ data: Buffer.from(data).reverse() })],
  [
    'another turn beside it',
    ({ custom }) => ({ custom: Buffer.from(Buffer.from(custom).toString().replace('4', '3')) }),
  ],
  ['nothing beside it', () => ({ custom: Buffer.from('{}') })],
];

test.each(DAMAGES)('one in which a part has %s is passed over for the one before', async (_, damage) => {
  const { server, store } = await serverWithTurns(4);
  for (const part of [1, 2]) {
    await store.saveSnapshot(snapshotOf(2, 100));
    await store.saveSnapshot(snapshotOf(4, 1_200_000));
    expect((await store.latestSnapshot())?.turn).toBe(4);
    const end = server.data.visible(STREAM).at(-1)!.revision;
    server.data.damage(STREAM, end - 2 + part, damage);
    expect((await store.latestSnapshot())?.turn).toBe(2);
  }
});

test('one that is ahead of the log, which may have been restored, is passed over', async () => {
  const { server, store, open } = await serverWithTurns(4);
  await store.saveSnapshot(snapshotOf(2, 100));
  await store.saveSnapshot(snapshotOf(4, 100));
  server.data.forget('leasehold-log', 3);
  expect((await (await open()).latestSnapshot())?.turn).toBe(2);
});

test('answers that are lost: it is stored once', async () => {
  const { server, store } = await serverWithTurns(2);
  server.appendFaults.push('lost', 'lost', 'stored-silent', 'lost');
  const snapshot = snapshotOf(2, 1_200_000);
  await store.saveSnapshot(snapshot);
  expect(server.data.visible(STREAM)).toHaveLength(2);
  expect((await store.latestSnapshot())?.state === snapshot.state).toBe(true);
});

test('two schedulers that save at once: each answers, and a whole one is the latest', async () => {
  const { store, open } = await serverWithTurns(2);
  const other = await open();
  const saved = [store, other].map((each, i) => each.saveSnapshot(snapshotOf(i + 1, 1_200_000)));
  await Promise.all(saved);
  expect((await store.latestSnapshot())?.turn).toBe(2);
});
