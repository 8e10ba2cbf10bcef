/** Where VMs say that they are ready, when that is how their lease is waited for. What they are known by is in the URL. */

import { Type } from 'typebox';
import { readCall } from '../../adapters/callback.js';
import { Failures, networkOf } from '../access/failures.js';
import type { RouteDeps, Server } from '../deps.js';
import { openAnswers } from '../openapi.js';
import { Problem } from '../problems.js';

export function readyRoutes(v1: Server, deps: RouteDeps): void {
  const failures = new Failures(() => performance.now());
  v1.register(async (open) => {
    const own = open as Server;
    // cloud-init sends a form, and others what they like: it is not looked at.
    own.removeAllContentTypeParsers();
    own.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
    const schema = {
      operationId: 'hearReady',
      tags: ['leases'],
      summary: 'Say that a VM is ready',
      description:
        'Asked for by VMs whose lease says `"ready": { "probe": "callback" }`, by the URL that they are given; again until ' +
        'they are answered 204, or 404: nobody waits any more. What is in the body does not matter.',
      // Queries are in no log of ours.
      querystring: Type.Object({ secret: Type.String() }, { additionalProperties: false }),
      response: openAnswers(
        { 204: ['It is known.', null] },
        ...([
          'route-unknown',
          'query-invalid',
          'rate-limited',
          'not-ready',
          'not-leader',
          'store-unavailable',
        ] as const),
      ),
      security: [],
    };
    own.post('/ready', { schema, config: { open: true } }, async ({ query, ip }, reply) => {
      const call = readCall(query.secret);
      if (call !== null && (await deps.hear(call))) return reply.code(204).send();
      // Who knows a secret is heard all the same.
      const seconds = Math.ceil(failures.count(networkOf(ip ?? '')) / 1000);
      if (seconds === 0) throw new Problem('route-unknown', 'no VM with this secret is waited for');
      throw new Problem('rate-limited', `too many secrets that are not known; wait ${seconds} s`, [], {}, seconds);
    });
  });
}
