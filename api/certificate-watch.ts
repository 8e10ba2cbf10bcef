/** While the service runs with TLS: SIGHUP reads the certificate again, and one that will soon be of no use is told of. */

import type { FastifyBaseLogger } from 'fastify';
import type { HttpServers } from './http-server.js';

const DAY_MS = 24 * 3_600_000;
const SOON_MS = 14 * DAY_MS;
const LOOK_MS = DAY_MS / 2;

/** Answers how to end it. Without TLS it does nothing: SIGHUP ends the process then, as ever. */
export function watchCertificate(servers: HttpServers, log: FastifyBaseLogger): () => void {
  if (servers.certificate === null) return () => {};
  const reload = (): void => {
    try {
      servers.reload();
      log.warn(`SIGHUP: the certificate was read again; ${goodUntil(servers)}`);
    } catch (error) {
      log.error(`SIGHUP: the certificate in use is kept: ${(error as Error).message}`);
    }
  };
  const look = (): void => {
    const expires = servers.certificate?.expires ?? 0;
    if (expires > Date.now() + SOON_MS) return;
    const what = expires > Date.now() ? 'will be of no use soon' : 'is of no use any more';
    log.error(`the certificate ${what}: ${goodUntil(servers)}; replace its files, and send SIGHUP`);
  };
  look();
  const timer = setInterval(look, LOOK_MS).unref();
  process.on('SIGHUP', reload);
  return () => {
    clearInterval(timer);
    process.off('SIGHUP', reload);
  };
}

function goodUntil({ certificate }: HttpServers): string {
  return `it is good until ${new Date(certificate?.expires ?? 0).toISOString()}`;
}
