/** Where a cluster that is a process of its own listens: a socket in the file system, or a port of this machine. */

import { ClusterError } from './wire.js';

export type ClusterAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

const UNIX = /^unix:(\/.+)$/;
const TCP = /^tcp:\/\/(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):(\d{1,5})$/;
/** What the system takes as the path of a socket. */
const PATH_BYTES_MAX = 107;

/** Throws a ClusterError that says what is expected. */
export function parseClusterAddress(text: string): ClusterAddress {
  const path = UNIX.exec(text)?.[1];
  if (path !== undefined) {
    if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return { kind: 'unix', path };
    throw new ClusterError(`the path of a socket has at most ${PATH_BYTES_MAX} bytes; choose a shorter one`);
  }
  const [, host, port] = TCP.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535)
    return { kind: 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  throw new ClusterError(
    `${JSON.stringify(text.slice(0, 200))} is no address of a cluster: unix:/path/of/socket, or tcp://127.0.0.1:7070 ` +
      '(on this machine only: the connection is neither encrypted nor does it ask for a password)',
  );
}

/** As `net` wants it. */
export function socketOptions(address: ClusterAddress): { path: string } | { host: string; port: number } {
  return address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
}
