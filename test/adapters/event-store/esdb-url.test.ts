/** Addresses of logs in an EventStoreDB: which are taken, which are not, and that none gives a secret away. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StoreError } from '../../../adapters/event-store/errors.js';
import { openEventStoreDbStore } from '../../../adapters/event-store/esdb.js';
import { parseEsdbUrl } from '../../../adapters/event-store/esdb-url.js';

test('an address with everything in it', () => {
  const url = 'esdb://ops:p%40ss%3Aw%2F@node1:2114,node2,10.0.0.3:2115/site_a?tlsCAFile=/etc/ca.pem&gossiptimeout=3';
  expect(parseEsdbUrl(url)).toEqual({
    client: 'eventstore',
    connection:
      'esdb://node1:2114,node2:2113,10.0.0.3:2115?tlsCAFile=%2Fetc%2Fca.pem&gossipTimeout=3&tls=true&maxDiscoverAttempts=3',
    credentials: { username: 'ops', password: 'p@ss:w/' },
    stream: 'leasehold-site_a',
    snapshots: 'leasehold.snapshots-site_a',
    beats: 'leasehold.beats-site_a',
    shown: 'esdb://node1:2114,node2:2113,10.0.0.3:2115/site_a',
  });
});

test.each([
  [
    'esdb://localhost?tls=false',
    'eventstore',
    'esdb://localhost:2113?tls=false&maxDiscoverAttempts=3&gossipTimeout=2',
    'leasehold-main',
  ],
  [
    'esdb+discover://cluster.example/',
    'eventstore',
    'esdb+discover://cluster.example:2113?tls=true&maxDiscoverAttempts=3&gossipTimeout=2',
    'leasehold-main',
  ],
  ['kurrentdb://u:p@node:1/x', 'kurrentdb', 'kurrentdb://node:1?tls=true', 'leasehold-x'],
  [
    'kurrentdb+discover://u:p@c?nodePreference=leader',
    'kurrentdb',
    'kurrentdb+discover://c:2113?nodePreference=leader&tls=true',
    'leasehold-main',
  ],
])('%s', (url, client, connection, stream) => {
  expect(parseEsdbUrl(url)).toMatchObject({ client, connection, stream });
});

test.each([
  ['', 'is not an address of a log'],
  ['localhost:2113', 'is not an address of a log'],
  ['postgres://u:hunter2@host/db', 'is not an address of a log'],
  ['esdb://', 'is not an address of a log'],
  ['esdb://u:hunter2@host/a/b', 'is not an address of a log'],
  [`esdb://u:hunter2@host/${'a'.repeat(5000)}`, 'is not an address of a log'],
  ['esdb://hunter2@host', 'must be user:password'],
  ['esdb://:hunter2@host', 'must be user:password'],
  ['esdb://u:@host', 'must be user:password'],
  ['esdb://u:hunter2%@host', 'write a plain % as %25'],
  ['esdb://u%3Av:hunter2@host', 'must not contain a colon'],
  ['esdb://u:hunter2@[::1]:2113', 'a host must be'],
  ['esdb://u:hunter2@host:0', 'a port must be'],
  ['esdb://u:hunter2@host:99999', 'a port must be'],
  ['esdb://u:hunter2@a,,b', 'a host must be'],
  [`esdb://u:hunter2@${Array.from({ length: 17 }, (_, i) => `n${i}`).join(',')}`, 'at most 16'],
  ['esdb+discover://u:hunter2@a,b', 'one DNS name'],
  ['esdb://u:hunter2@host/$all', 'the name after the host'],
  ['esdb://u:hunter2@host/a-b', 'the name after the host'],
  ['esdb://u:hunter2@host?pasword=hunter2', 'an option that is not known'],
  ['esdb://u:hunter2@host?tls=no', 'the option tls must be true or false'],
  ['esdb://u:hunter2@host?tls', 'the option tls must be given a value'],
  ['esdb://u:hunter2@host?tls=true&TLS=true', 'the option tls twice'],
  ['esdb://u:hunter2@host?tlsVerifyCert=false', 'tlsVerifyCert must be true'],
  ['esdb://u:hunter2@host?nodePreference=follower', 'nodePreference must be leader'],
  ['esdb://u:hunter2@host?throwOnAppendFailure=false', 'throwOnAppendFailure must be true'],
  ['esdb://u:hunter2@host?keepAliveInterval=-1', 'keepAliveInterval must be a whole number'],
  ['esdb://u:hunter2@host?defaultDeadline=5', 'an option that is not known'],
  ['esdb://u:hunter2@host?userCertFile=a.pem', 'together or not at all'],
  ['esdb://10.0.0.1?tls=false', 'is for a server on this machine'],
  ['esdb://localhost,evil.example?tls=false', 'is for a server on this machine'],
  ['esdb://localhost.evil.example?tls=false', 'is for a server on this machine'],
  ['esdb://u:hunter2@localhost?tls=false', 'are not sent without TLS'],
])('%s is refused', async (url, message) => {
  const error = await openEventStoreDbStore(url).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'StoreError', code: 'path' });
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain('hunter2');
});

test('whatever is given is taken or refused with a store error, and never told on', () => {
  const secret = 'S3cr3t';
  const piece = fc.oneof(
    fc.constantFrom(
      'esdb',
      'kurrentdb',
      '+discover',
      '://',
      '@',
      ':',
      '/',
      '?',
      '&',
      '=',
      '%',
      ',',
      'tls=false',
      'host',
    ),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.boolean(), (pieces, plain) => {
      const url = plain ? pieces.join('') : `esdb://user:${secret}@${pieces.join('')}`;
      try {
        const { connection, shown } = parseEsdbUrl(url);
        expect(connection + shown).not.toContain(secret);
      } catch (error) {
        expect(error).toBeInstanceOf(StoreError);
        expect((error as Error).message).not.toContain(secret);
      }
    }),
    { numRuns: 2000 },
  );
});
