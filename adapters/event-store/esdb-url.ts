/**
 * The address of an EventStoreDB or KurrentDB log: `esdb://user:password@host:2113/name?tlsCAFile=ca.pem`. Everything
 * in it is checked here: the client warns of a misspelt option and goes on, and prints the address with the password.
 */

import { StoreError } from './errors.js';

export interface EsdbTarget {
  readonly client: 'eventstore' | 'kurrentdb';
  /** For the client; without user and password, which go with each call. */
  readonly connection: string;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** The stream of the log, and that of its snapshots. */
  readonly stream: string;
  readonly snapshots: string;
  /** The stream of signs of life. */
  readonly beats: string;
  /** For messages: no user, no password, no options. */
  readonly shown: string;
}

const EXPECTED =
  'esdb://user:password@host:2113/name for one node or a list of nodes, esdb+discover:// for a DNS name of a cluster, ' +
  'kurrentdb:// and kurrentdb+discover:// with the KurrentDB client';
const URL_LENGTH_MAX = 4096;
const HOSTS_MAX = 16;
const DEFAULT_PORT = 2113;
const DEFAULT_NAME = 'main';

const SHAPE = /^(esdb|kurrentdb)(\+discover)?:\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^/?#]*))?(?:\?([^#]*))?$/;
const HOST = /^([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5}))?$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.]{0,63}$/;
/** A node that is away must not take up the time in which another could be found. The second in seconds. */
const DISCOVERY = [
  ['maxDiscoverAttempts', '3'],
  ['gossipTimeout', '2'],
] as const;
const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/i;

type Check = (value: string) => string | null;

const text: Check = (value) => (value.length <= 1024 ? null : 'at most 1024 characters');
const flag: Check = (value) => (value === 'true' || value === 'false' ? null : 'true or false');
const count: Check = (value) => (/^\d{1,6}$/.test(value) && value !== '0' ? null : 'a whole number from 1 to 999999');
const only =
  (value: string, why: string): Check =>
  (got) =>
    got === value ? null : `${value}: ${why}`;

/** The options that the client knows, and what each may be. */
const OPTIONS: Readonly<Record<string, Check>> = {
  tls: flag,
  tlsVerifyCert: only('true', 'a server that cannot be recognised is not to be trusted; give its CA with tlsCAFile'),
  tlsCAFile: text,
  userCertFile: text,
  userKeyFile: text,
  connectionName: text,
  nodePreference: only('leader', 'other nodes may be behind, and the log is read to find out what was written'),
  throwOnAppendFailure: only('true', 'a conflict must not look like a success'),
  maxDiscoverAttempts: count,
  discoveryInterval: count,
  gossipTimeout: count,
  keepAliveInterval: count,
  keepAliveTimeout: count,
};

/** Throws a StoreError that says what is wrong, and never repeats what may be a secret. */
export function parseEsdbUrl(url: string): EsdbTarget {
  // 1. The parts.
  const parts = url.length <= URL_LENGTH_MAX ? SHAPE.exec(url.trim()) : null;
  if (parts === null) throw wrong(`is not an address of a log; expected ${EXPECTED}`);
  const [, scheme, discover = '', userinfo, hostList, name = '', query = ''] = parts;
  const hosts = hostsOf(hostList!, discover !== '');
  const options = optionsOf(query);
  const stream = name === '' ? DEFAULT_NAME : name;
  if (!NAME.test(stream)) {
    throw wrong('the name after the host must be 1 to 64 letters, digits, _ or ., beginning with a letter or digit');
  }
  // 2. What goes together.
  const credentials = userinfo === undefined ? null : credentialsOf(userinfo);
  if (options.get('tls') === 'false') checkPlain(hosts, credentials !== null);
  else options.set('tls', 'true');
  if (options.has('userCertFile') !== options.has('userKeyFile')) {
    throw wrong('userCertFile and userKeyFile are given together or not at all');
  }
  // 3. The same for the client, in the one spelling that it reads as it is meant.
  for (const [key, value] of scheme === 'esdb' ? DISCOVERY : []) if (!options.has(key)) options.set(key, value);
  const encoded = [...options].map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return {
    client: scheme === 'esdb' ? 'eventstore' : 'kurrentdb',
    connection: `${scheme}${discover}://${hosts.join(',')}?${encoded.join('&')}`,
    credentials,
    stream: `leasehold-${stream}`,
    snapshots: `leasehold.snapshots-${stream}`,
    beats: `leasehold.beats-${stream}`,
    shown: `${scheme}${discover}://${hosts.join(',')}/${stream}`,
  };
}

function hostsOf(list: string, discover: boolean): string[] {
  const hosts = list.split(',');
  if (hosts.length > HOSTS_MAX) throw wrong(`names ${hosts.length} hosts; at most ${HOSTS_MAX}`);
  if (discover && hosts.length > 1) throw wrong('with +discover there is one DNS name, which stands for all nodes');
  return hosts.map((host) => {
    const found = HOST.exec(host);
    if (found === null) throw wrong('a host must be a name or an IPv4 address with or without a port: node1:2113');
    const port = Number(found[2] ?? DEFAULT_PORT);
    if (port < 1 || port > 65_535) throw wrong('a port must be from 1 to 65535');
    return `${found[1]}:${port}`;
  });
}

function optionsOf(query: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const pair of query.split('&').filter((given) => given !== '')) {
    const at = pair.indexOf('=');
    const given = at < 0 ? pair : pair.slice(0, at);
    const key = Object.keys(OPTIONS).find((known) => known.toLowerCase() === given.toLowerCase());
    if (key === undefined) throw wrong(`has an option that is not known; known are ${Object.keys(OPTIONS).join(', ')}`);
    if (options.has(key)) throw wrong(`has the option ${key} twice`);
    const value = at < 0 ? '' : decoded(pair.slice(at + 1), `the option ${key}`);
    const fault = value === '' ? 'given a value' : OPTIONS[key]!(value);
    if (fault !== null) throw wrong(`the option ${key} must be ${fault}`);
    options.set(key, value);
  }
  return options;
}

function credentialsOf(userinfo: string): { username: string; password: string } {
  const at = userinfo.indexOf(':');
  const username = decoded(userinfo.slice(0, Math.max(at, 0)), 'the user name');
  const password = decoded(userinfo.slice(at + 1), 'the password');
  if (at < 0 || username === '' || password === '') throw wrong('the part before the @ must be user:password');
  // In basic authentication the first colon ends the name.
  if (username.includes(':')) throw wrong('the user name must not contain a colon');
  return { username, password };
}

/** Without TLS everybody on the way reads and changes the log. */
function checkPlain(hosts: readonly string[], credentials: boolean): void {
  if (!hosts.every((host) => LOOPBACK.test(host.slice(0, host.lastIndexOf(':'))))) {
    throw wrong('tls=false is for a server on this machine (localhost, 127.0.0.1); give the CA with tlsCAFile instead');
  }
  if (credentials) throw wrong('user and password are not sent without TLS; leave them out, or leave tls=false out');
}

function decoded(part: string, what: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrong(`${what} holds a % that begins no percent code; write a plain % as %25`);
  }
}

function wrong(detail: string): StoreError {
  return new StoreError('path', `the store's address: ${detail}`);
}
