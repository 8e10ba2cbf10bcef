/** Headers that keep browsers from doing anything with the answers. */

import type { FastifyReply } from 'fastify';
import type { Server } from './deps.js';

/** What every answer has, also those that no hook sees, since there is no request yet. Constant: each answer pays for them. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

/** Where a proxy adds TLS, it also adds this. Two years; other services of the domain are not ours to speak for. */
const OVER_TLS = { 'strict-transport-security': 'max-age=63072000' } as const;

export function securityHeadersFor(overTls: boolean): Readonly<Record<string, string>> {
  return overTls ? { ...SECURITY_HEADERS, ...OVER_TLS } : SECURITY_HEADERS;
}

/** Routes may replace them by their own. */
export function securityHeaders(app: Server, overTls: boolean): void {
  const headers = securityHeadersFor(overTls);
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}

/** Adds them where the hooks have not run. */
export function addSecurityHeaders(reply: FastifyReply): void {
  if (!reply.hasHeader('content-security-policy')) reply.headers(SECURITY_HEADERS);
}
