/** Headers that keep browsers from doing anything with the answers. */

import type { FastifyReply } from 'fastify';

export const HELMET = {
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  referrerPolicy: { policy: 'no-referrer' },
} as const;

/** Where a proxy adds TLS, it also adds this. Two years; other services of the domain are not ours to speak for. */
export const HSTS = { maxAge: 63_072_000, includeSubDomains: false } as const;

/** The same for answers that no hook sees, since there is no request yet. */
export const BARE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

/** Adds them where the hooks have not run. */
export function addBareHeaders(reply: FastifyReply): void {
  if (!reply.hasHeader('content-security-policy')) reply.headers(BARE_HEADERS);
}
