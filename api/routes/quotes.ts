/** Quotes: what would become of a lease, before it is asked for. */

import { ownerOf } from '../access/owner.js';
import { sightOf } from '../access/sight.js';
import { termsOf } from '../lease-request.js';
import { knowAll, refuseDeaf } from './leases.js';
import { answers, BODY_PROBLEMS, named } from '../openapi.js';
import { Problem } from '../problems.js';
import type { LeaseRequest } from '../schemas/lease-request.js';
import type { Server, RouteDeps } from '../deps.js';
import { keptQuote } from '../quoting.js';
import { quoteView } from '../quote-views.js';

export function quoteRoutes(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'askForQuote',
    tags: ['leases'],
    summary: 'What would become of a lease, without asking for it',
    description:
      'Best-effort leases are quoted behind the queue as it is planned; others exactly as they would be decided just now. ' +
      'To hold the service to it, ask for the same lease with `commit` while the quote is valid.',
    body: named<typeof LeaseRequest>('LeaseRequest'),
    response: answers(
      { 200: ['The quote.', named('Quote')] },
      ...BODY_PROBLEMS,
      'image-not-ready',
      'start-in-past',
      'not-leader',
      'busy',
    ),
  };
  app.post('/quotes', { schema, config: { asks: true } }, async (request) => {
    const { body, caller } = request;
    for (const member of ['commit', 'repeat'] as const)
      if (body[member] !== undefined)
        throw new Problem('request-invalid', `/${member} is not for quotes`, [
          { pointer: `/${member}`, detail: 'is not for quotes; leave it out' },
        ]);
    const { follower } = deps;
    knowAll(body, caller, follower);
    refuseDeaf(body, deps);
    const owner = ownerOf(caller, body);
    const { state, nodeClasses } = follower;
    const terms = termsOf(body, owner, state.resources, nodeClasses, deps.now(), state.notes);
    return quoteView(await keptQuote(deps, body, terms, caller), follower.state, sightOf(caller, follower));
  });
}
