/**
 * Where the service connects to because somebody has named a URL: addresses of the public network, and what an operator has
 * allowed. The URL is looked at when it is given, and every address that its name stands for at every connection: it is
 * connected to the very address that was looked at, so a name that stands for another one a moment later is of no use.
 */

import { Resolver } from 'node:dns/promises';
import { BlockList, isIP, isIPv4, isIPv6, type LookupFunction } from 'node:net';

export interface DestinationRules {
  /** Plain http, too. */
  readonly http: boolean;
  /** And FTP; absent: not. */
  readonly ftp?: boolean;
  /** Ranges that may be reached although they are not public: `10.1.0.0/16`, `::1`. */
  readonly allowed: readonly string[];
}

/** Finds the addresses of a name. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** It is not connected to. The message names no address that was looked up: it would tell of names inside. */
export class DestinationError extends Error {
  override readonly name = 'DestinationError';
}

/** IANA's registries of what is special: https://www.iana.org/assignments/iana-ipv4-special-registry, and -ipv6-. */
const NOT_PUBLIC_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];
/** Of IPv6 only this is public at all … */
const PUBLIC_V6 = ['2000::/3'];
/** … without what leads into IPv4, and what is for examples and special uses. */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** Below 1024 nobody waits for such requests but there; above, these are of protocols that could take one for their own. */
const USUAL_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80, 'ftp:': 21 };
const LOW_PORTS: Readonly<Record<string, readonly number[]>> = {
  'https:': [80, 443],
  'http:': [80, 443],
  'ftp:': [21],
};
const PORTS_REFUSED: ReadonlySet<number> = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697],
  ...[10_080, 11_211],
]);
const URL_MAX = 2048;
const RESOLVE_MS = 3_000;
const ADDRESSES_MAX = 16;

export class Destinations {
  private readonly notPublic = listOf([...NOT_PUBLIC_V4, ...NOT_PUBLIC_V6]);
  private readonly publicV6 = listOf(PUBLIC_V6);
  private readonly allowed: BlockList;

  constructor(
    private readonly rules: DestinationRules,
    private readonly resolve: Resolve = resolveInDns,
  ) {
    this.allowed = listOf(rules.allowed);
  }

  /** The URL, as far as it can be judged by itself. Throws a DestinationError. */
  urlOf(text: string): URL {
    const url = text.length <= URL_MAX && URL.canParse(text) ? new URL(text) : null;
    if (url === null) throw new DestinationError('must be a URL such as https://example.org/');
    const schemes = ['https', ...(this.rules.http ? ['http'] : []), ...(this.rules.ftp === true ? ['ftp'] : [])];
    if (!schemes.includes(url.protocol.slice(0, -1)))
      throw new DestinationError(`must be an ${schemes.join(' or ')} URL`);
    if (url.username !== '' || url.password !== '') throw new DestinationError('must not have a user or a password');
    if (url.hash !== '') throw new DestinationError('must not have a fragment');
    const usual = USUAL_PORTS[url.protocol]!;
    const port = Number(url.port || usual);
    if ((port < 1024 && !LOW_PORTS[url.protocol]!.includes(port)) || PORTS_REFUSED.has(port)) {
      const what = url.protocol === 'ftp:' ? 'FTP' : 'HTTP';
      throw new DestinationError(
        `must not be for port ${port}; take ${what === 'FTP' ? usual : 443}, or one of 1024 and above that is for ${what}`,
      );
    }
    const address = literalOf(url);
    if (address !== null && !this.mayReach(address)) throw new DestinationError(NOT_ALLOWED);
    return url;
  }

  /** For the agents that connect: names are looked up here. What is an address already `urlOf` has looked at. */
  readonly lookup: LookupFunction = (name, options, done) => {
    this.addressesOf(name).then(
      (addresses) => {
        const found = addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }));
        const wanted =
          options.family === 4 || options.family === 6 ? found.filter((one) => one.family === options.family) : found;
        const [first = found[0]!] = wanted;
        if (options.all === true) done(null, wanted.length === 0 ? found : wanted);
        else done(null, first.address, first.family);
      },
      (error: Error) => done(error, '', 0),
    );
  };

  /** All that the name stands for; one of them that is not allowed, and none is connected to. */
  async addressesOf(name: string): Promise<readonly string[]> {
    const addresses = (await this.resolve(name)).slice(0, ADDRESSES_MAX);
    if (addresses.length === 0) throw new DestinationError('names a host that has no address');
    if (!addresses.every((address) => this.mayReach(address))) throw new DestinationError(NOT_ALLOWED);
    return addresses;
  }

  /** O(ranges). */
  mayReach(address: string): boolean {
    const plain = unmapped(address);
    // With a zone it is of one link.
    if (plain.includes('%')) return false;
    const version = isIPv4(plain) ? 'ipv4' : isIPv6(plain) ? 'ipv6' : null;
    if (version === null) return false;
    if (this.allowed.check(plain, version)) return true;
    if (version === 'ipv6' && !this.publicV6.check(plain, version)) return false;
    return !this.notPublic.check(plain, version);
  }
}

const NOT_ALLOWED = 'leads to an address that is not public, and that this service is not allowed to reach';

/** Whether it is an address, or a range of addresses. */
export function isRange(text: string): boolean {
  const [address = '', prefix] = text.split('/', 2);
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/', 2);
    const version = isIPv4(address) ? 'ipv4' : 'ipv6';
    list.addSubnet(address, prefix === undefined ? (version === 'ipv4' ? 32 : 128) : Number(prefix), version);
  }
  return list;
}

/** The address that the URL itself names; null: it has a name. */
export function literalOf({ hostname }: URL): string | null {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? null : bare;
}

/** An IPv4 address that is written as an IPv6 one, as what it is. */
function unmapped(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address;
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written) ?? [];
  if (high === undefined || low === undefined) return address;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

/** In DNS alone: its answers are waited for beside other work, and for so long only. */
async function resolveInDns(name: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: RESOLVE_MS, tries: 2 });
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}
