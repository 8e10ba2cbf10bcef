/** A cluster of EventStoreDB as a scheduler meets it: leaders that change, TLS, users; and clients that are missing. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, onTestFinished, test } from 'vitest';
import { openEventStoreDbStore } from '../../../adapters/event-store/esdb.js';
import { parseEsdbUrl } from '../../../adapters/event-store/esdb-url.js';
import { EsdbData } from '../../support/esdb/data.js';
import { opened } from '../../support/esdb/logs.js';
import { EsdbServer, type ServerOptions } from '../../support/esdb/server.js';
import { needs } from '../../support/needs.js';
import { all, follow } from './reading.js';
import { claim, turn } from './turns.js';

/** Three nodes that share one log; the first leads. */
async function cluster() {
  const data = new EsdbData();
  const nodes = await Promise.all([1, 2, 3].map(() => EsdbServer.start({ client: 'eventstore', data })));
  onTestFinished(() => {
    for (const node of nodes) node.stop();
  });
  const state = { nodes, leader: nodes[0]! };
  for (const node of nodes) node.cluster = state;
  const url = `esdb://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}/log?tls=false&discoveryInterval=10`;
  return { data, state, nodes, url };
}

test('leaders come and go while turns are appended: each turn is in the log once, and followers see it once', async () => {
  const { state, nodes, url } = await cluster();
  const store = await opened(url, 3000);
  const taken = follow(await opened(url, 3000), 0).take(40);
  const turns = [claim(1, 1), ...Array.from({ length: 39 }, (_, i) => turn(i + 2))];
  for (const next of turns) {
    if (next.number % 10 === 5) state.leader = nodes[(nodes.indexOf(state.leader) + 1) % 3]!;
    if (next.number % 10 === 9) {
      const killed = state.leader;
      killed.stop();
      state.leader = nodes[(nodes.indexOf(killed) + 1) % 3]!;
      void killed.listen();
    }
    while ((await store.append(next, next.number - 1, 1)).outcome !== 'appended');
  }
  expect(await all(store.read(0))).toEqual(turns);
  expect(await taken).toEqual(turns.map(({ number }) => number));
});

test('a node that follows is not asked what the log holds: it may be behind', async () => {
  const { state, nodes } = await cluster();
  const follower = nodes[1]!;
  const store = await opened(`esdb://127.0.0.1:${follower.port}/log?tls=false`);
  expect(await store.append(claim(1, 1), 0, 1)).toEqual({ outcome: 'appended', revision: 1 });
  expect(await store.head()).toEqual({ revision: 1, epoch: 1 });
  expect(state.leader.calls.append).toBeGreaterThan(0);
});

test('a scheduler cut off from a leader that was deposed meanwhile is refused when it is back', async () => {
  const { state, nodes, url } = await cluster();
  const stale = await opened(url, 3000);
  await stale.append(claim(1, 1), 0, 1);
  state.leader = nodes[2]!;
  const next = await opened(url, 3000);
  expect(await next.append(claim(2, 2), 1, 2)).toMatchObject({ outcome: 'appended' });
  expect(await stale.append(turn(2), 1, 1)).toEqual({ outcome: 'refused', head: { revision: 2, epoch: 2 } });
});

test('a whole cluster that is away and comes back, with many who follow it: nobody ends, nobody misses a turn', async () => {
  const { nodes, url } = await cluster();
  const store = await opened(url, 3000);
  await store.append(claim(1, 1), 0, 1);
  const followers = await Promise.all([1, 2, 3].map(async () => follow(await opened(url, 3000), 0)));
  for (const follower of followers) expect(await follower.take(1)).toEqual([1]);
  const more = [follow(store, 0), follow(store, 0), follow(store, 1)];
  const taken = Promise.all(followers.map((follower) => follower.take(6)));
  const takenToo = Promise.all(more.map((follower, i) => follower.take(i < 2 ? 7 : 6)));
  for (let n = 2; n <= 7; n++) {
    for (const node of nodes) node.stop();
    const appending = store.append(turn(n), n - 1, 1);
    store.head().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const node of nodes) await node.listen();
    if ((await appending).outcome !== 'appended') n--;
  }
  for (const numbers of [...(await taken), ...(await takenToo)]) expect(numbers.at(-1)).toBe(7);
});

/** A server with TLS on localhost, and the file of its CA. */
async function secured(options: Partial<ServerOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', [...made, '-keyout', key, '-out', certificate, ...subject], { stdio: 'ignore' });
  const tls = { key: readFileSync(key), certificate: readFileSync(certificate) };
  const server = await EsdbServer.start({ client: 'eventstore', tls, ...options });
  onTestFinished(() => server.stop());
  return { server, ca: encodeURIComponent(certificate), folder };
}

