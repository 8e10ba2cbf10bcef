/** Who asks, and whether he may: looked at before anything else of a request is read. */

import type { FastifyRequest } from 'fastify';
import type { Server, ServerDeps } from '../deps.js';
import { Problem } from '../problems.js';
import { type Caller, NOBODY } from './caller.js';
import { needOf, requireOperations } from './operations.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Known before any handler runs; `NOBODY` on open routes. */
    caller: Caller;
  }
}

export function guard(app: Server, { authenticate }: Pick<ServerDeps, 'authenticate'>): void {
  requireOperations(app);
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request) => {
    request.caller = NOBODY;
    if (request.is404 || request.routeOptions.config.open === true) return;
    const [, credential] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const caller = credential === undefined ? null : await authenticate(credential);
    if (caller === null) throw new Problem('token-required', 'send the token as: Authorization: Bearer <token>');
    request.caller = caller;
    demand(request);
  });
}

function demand({ caller, routeOptions }: FastifyRequest): void {
  const need = needOf(routeOptions.schema?.operationId);
  if (need === 'anyone' || (need !== null && caller.can(need))) return;
  throw new Problem('forbidden', `this needs ${need}, which ${caller.subject} does not have here`);
}
