/** The URL of a PostgreSQL store: what it may say, and that what is wrong with it is told without its secrets. */

import { describe, expect, test } from 'vitest';
import { StoreError } from '../../../adapters/event-store/errors.js';
import { parsePostgresUrl } from '../../../adapters/event-store/postgres-url.js';

const SECRET = 'correct-horse';

describe('the URL of a PostgreSQL store', () => {
  test('names the hosts, the user and the database', () => {
    const { hosts, user, password, database, schema } = parsePostgresUrl(
      'postgresql://anna:p%40ss%3Aword@db1.example,[2001:db8::1]:5433,127.0.0.1:6000/leases?schema=site_a',
    );
    expect(hosts.map(({ host, port }) => [host, port])).toEqual([
      ['db1.example', 5432],
      ['2001:db8::1', 5433],
      ['127.0.0.1', 6000],
    ]);
    expect({ user, password, database, schema }).toEqual({
      user: 'anna',
      password: 'p@ss:word',
      database: 'leases',
      schema: 'site_a',
    });
  });

  test.each(['postgresql://%2Frun%2Fpg:5433/leases', 'postgres://:5433/leases?host=/run/pg'])(
    'may name the directory of a socket: %s',
    (url) => {
      const [host] = parsePostgresUrl(url).hosts;
      expect(host).toEqual({ host: '/run/pg', port: 5433, tls: false });
    },
  );

  test('elsewhere than on this machine a server must prove who it is, unless the URL says otherwise', () => {
    const tls = (url: string) => parsePostgresUrl(url).hosts[0]!.tls;
    expect(tls('postgresql://localhost/d')).toBe(false);
    expect(tls('postgresql://127.0.0.1/d')).toBe(false);
    expect(tls('postgresql://db.example/d')).toMatchObject({ rejectUnauthorized: true });
    expect(tls('postgresql://localhost.example/d')).toMatchObject({ rejectUnauthorized: true });
    expect(tls('postgresql://db.example/d?sslmode=require')).toMatchObject({ rejectUnauthorized: false });
    expect(tls('postgresql://db.example/d?sslmode=disable')).toBe(false);
  });

  test('is shown without the password', () => {
    expect(parsePostgresUrl(`postgresql://anna:${SECRET}@db.example,[::1]/leases`).shown).toBe(
      'postgresql://db.example:5432,[::1]:5432/leases (schema leasehold)',
    );
  });

  test.each([
    ['', 'write it as'],
    ['mysql://u:correct-horse@h/d', 'write it as'],
    ['postgresql://u:correct-horse@h', 'write it as'],
    ['postgresql://u:correct-horse@h/', 'write it as'],
    ['postgresql://u:correct@horse@h/d', 'write it as'],
    ['postgresql://u:correct-horse@h/d/e', 'write it as'],
    ['postgresql://u:correct-horse@h/d#x', 'write it as'],
    ['postgresql://u:correct-horse%@h/d', 'password: a %'],
    ['postgresql://u:correct-horse%00@h/d', 'password: a character of code 0'],
    ['postgresql://u:correct-horse@/d', 'a host is'],
    ['postgresql://u:correct-horse@a,,b/d', 'a host is'],
    ['postgresql://u:correct-horse@a b/d', 'a host is'],
    ['postgresql://u:correct-horse@[h]/d', 'a host is'],
    ['postgresql://u:correct-horse@h:0/d', 'a port is'],
    ['postgresql://u:correct-horse@h:65536/d', 'a port is'],
    ['postgresql://u:correct-horse@h:port/d', 'a host is'],
    [`postgresql://u:correct-horse@${'h,'.repeat(16)}h/d`, 'at most 16'],
    ['postgresql://u:correct-horse@h/d?sslmode=prefer', 'sslmode is one of'],
    ['postgresql://u:correct-horse@h/d?sslrootcert=/no/such/file', 'sslrootcert: the file cannot be read (ENOENT)'],
    ['postgresql://u:correct-horse@h/d?password=correct-horse', 'a parameter that is not known'],
    ['postgresql://u:correct-horse@h/d?schema=a&schema=b', 'schema is given twice'],
    ['postgresql://u:correct-horse@h/d?schema=A"B', 'schema:'],
    ['postgresql://u:correct-horse@h/d?schema=pg_mine', 'schema:'],
    [`postgresql://u:correct-horse@h/d?schema=${'a'.repeat(64)}`, 'schema:'],
    ['postgresql://u:correct-horse@h/d?connect_timeout=0', 'connect_timeout:'],
    ['postgresql://u:correct-horse@h/d?connect_timeout=61', 'connect_timeout:'],
    ['postgresql://u:correct-horse@h/d?target_session_attrs=standby', 'target_session_attrs is one of'],
    ['postgresql://u:correct-horse@h/d?host=db', 'host: the directory'],
    ['postgresql://u:correct-horse@h/d?host=/run', 'host: there is another'],
    [`postgresql://u:correct-horse@h/${'d'.repeat(5000)}`, 'write it as'],
  ])('%s is refused', (url, message) => {
    const error = refusal(url);
    expect(error).toMatchObject({ code: 'path', message: expect.stringContaining(message) });
    expect(error.message).not.toMatch(/correct|horse/);
  });
});

function refusal(url: string): StoreError {
  try {
    parsePostgresUrl(url);
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('the URL was taken');
}