const PASSWORD = 'p@ss:w/rd%&?';
const USER = `ops:${encodeURIComponent(PASSWORD)}`;
const SECRETS = [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(`ops:${PASSWORD}`).toString('base64')];

test('TLS with a user: appended, read and followed', needs('openssl'), async () => {
  const { server, ca } = await secured({ user: `ops:${PASSWORD}`, batchAppend: true });
  const store = await opened(`esdb://${USER}@localhost:${server.port}/log?tlsCAFile=${ca}`, 3000);
  const taken = follow(store, 0).take(2);
  expect(await store.append(claim(1, 1), 0, 1)).toMatchObject({ outcome: 'appended' });
  expect(await store.append(turn(2), 1, 1)).toMatchObject({ outcome: 'appended' });
  await store.saveSnapshot({ turn: 2, version: 1, state: 'state' });
  expect(await taken).toEqual([1, 2]);
});

test(
  'a wrong password, no user, an unknown CA, no TLS: refused, and no secret in the message',
  needs('openssl'),
  async () => {
    const { server, ca, folder } = await secured({ user: 'ops:right' });
    const host = `localhost:${server.port}`;
    const empty = join(folder, 'other.pem');
    writeFileSync(empty, '');
    const refused = [
      [`esdb://${USER}@${host}/log?tlsCAFile=${ca}`, 'path', 'does not take this user and password'],
      [`esdb://${host}/log?tlsCAFile=${ca}`, 'path', 'asks for a user and password'],
      [`esdb://${USER}@${host}/log`, 'io', 'cannot read the stream'],
      [`esdb://${host}/log?tls=false`, 'io', 'cannot read the stream'],
      [`esdb://${USER}@${host}/log?tlsCAFile=${encodeURIComponent(join(folder, 'none.pem'))}`, 'path', 'not found'],
    ] as const;
    for (const [url, code, message] of refused) {
      const error = await openEventStoreDbStore(url, { deadlineMs: 900 }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'StoreError', code });
      expect(String(error)).toContain(message);
      for (const secret of SECRETS) expect(String(error)).not.toContain(secret);
    }
  },
);

test('an address where nobody listens is an error that names it', async () => {
  const opening = openEventStoreDbStore('esdb://127.0.0.1:1/log?tls=false', { deadlineMs: 600 });
  await expect(opening).rejects.toThrow(/^esdb:\/\/127\.0\.0\.1:1\/log: cannot read the stream: /);
});

test('what goes wrong after a call was given up is no error of the process', async () => {
  const given = 'esdb://127.0.0.1:1,127.0.0.1:2/log?tls=false&discoveryInterval=100&maxDiscoverAttempts=2';
  await expect(openEventStoreDbStore(given, { deadlineMs: 60 })).rejects.toThrow('no answer within 20 ms');
  // Errors that nobody catches fail the run.
  await new Promise((resolve) => setTimeout(resolve, 500));
});

test('the two clients are not loaded into one process', async () => {
  await expect(openEventStoreDbStore('esdb://127.0.0.1:1/log?tls=false', { deadlineMs: 60 })).rejects.toThrow();
  const opening = openEventStoreDbStore('kurrentdb://127.0.0.1:1/log?tls=false', { deadlineMs: 60 });
  await expect(opening).rejects.toThrow('this process has loaded @eventstore/db-client already');
});

test.each([
  ['esdb://host', 'npm install @eventstore/db-client@6.2.1'],
  ['kurrentdb://host', 'npm install @kurrent/kurrentdb-client@1.3.1'],
])('%s where its client is not installed: the error says what to run', async (url, command) => {
  // The module by itself, where nothing is installed.
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-bare-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const source = new URL('../../../adapters/event-store/', import.meta.url);
  cpSync(new URL('../../../package.json', import.meta.url), join(folder, 'package.json'));
  for (const name of ['errors', 'esdb-client']) {
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    const text = readFileSync(new URL(`${name}.ts`, source), 'utf8');
    writeFileSync(join(folder, `${name}.js`), ts.transpileModule(text, { compilerOptions: options }).outputText);
  }
  const script = `import { loadEsdbClient } from './esdb-client.js';
    loadEsdbClient(${JSON.stringify(parseEsdbUrl(url))}).catch((error) => console.log(error.message));`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, encoding: 'utf8' });
  expect(out).toContain(`${parseEsdbUrl(url).shown}: the client of this store is not installed; run: ${command}`);
});
