/**
 * URIs of libvirt, as somebody wrote them into a setting or a request. libvirt's own are powerful: they name commands
 * to run, files to read, checks to leave out. Here is what may be said; everything else is refused.
 */

import { isIP } from 'node:net';

const URI_MAX = 1024;
const NAME_MAX = 253;

export type UriVerdict = { readonly ok: true; readonly uri: string } | { readonly ok: false; readonly detail: string };

interface Kind {
  readonly path: string;
  /** Parameters that may be there. */
  readonly may: readonly string[];
  readonly host: boolean;
}

/** Scheme → what may follow. `system`: a session's daemon belongs to one person, and may do too little. */
const KINDS: { readonly [scheme: string]: Kind } = {
  qemu: { path: '/system', may: ['socket'], host: false },
  'qemu+unix': { path: '/system', may: ['socket'], host: false },
  'qemu+ssh': { path: '/system', may: ['socket', 'keyfile'], host: true },
  'qemu+tls': { path: '/system', may: ['pkipath'], host: true },
  'qemu+tcp': { path: '/system', may: [], host: true },
  xen: { path: '/system', may: [], host: false },
  test: { path: '/default', may: [], host: false },
};

const WORD = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/;
const HOST = /^(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63}){0,20}\.?$/;
const PATH = /^(\/[A-Za-z0-9_@+.-]{1,255}){1,32}$/;
const SHAPE = /^([a-z][a-z+]{0,15}):\/\/([^/?#]*)(\/[^?#]*)(?:\?([^#]*))?$/;
const PARAMETERS_MAX = 4;

/** Whether we connect there. The detail never repeats what was written where a password may be in it. */
export function checkedUri(text: string): UriVerdict {
  if (text.length > URI_MAX) return refused(`it has more than ${URI_MAX} characters`);
  const [, scheme = '', authority = '', path = '', query] = SHAPE.exec(text) ?? [];
  const kind = Object.hasOwn(KINDS, scheme) ? KINDS[scheme] : undefined;
  if (kind === undefined) return refused(`it does not begin with one of ${Object.keys(KINDS).join('://, ')}://`);
  if (path !== kind.path) return refused(`after ${scheme}://${kind.host ? 'HOST' : ''} comes ${kind.path}`);
  return faultOfAuthority(scheme, kind, authority) ?? faultOfQuery(scheme, kind, query) ?? { ok: true, uri: text };
}

/** What is given to libvirt: never a terminal to ask on. */
export function connectionUri(uri: string): string {
  return uri.startsWith('qemu+ssh:') ? `${uri}${uri.includes('?') ? '&' : '?'}no_tty=1` : uri;
}

function faultOfAuthority(scheme: string, kind: Kind, authority: string): UriVerdict | null {
  if (!kind.host) return authority === '' ? null : refused(`${scheme}:// is this machine: no host belongs there`);
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? null : authority.slice(0, at);
  if (user?.includes(':')) return refused('it contains a password: use keys or certificates, which are in files');
  if (user !== null && scheme !== 'qemu+ssh') return refused('only qemu+ssh:// takes a user');
  if (user !== null && !WORD.test(user)) return refused('the user is no plain name');
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(authority.slice(at + 1)) ?? [];
  if (host === '') return refused('the host is missing');
  const plain = host.startsWith('[') ? isIP(host.slice(1, -1)) === 6 : HOST.test(host) && host.length <= NAME_MAX;
  if (!plain) return refused('the host is neither a name nor an address');
  if (port !== undefined && !(/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535))
    return refused('the port is no number from 1 to 65535');
  return null;
}

function faultOfQuery(scheme: string, kind: Kind, query: string | undefined): UriVerdict | null {
  if (query === undefined) return null;
  const parts = query.split('&');
  if (parts.length > PARAMETERS_MAX) return refused('it has too many parameters');
  const seen = new Set<string>();
  for (const part of parts) {
    const [name = '', value] = part.split(/=(.*)/s);
    if (!kind.may.includes(name))
      return refused(
        `it has a parameter that is not allowed; ${kind.may.length > 0 ? `${scheme}:// takes ${kind.may.join(' and ')}` : `${scheme}:// takes none`}`,
      );
    if (seen.has(name)) return refused(`${name} is there twice`);
    seen.add(name);
    // Plain paths only: over ssh this becomes a part of a command on the other side.
    if (value === undefined || !PATH.test(value) || /(^|\/)\.\.?(\/|$)/.test(value))
      return refused(`${name} is no plain absolute path`);
  }
  return null;
}

function refused(why: string): UriVerdict {
  return { ok: false, detail: `not a URI of libvirt that can be used: ${why}` };
}
