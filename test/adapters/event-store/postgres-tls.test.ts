/** Connections to PostgreSQL over TLS: the server has to prove who it is before it hears the password. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresStore } from '../../../adapters/event-store/postgres.js';
import { needs } from '../../support/needs.js';
import { PostgresPlace, PostgresServer } from '../../support/postgres.js';
import { turn } from './turns.js';

describe('PostgreSQL over TLS', needs('postgres', 'openssl'), () => {
  let place: PostgresPlace;
  let server: PostgresServer;
  let port: number;

  beforeAll(async () => {
    place = new PostgresPlace();
    server = await PostgresServer.create(place, 's1');
    port = await freePort();
    certify(place, 'server', 'DNS:localhost');
    certify(place, 'other', 'DNS:localhost');
    await server.stop();
    server.port = port;
    await server.start([
      'listen_addresses=127.0.0.1',
      'ssl=on',
      `ssl_cert_file=${join(place.path, 'server.crt')}`,
      `ssl_key_file=${join(place.path, 'server.key')}`,
    ]);
  });
  afterAll(() => place.remove());

  const url = (host: string, parameters: string) =>
    `postgresql://${server.login}@${host}:${port}/postgres?${parameters.replaceAll('DIR', place.path)}`;

  test.each([
    ['localhost', 'sslmode=verify-full&sslrootcert=DIR/server.crt'],
    ['127.0.0.1', 'sslmode=verify-ca&sslrootcert=DIR/server.crt'],
    ['127.0.0.1', 'sslmode=require'],
  ])('%s, %s: what is said is encrypted', async (host, parameters) => {
    const store = await openPostgresStore(url(host, parameters));
    const { revision } = await store.head();
    expect((await store.append(turn(revision + 1), revision, 0)).outcome).toBe('appended');
    const sessions = await server.ask(
      "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'leasehold'",
    );
    expect(sessions).toEqual([{ ssl: true }]);
    await store.close();
  });

  test.each([
    ['a certificate that nobody vouches for', 'localhost', 'sslmode=verify-full'],
    ['the certificate of another', 'localhost', 'sslmode=verify-full&sslrootcert=DIR/other.crt'],
    ['the certificate of another name', '127.0.0.1', 'sslmode=verify-full&sslrootcert=DIR/server.crt'],
  ])('%s is refused', async (_what, host, parameters) => {
    const refused = openPostgresStore(url(host, parameters));
    await expect(refused).rejects.toMatchObject({ code: 'path', message: expect.stringContaining('sslrootcert') });
  });

  test('a server that does not encrypt is refused', async () => {
    await server.stop();
    await server.start(['listen_addresses=127.0.0.1']);
    const refused = openPostgresStore(url('localhost', 'sslmode=require'));
    await expect(refused).rejects.toMatchObject({ code: 'path', message: expect.stringContaining('SSL') });
  });
});

/** A certificate that vouches for itself, and its key, for the server. */
function certify(place: PostgresPlace, name: string, subject: string): void {
  const key = join(place.path, `${name}.key`);
  const certificate = join(place.path, `${name}.crt`);
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
  writeFileSync(key, '', { mode: 0o600 });
  execFileSync('openssl', [...made, '-subj', `/CN=${name}`, '-addext', `subjectAltName=${subject}`], {
    stdio: 'ignore',
  });
  place.give(key);
}

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return port;
}
