/** Quotes given, and held to: a lease that commits a quote gets what was said, or is not had. */

import { createHash } from 'node:crypto';
import type { Answer, Instant, Terms } from '../engine/index.js';
import type { Caller } from './access/caller.js';
import { sightOf } from './access/sight.js';
import { isAsGood, type KeptQuote } from './asking/kept-quotes.js';
import { canonical } from './canonical.js';
import type { RouteDeps } from './deps.js';
import { pointerInRequest } from './lease-request.js';
import { Problem } from './problems.js';
import { quoteView } from './quote-views.js';
import { problemOfRejection } from './rejections.js';
import type { LeaseRequest } from './schemas/lease-request.js';

/** A quote for this request, kept for who asked. Throws a Problem where its terms are at fault. */
export async function keptQuote(
  { asking, quotes, now }: RouteDeps,
  body: LeaseRequest,
  terms: Terms,
  caller: Caller,
): Promise<KeptQuote> {
  const quoting = await asking.quote(plain(terms), now());
  if (quoting.rejection !== null)
    throw problemOfRejection(quoting.rejection, pointerInRequest(quoting.rejection, body));
  return quotes.keep(quoting, requestHash(body), nameOf(caller));
}

/** The quote that the request commits, which still holds. Throws the Problem `quote-stale` with a fresh one. */
export async function committedQuote(
  deps: RouteDeps,
  body: LeaseRequest,
  terms: Terms,
  caller: Caller,
): Promise<KeptQuote> {
  const kept = deps.quotes.find(body.commit!, nameOf(caller), deps.now());
  if (kept === null)
    throw stale(deps, 'it is not known here, or no longer valid', await fresh(deps, body, terms, caller), caller);
  if (kept.hash !== requestHash(body))
    throw new Problem('request-invalid', '/commit names a quote for another request', [
      { pointer: '/commit', detail: 'is a quote for another request; ask for one for this' },
    ]);
  const { feasible, start, price, now } = await deps.asking.quote(plain(terms), deps.now(), false);
  const holds = (feasible || !kept.quoting.feasible) && isAsGood({ at: now, start, price }, kept.quoting);
  if (holds) return kept;
  throw stale(deps, 'what it offered cannot be had any more', await fresh(deps, body, terms, caller), caller);
}

/**
 * Between the look and the decision others may have come first: a lease that came out worse than was said is given back.
 * Throws `quote-stale` then.
 */
export async function keepWord(
  deps: RouteDeps,
  { quoting }: KeptQuote,
  answer: Answer,
  again: { readonly body: LeaseRequest; readonly terms: Terms; readonly caller: Caller },
): Promise<void> {
  const outcome = outcomeOf(answer, deps);
  if (outcome === null || !quoting.feasible || isAsGood(outcome, quoting)) return;
  if (outcome.start !== null && 'lease' in answer.command)
    await deps.submit({ type: 'CancelLease', lease: answer.command.lease });
  throw stale(deps, 'others came first', await fresh(deps, again.body, again.terms, again.caller), again.caller);
}

/** When the lease begins, and what it costs, as far as that was decided; null: it waits. */
function outcomeOf({ decisions }: Answer, { follower }: RouteDeps) {
  const at: Instant = follower.state.now;
  let start: Instant | null = null;
  let price: number | null = null;
  let decided = false;
  for (const decision of decisions) {
    if (decision.type === 'Priced') price = decision.price;
    if (decision.type === 'Refused') return { at, start: null, price: null };
    if (decision.type === 'StartOrdered') [start, decided] = [at, true];
    if (decision.type === 'Reserved') [start, decided] = [decision.from, true];
  }
  return decided ? { at, start, price } : null;
}

/** The terms, with what was said of them: the log keeps it beside what became of it. Nobody knows when it is approved. */
export function withQuote(terms: Terms, { quoting: { start, price, approval } }: KeptQuote): Terms {
  return start === null || approval ? terms : { ...terms, quoted: { start, price } };
}

function stale({ follower }: RouteDeps, why: string, quote: KeptQuote, caller: Caller): Problem {
  return new Problem('quote-stale', `the quote does not hold: ${why}; here is a fresh one`, [], {
    quote: quoteView(quote, follower.state, sightOf(caller, follower)),
  });
}

function fresh(deps: RouteDeps, body: LeaseRequest, terms: Terms, caller: Caller): Promise<KeptQuote> {
  return keptQuote(deps, body, terms, caller);
}

/** Names and labels mean nothing to the scheduler. */
function plain(terms: Terms): Terms {
  return { ...terms, name: null, labels: null };
}

/** The same for the same request, however its members are ordered, whether it commits a quote or not. */
function requestHash({ commit: _, ...body }: LeaseRequest): string {
  return createHash('sha256').update(canonical(body), 'utf8').digest('hex');
}

/** Whose quotes they are. */
function nameOf({ how, subject, tokenId }: Caller): string {
  return `${how} ${tokenId ?? ''} ${subject}`;
}
