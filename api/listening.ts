/**
 * Where the service listens, and whether that is safe: on this machine alone as it is, anywhere else with a certificate
 * of its own, or behind a proxy that has one. Tokens never travel readable.
 */

import { rmSync, statSync } from 'node:fs';
import { connect, isIP } from 'node:net';
import type { ServeOptions } from './settings/table.js';
import { type Certificate, readCertificate, TlsError, type TlsFiles } from './tls.js';

export interface Listening {
  readonly at: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Null: without TLS. */
  readonly tls: (TlsFiles & { readonly certificate: Certificate }) | null;
  /** What these say of their clients is believed. */
  readonly proxies: readonly string[];
  /** Nobody else can reach it. */
  readonly thisMachineOnly: boolean;
}

type ListeningOptions = Pick<ServeOptions, 'host' | 'port' | 'socket' | 'tlsCert' | 'tlsKey' | 'behindProxy'>;

/** What is wrong, and which option says it. */
export interface ListeningFault {
  readonly option: keyof ListeningOptions;
  readonly problem: string;
  readonly hint: string;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;
/** What the system takes as the path of a socket. */
const SOCKET_BYTES_MAX = 107;

/** Either where to listen, or everything that speaks against it. Reads the certificate. */
export function listeningFor(options: ListeningOptions): Listening | readonly ListeningFault[] {
  const { host, port, socket, tlsCert, tlsKey, behindProxy: proxies } = options;
  const faults: ListeningFault[] = [];
  // 1. Each by itself.
  for (const range of proxies) {
    if (isRange(range)) continue;
    const hint = 'Write an address, or a range that is not everybody, such as 10.0.0.0/8.';
    faults.push({ option: 'behindProxy', problem: `${range} is no range of addresses`, hint });
  }
  if (socket !== null && Buffer.byteLength(socket) > SOCKET_BYTES_MAX)
    faults.push({
      option: 'socket',
      problem: `has more than ${SOCKET_BYTES_MAX} bytes`,
      hint: 'The system takes no longer ones: choose a shorter path.',
    });
  let tls: Listening['tls'] = null;
  if (tlsCert !== null && tlsKey !== null) {
    const files = { cert: tlsCert, key: tlsKey };
    try {
      tls = { ...files, certificate: readCertificate(files) };
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      const option = error.file === 'cert' ? 'tlsCert' : 'tlsKey';
      faults.push({ option, problem: error.message, hint: error.hint });
    }
  } else if (tlsCert !== null) {
    faults.push({ option: 'tlsCert', problem: 'there is no tls-key', hint: 'Name the key of the certificate, too.' });
  } else if (tlsKey !== null) {
    faults.push({ option: 'tlsKey', problem: 'there is no tls-cert', hint: 'Name its certificate, too.' });
  }
  // 2. Together.
  const thisMachineOnly = socket !== null || LOOPBACK.test(host);
  const wantsTls = tlsCert !== null || tlsKey !== null;
  if (!thisMachineOnly && !wantsTls && proxies.length === 0) faults.push({ option: 'host', ...readable(host) });
  if (faults.length > 0) return faults;
  return { at: socket === null ? { host, port } : { path: socket }, tls, proxies, thisMachineOnly };
}

/** Of a service that was killed: a socket on which nobody answers. */
export async function removeStaleSocket(path: string): Promise<void> {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const answered = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
  if (!answered) rmSync(path);
}

function readable(host: string): Pick<ListeningFault, 'problem' | 'hint'> {
  return {
    problem: `${host} can be reached from other machines, and without TLS tokens could be read on the way`,
    hint:
      'Give tls-cert and tls-key; or, where a proxy in front adds TLS, say so: behind-proxy with its address; ' +
      'or listen on 127.0.0.1.',
  };
}

/** Not everybody: a proxy is a machine, or some. */
function isRange(text: string): boolean {
  const [address = '', prefix] = text.split('/', 2);
  const version = isIP(address);
  if (version === 0) return false;
  if (prefix === undefined) return true;
  return Number(prefix) >= 1 && Number(prefix) <= (version === 4 ? 32 : 128);
}
