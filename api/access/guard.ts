/** Who asks, and whether they may: looked at before anything else of a request is read. */

import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Server, ServerDeps } from '../deps.js';
import { Problem } from '../problems.js';
import { type Caller, NOBODY } from './caller.js';
import type { Credentials } from './credentials.js';
import { FAILED_ATTEMPTS, FailureRecord } from './failed-attempts.js';
import { Failures, networkOf } from './failures.js';
import { keepNote } from './keep.js';
import { meets, needOf, requireOperations } from './operations.js';
import { holdsToken } from './token-text.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Known before any handler runs; `NOBODY` on open routes. */
    caller: Caller;
  }
}

/** Those who look whether the service is well are not counted. */
const UNCOUNTED = ['/livez', '/readyz', '/startupz', '/metrics'];
/** How often is looked whether those who read a stream still may. */
const LOOK_MS = 1_000;

export async function guard(app: Server, deps: ServerDeps): Promise<void> {
  const { credentials, limits, metrics } = deps;
  requireOperations(app);
  app.decorateRequest('caller');
  await app.register(rateLimit, { global: false, max: limits.rateMax, timeWindow: limits.rateWindowMs });
  const ofAddress = app.createRateLimit({ keyGenerator: ({ ip }: FastifyRequest) => `address ${networkOf(ip ?? '')}` });
  const ofToken = app.createRateLimit({ keyGenerator: ({ caller }: FastifyRequest) => `token ${nameOf(caller)}` });
  const failed = failureOf(credentials);
  const attempts = recordOf(app, deps);
  const readers = new Readers(app, credentials);

  app.addHook('onRequest', async (request, reply) => {
    request.caller = NOBODY;
    const { is404, routeOptions } = request;
    // 1. Not too often from one address.
    if (!UNCOUNTED.includes(routeOptions.url ?? '')) refuseExcess(await ofAddress(request), 'from this address');
    refuseMisplaced(request, credentials);
    if (is404 || routeOptions.config.open === true || routeOptions.config.openTo?.(request) === true) return;
    // 2. Who is it?
    const [, credential] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (credential === undefined) {
      metrics.failedAttempts.inc({ kind: 'missing' });
      throw new Problem('token-required', 'send the token as: Authorization: Bearer <token>');
    }
    const caller = await credentials.authenticate(credential);
    if (caller === null) {
      const kind = credentials.whyNot(credential);
      metrics.failedAttempts.inc({ kind });
      attempts.add(kind, request.ip ?? '');
      throw failed(request.ip, credential);
    }
    request.caller = caller;
    // 3. Not too often with one token, and only what it is good for.
    if (caller.how !== 'admin-token') refuseExcess(await ofToken(request), 'with this token');
    demand(request);
    readers.add(request, reply);
  });
  app.addHook('preValidation', ({ body }, _reply, done) => {
    if (body !== undefined && credentials.isIn(JSON.stringify(body))) throw misplaced('body');
    done();
  });
}

/** All tokens of an issuer that are of one user count as one. */
function nameOf({ tokenId, subject }: Caller): string {
  return tokenId ?? `of ${subject}`;
}

type Verdict = Awaited<ReturnType<ReturnType<Server['createRateLimit']>>>;

function refuseExcess(verdict: Verdict, whence: string): void {
  if (verdict.isAllowed || !verdict.isExceeded) return;
  const seconds = Math.max(1, verdict.ttlInSeconds);
  throw new Problem('rate-limited', `too many requests ${whence}; try again in ${seconds} s`, [], {}, seconds);
}

/** Where a credential would be logged or kept for others to read, it is not looked at. */
function refuseMisplaced({ url, headers }: FastifyRequest, credentials: Credentials): void {
  if (url.length > 40 && credentials.isIn(decoded(url))) throw misplaced('URL');
  const key = headers['idempotency-key'];
  if (typeof key === 'string' && credentials.isIn(key)) throw misplaced('header Idempotency-Key');
  for (const [name, value] of Object.entries(headers))
    if (name !== 'authorization' && name !== 'cookie' && String(value).includes('lh_') && holdsToken(String(value)))
      throw misplaced(`header ${name.slice(0, 40)}`);
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

function misplaced(place: string): Problem {
  const detail = `the ${place} holds a token; send it as Authorization: Bearer <token> only, and have this one revoked`;
  return new Problem('token-misplaced', detail);
}

/** Counts failures by address, and by token where one is meant that there is. */
function failureOf({ tokens }: Credentials): (ip: string, credential: string) => Problem {
  const failures = new Failures(() => performance.now());
  const ofTokens = new Failures(() => performance.now());
  return (ip, credential) => {
    const meant = tokens.guessed(credential);
    const waits = [failures.count(networkOf(ip ?? '')), meant === null ? 0 : ofTokens.count(meant)];
    const seconds = Math.ceil(Math.max(...waits) / 1000);
    if (seconds === 0) return new Problem('token-required', 'the token is not known, is over, or was revoked');
    const detail = `too many tokens that are not valid; the next is looked at in ${seconds} s. A valid one still works`;
    return new Problem('rate-limited', detail, [], {}, seconds);
  };
}

/** Kept in the service's own log, and in that of the leases where this service writes it. */
function recordOf(app: Server, deps: ServerDeps): FailureRecord {
  const record = new FailureRecord(deps.limits.failureRecordMs, {
    tell: (failed) => app.log.warn({ failed }, 'failed attempts to authenticate'),
    keep: async (failed) => {
      if (deps.notLeader() !== null) return true;
      return keepNote(deps, { key: FAILED_ATTEMPTS, value: JSON.stringify(failed) }).catch(() => false);
    },
  });
  app.addHook('onClose', async () => record.close());
  return record;
}

function demand({ caller, routeOptions }: FastifyRequest): void {
  const need = needOf(routeOptions.schema?.operationId);
  if (need !== null && meets(need, (scope) => caller.can(scope))) return;
  const wanted = [need].flat().join(' or ');
  throw new Problem('forbidden', `this needs ${wanted}, which ${caller.subject} does not have here`);
}

/** Answers that go on, and to whom: they end when the caller may no longer have them. */
class Readers {
  private readonly open = new Map<FastifyReply, Caller>();

  constructor(app: Server, credentials: Credentials) {
    const timer = setInterval(() => {
      for (const [reply, caller] of this.open) if (!credentials.holds(caller)) reply.raw.destroy();
    }, LOOK_MS).unref();
    app.addHook('onClose', async () => clearInterval(timer));
  }

  /** Writes are not among them: they are answered in any case. O(1). */
  add({ method, caller }: FastifyRequest, reply: FastifyReply): void {
    if (method !== 'GET' || caller.expires === null) return;
    this.open.set(reply, caller);
    reply.raw.once('close', () => this.open.delete(reply));
  }
}
