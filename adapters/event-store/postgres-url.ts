/**
 * `postgresql://user:password@host:port,host:port/database?parameters`: where the log is, and how it is reached. The URL
 * is checked here to the letter; whatever is wrong with it, it is never quoted: it may hold a password.
 */

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { StoreError } from './errors.js';

const URL_UNITS_MAX = 4096;
const HOSTS_MAX = 16;
const PORT = 5432;
const CONNECT_MS = 3000;
const CONNECT_SECONDS_MAX = 60;
const SCHEMA = 'leasehold';

export interface PostgresHost {
  /** A name, an address, or the directory of a socket. */
  readonly host: string;
  readonly port: number;
  readonly tls: ConnectionOptions | false;
}

export interface PostgresTarget {
  readonly hosts: readonly PostgresHost[];
  /** undefined: as `PGUSER` and `PGPASSWORD` say. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string;
  /** The schema that holds the log; its name is also that of the channel on which appends are announced. */
  readonly schema: string;
  /** A standby is read from, too. */
  readonly anyServer: boolean;
  readonly connectMs: number;
  /** The URL without secrets, for messages. */
  readonly shown: string;
}

const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full'];
const PARAMETERS = new Set([
  'host',
  'schema',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'connect_timeout',
  'target_session_attrs',
]);

/** Reads the URL, and the files of certificates that it names. Throws a StoreError. */
export function parsePostgresUrl(url: string): PostgresTarget {
  const found =
    url.length <= URL_UNITS_MAX &&
    /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)\/([^@/?#]+)(?:\?([^?#]*))?$/.exec(url);
  if (!found) {
    throw wrong(
      'write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE; in names and passwords write @ / ? # as %XX',
    );
  }
  const [, login, authority = '', path = '', query = ''] = found;
  // 1. Who.
  const [user, ...secret] = (login ?? '').split(':');
  const password = login?.includes(':') === true ? decoded(secret.join(':'), 'password') : undefined;
  const database = decoded(path, 'name of the database');
  // 2. How.
  const parameters = parametersOf(query);
  const schema = parameters.get('schema') ?? SCHEMA;
  if (!/^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw wrong('schema: at most 63 of a-z, 0-9 and _, beginning with a letter, not with pg_');
  }
  // 3. Where.
  const directory = parameters.get('host');
  const hosts = (directory === undefined ? authority.split(',') : socketsOf(directory, authority)).map((text) =>
    hostOf(text, parameters),
  );
  if (hosts.length > HOSTS_MAX) throw wrong(`${hosts.length} hosts; at most ${HOSTS_MAX} are tried`);
  const places = hosts.map(({ host, port }) => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`).join(',');
  return {
    hosts,
    user: user === undefined || user === '' ? undefined : decoded(user, 'user'),
    password,
    database,
    schema,
    anyServer: oneOf(parameters, 'target_session_attrs', ['read-write', 'primary', 'any']) === 'any',
    connectMs: connectMs(parameters.get('connect_timeout')),
    shown: `postgresql://${places}/${database} (schema ${schema})`,
  };
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of query === '' ? [] : query.split('&')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0));
    if (!PARAMETERS.has(name)) throw wrong(`a parameter that is not known; known are ${[...PARAMETERS].join(', ')}`);
    if (parameters.has(name)) throw wrong(`${name} is given twice`);
    parameters.set(name, decoded(part.slice(at + 1), name));
  }
  return parameters;
}

/** `?host=/directory` is how programs of PostgreSQL write the directory of a socket; the port stays where it was. */
function socketsOf(directory: string, authority: string): string[] {
  if (!directory.startsWith('/')) throw wrong('host: the directory of a socket; other hosts are written before the /');
  if (!/^(:\d+)?$/.test(authority)) throw wrong('host: there is another host before the /');
  return [encodeURIComponent(directory) + authority];
}

function hostOf(text: string, parameters: ReadonlyMap<string, string>): PostgresHost {
  const found = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = found?.[1] ?? decoded(found?.[2] ?? '', 'host');
  const port = Number(found?.[3] ?? PORT);
  const isSocket = /^\/[^\0]{0,90}$/.test(host);
  const isName = found?.[1] === undefined ? /^[A-Za-z0-9._-]{1,253}$/.test(host) : isIP(host) === 6;
  if (!isSocket && !isName) throw wrong('a host is a name, an address ([::1]), or the directory of a socket (%2Frun)');
  if (port < 1 || port > 65_535) throw wrong('a port is a number from 1 to 65535');
  return { host, port, tls: isSocket ? false : tlsOf(host, parameters) };
}

/** On this machine nobody listens in; elsewhere the server has to prove who it is, unless the URL says otherwise. */
function tlsOf(host: string, parameters: ReadonlyMap<string, string>): ConnectionOptions | false {
  const isHere = host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
  const mode = oneOf(parameters, 'sslmode', TLS_MODES) ?? (isHere ? 'disable' : 'verify-full');
  if (mode === 'disable') return false;
  const file = (name: string): Buffer | undefined => {
    const path = parameters.get(name);
    return path === undefined || (name === 'sslrootcert' && path === 'system') ? undefined : contents(name, path);
  };
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: mode !== 'require',
    // The name that is checked is the one of the URL, an address included.
    checkServerIdentity: (_name, shown) => (mode === 'verify-full' ? checkServerIdentity(host, shown) : undefined),
  };
}

function contents(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw wrong(`${name}: the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

function connectMs(seconds: string | undefined): number {
  if (seconds === undefined) return CONNECT_MS;
  const value = /^\d{1,3}$/.test(seconds) ? Number(seconds) : 0;
  if (value < 1 || value > CONNECT_SECONDS_MAX) throw wrong(`connect_timeout: 1 to ${CONNECT_SECONDS_MAX} seconds`);
  return value * 1000;
}

function oneOf(parameters: ReadonlyMap<string, string>, name: string, known: readonly string[]): string | undefined {
  const value = parameters.get(name);
  if (value !== undefined && !known.includes(value)) throw wrong(`${name} is one of ${known.join(', ')}`);
  return value;
}

function decoded(text: string, what: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw wrong(`${what}: a % is written as %25`);
  }
  if (plain.includes('\0')) throw wrong(`${what}: a character of code 0`);
  return plain;
}

function wrong(detail: string): StoreError {
  return new StoreError('path', `the URL of the PostgreSQL store: ${detail}`);
}
