/** Leases: ask for one, read them, and learn why. */

import { createHash, randomFillSync } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { explain, hasHappened, NO_SUCH_DEPENDENCY, type StateView, type Terms } from '../../engine/index.js';
import type { Caller } from '../access/caller.js';
import { keyOf, ownerOf } from '../access/owner.js';
import { type Sight, sightOf } from '../access/sight.js';
import { canonical } from '../canonical.js';
import { EarliestChanges } from '../earliest-change.js';
import type { FollowerView } from '../follower.js';
import { formatInstant } from '../formats.js';
import { type LeaseRecord, leaseState } from '../records/lease-record.js';
import { pointerInRequest, repeatOf, termsOf } from '../lease-request.js';
import { eventsOf, type LeaseEvent } from '../lease-events.js';
import { largestNode } from '../largest-node.js';
import { leaseFilterOf, leaseList } from '../lease-search.js';
import { answerList, type List } from '../lists.js';
import { answers, BODY_PROBLEMS, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import { problemOfRejection } from '../rejections.js';
import { ListQuery } from '../schemas/cluster.js';
import { Decision, LeasePage, type LeaseView } from '../schemas/lease.js';
import { committedQuote, keepWord, withQuote } from '../quoting.js';
import { offerView } from '../quote-views.js';
import type { CounterOfferView } from '../schemas/quote.js';
import { LeaseParams, LeaseQuery, type LeaseRequest, ReadHeaders, SubmitHeaders } from '../schemas/lease-request.js';
import type { Server, RouteDeps } from '../deps.js';
import { leaseActionRoutes } from './lease-actions.js';
import { leaseMoveRoutes } from './lease-moves.js';
import { leaseResizeRoutes } from './lease-resizes.js';
import { leaseApprovalRoutes } from './lease-approvals.js';
import { leaseChangeRoutes } from './lease-changes.js';
import { LeaseEvent as LeaseEventShape, LeaseEventPage } from '../schemas/log.js';
import { storyOf, type Telling } from '../story.js';
import { etagOf, knownRecord, leaseView, reached, reasonView, recordOf, submittedView } from '../views.js';

export function leaseRoutes(app: Server, deps: RouteDeps): void {
  submitRoute(app, deps);
  listRoute(app, deps);
  readRoute(app, deps);
  leaseChangeRoutes(app, deps);
  leaseActionRoutes(app, deps);
  leaseMoveRoutes(app, deps);
  leaseResizeRoutes(app, deps);
  leaseApprovalRoutes(app, deps);
  decisionsRoute(app, deps);
  eventsRoute(app, deps);
}

function submitRoute(app: Server, deps: RouteDeps): void {
  const { follower } = deps;
  const schema = {
    operationId: 'submitLease',
    tags: ['leases'],
    summary: 'Ask for a lease',
    description:
      'Answered when the request is durable. A lease that cannot be had is kept as `rejected` and answered 409 with ' +
      'the reasons. With an Idempotency-Key, asking again gives the first answer again. With `repeat`, the answer lists ' +
      'all leases of the series, each reserved or rejected on its own; it is 409 if none can be had.',
    body: named<typeof LeaseRequest>('LeaseRequest'),
    headers: SubmitHeaders,
    response: answers(
      { 201: ['Accepted.', Type.Union([named('Lease'), LeasePage])] },
      ...BODY_PROBLEMS,
      'key-reused',
      'image-not-ready',
      'lease-infeasible',
      'quote-stale',
      'start-in-past',
      ...WRITE_PROBLEMS,
    ),
  };
  app.post('/leases', { schema }, async (request, reply) => {
    const { body, caller } = request;
    knowAll(body, caller, follower);
    refuseDeaf(body, deps);
    const { state, nodeClasses } = follower;
    const asked = termsOf(body, ownerOf(caller, body), state.resources, nodeClasses, deps.now(), state.notes);
    const terms = deps.personal.seal(withoutWhatHasHappened(asked, follower));
    const id = request.headers['idempotency-key'];
    const key = id === undefined ? null : { id: keyOf(caller, id), hash: hashOf(body) };
    const lease = newLeaseId();
    const repeat = repeatOf(body);
    const isKnown = key !== null && follower.state.keys.has(key.id);
    const again = { body, terms, caller };
    const quote = body.commit === undefined || isKnown ? null : await committedQuote(deps, body, terms, caller);
    const answer = await deps.submit({
      type: 'SubmitLease',
      lease,
      terms: quote === null ? terms : withQuote(terms, quote),
      key,
      ...(repeat && { repeat }),
    });
    const { decided } = answer;
    if (quote !== null && decided.ok) await keepWord(deps, quote, answer, again);
    if (!decided.ok) throw problemOfRejection(decided.rejection, pointerInRequest(decided.rejection, body));
    if ('repeat' in decided) reply.header('idempotent-replayed', 'true');
    const first = 'repeat' in decided ? decided.repeat : repeat === undefined ? lease : `${lease}-1`;
    if (repeat === undefined) return (await answerSubmitted([first], deps, caller, reply))[0]!;
    const series = Array.from({ length: repeat.times }, (_, i) => first.replace(/1$/, `${i + 1}`));
    return { items: await answerSubmitted(series, deps, caller, reply), nextPageToken: null };
  });
}

/** Throws a Problem where VMs are to call, and cannot. */
export function refuseDeaf({ machine }: LeaseRequest, { vmsCanCall }: Pick<RouteDeps, 'vmsCanCall'>): void {
  if (vmsCanCall || machine?.ready?.probe !== 'callback') return;
  const detail = 'VMs cannot call here: the service has no --vm-callback-url; choose agent, or a TCP port';
  throw new Problem('request-invalid', `/machine/ready/probe ${detail}`, [{ pointer: '/machine/ready/probe', detail }]);
}

/** Throws a Problem where the lease is to follow one that the caller does not know of: as if that did not exist. */
export function knowAll({ after = [] }: LeaseRequest, caller: Caller, follower: FollowerView): void {
  const sight = sightOf(caller, follower);
  const faults = after.flatMap(({ lease }, i) =>
    sight.sees(lease) ? [] : [{ pointer: `/after/${i}/lease`, detail: NO_SUCH_DEPENDENCY }],
  );
  if (faults.length > 0) throw new Problem('request-invalid', NO_SUCH_DEPENDENCY, faults.slice(0, 1));
}

/** What the lease was to wait for, and need not since it has happened, is left out. */
function withoutWhatHasHappened(terms: Terms, follower: FollowerView): Terms {
  const { after, ...others } = terms;
  const left = after?.filter(({ lease: id, on }) => {
    const record = follower.record(id);
    return record === undefined || record.ended === null || !hasHappened(record.lease, on);
  });
  return left === undefined || left.length === 0 ? others : { ...others, after: left };
}

/** 201, or 409 where all were refused in the very turn of their request. The same whenever it is asked for. */
async function answerSubmitted(
  ids: readonly string[],
  deps: RouteDeps,
  caller: Caller,
  reply: FastifyReply,
): Promise<readonly LeaseView[]> {
  const { follower, personal } = deps;
  const sight = sightOf(caller, follower);
  const records = ids.map((id) => knownRecord(follower, id));
  const leases = records.map((record) => submittedView(record, follower.state, personal, sight));
  const [record, lease] = [records[0]!, leases[0]!];
  reply.header('location', `/v1/leases/${lease.id}`).header('etag', etagOf(lease.turn));
  if (leases.every(({ state }) => state === 'rejected' || state === 'expired')) {
    const why = lease.reasons.map(({ message }) => message).join('; ');
    const alternatives = await alternativesTo(record, deps);
    const more = { lease, reasons: lease.reasons, alternatives };
    const isTooLarge = lease.reasons.some(({ code }) => code === 'never-fits');
    const largest = isTooLarge ? largestNode(follower.state, follower.nodeClasses) : null;
    const there = largest === null ? '' : `; the largest ${largest}`;
    throw new Problem('lease-infeasible', `the lease cannot be had: ${why}${there}`, [], more);
  }
  reply.code(201);
  return leases;
}

/** What could be had instead just now; where nobody can say that in time, what the refusal says of a later start. */
async function alternativesTo(record: LeaseRecord, { asking, now }: RouteDeps): Promise<CounterOfferView[]> {
  const { quoted: _, ...asked } = record.asked;
  try {
    return (await asking.quote(asked, now())).alternatives.map(offerView);
  } catch (error) {
    if (error instanceof Problem) return alternativesFrom(record);
    throw error;
  }
}

/** What a reason says about when there would have been room, as the start to ask for instead. */
function alternativesFrom({ decisions, submittedTurn }: LeaseRecord): CounterOfferView[] {
  const refusal = decisions.find(({ turn, decision }) => turn === submittedTurn && decision.type === 'Refused');
  const reasons = refusal !== undefined && 'reasons' in refusal.decision ? refusal.decision.reasons : [];
  const times = reasons.map(({ earliestRelease }) => earliestRelease);
  if (times.length !== 1 || times[0] === null || times[0] === undefined) return [];
  const at = formatInstant(times[0]);
  return [{ kind: 'later', start: { kind: 'advance', at }, begins: at }];
}

function listRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'listLeases',
    tags: ['leases'],
    summary: 'List leases, the latest first',
    querystring: LeaseQuery,
    description: LIST_FORMATS,
    response: listAnswers(['A page of leases.', LeasePage]),
  };
  app.get('/leases', { schema }, async (request, reply) => {
    const filter = leaseFilterOf(request.query, request.caller, deps.now());
    const sight = sightOf(request.caller, deps.follower);
    return answerList(leaseList(deps, filter, sight), request, reply, deps);
  });
}

function readRoute(app: Server, { follower, personal, asking, hosts }: RouteDeps): void {
  const schema = {
    operationId: 'readLease',
    tags: ['leases'],
    summary: 'Read a lease',
    params: LeaseParams,
    headers: ReadHeaders,
    response: answers(
      { 200: ['The lease.', named('Lease')], 304: ['Unchanged since If-None-Match.', null] },
      'lease-unknown',
    ),
  };
  app.get('/leases/:id', { schema }, async (request, reply) => {
    const record = recordOf(follower, request.params.id, request.caller);
    reply.header('etag', etagOf(record.changed));
    if (request.headers['if-none-match'] === etagOf(record.changed)) return reply.code(304).send();
    const expected = asking.expectedStart(record.lease);
    const forecast = expected === null ? null : { start: formatInstant(expected.start), basedOn: expected.basedOn };
    const view = leaseView(record, follower.state, personal, sightOf(request.caller, follower));
    return { ...view, forecast, ...reached(record.lease.id, hosts?.samples.addresses()) };
  });
}

function decisionsRoute(app: Server, deps: RouteDeps): void {
  const { follower, now } = deps;
  const schema = {
    operationId: 'listDecisions',
    tags: ['leases'],
    summary: 'Why: what was asked, decided and seen of a lease, and what holds it back now',
    params: LeaseParams,
    description: LIST_FORMATS,
    querystring: ListQuery,
    response: listAnswers(['A page of its story.', named('Decisions')], 'lease-unknown'),
  };
  app.get('/leases/:id/decisions', { schema }, async (request, reply) => {
    const record = recordOf(follower, request.params.id, request.caller);
    const { lease } = record;
    const at = now();
    const reasons = lease.outcome === null ? explain(follower.state, lease.id, at) : record.reasons;
    const sight = sightOf(request.caller, follower);
    const changes = new EarliestChanges((id) => follower.record(id));
    return answerList(
      storyList(record, follower.state, sight, changes),
      request,
      reply,
      deps,
      (items, nextPageToken) => ({
        lease: lease.id,
        items,
        now: {
          at: formatInstant(at),
          state: leaseState(lease),
          reasons: reasons.map((reason) =>
            reasonView(changes.in(reason, record, follower.head), follower.state, sight),
          ),
        },
        nextPageToken,
      }),
    );
  });
}

function eventsRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'listLeaseEvents',
    tags: ['leases'],
    summary: 'What the log holds of a lease: its events as they were logged',
    description: LIST_FORMATS,
    params: LeaseParams,
    querystring: ListQuery,
    response: listAnswers(['A page of its events.', LeaseEventPage], 'lease-unknown'),
  };
  app.get('/leases/:id/events', { schema }, async (request, reply) => {
    const { caller, params } = request;
    const record = recordOf(deps.follower, params.id, caller);
    return answerList(eventList(record, sightOf(caller, deps.follower)), request, reply, deps);
  });
}

/** The oldest first; the cursor is the number of the last one. */
function eventList(record: LeaseRecord, sight: Sight): List<LeaseEvent & { readonly number: number }> {
  const events = eventsOf(record, sight).map((event, i) => ({ ...event, number: i + 1 }));
  return {
    item: LeaseEventShape,
    cursorLength: 1,
    cursorOf: ({ number }) => [number],
    view: ({ turn, at, event }) => ({ turn, at: formatInstant(at), event }),
    page: async (after, count) => events.slice(after?.[0] ?? 0, (after?.[0] ?? 0) + count),
  };
}

/** The oldest first; the cursor is the number of the last one within the story. */
function storyList(
  record: LeaseRecord,
  state: StateView,
  sight: Sight,
  changes: EarliestChanges,
): List<{ readonly told: Telling; readonly number: number }> {
  const story = storyOf(record, state, sight, changes).map((told, i) => ({ told, number: i + 1 }));
  return {
    item: Decision,
    cursorLength: 1,
    cursorOf: ({ number }) => [number],
    view: ({ told }) => told(),
    page: async (after, count) => story.slice(after?.[0] ?? 0, (after?.[0] ?? 0) + count),
  };
}

const BASE_32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LETTERS = 20;
/** Random bytes for many ids at once: asking the system for each cost more than the rest of the id. */
const entropy = Buffer.alloc(ID_LETTERS * 256);
let used = entropy.length;

/** `L` and 100 random bits. */
function newLeaseId(): string {
  if (used === entropy.length) {
    randomFillSync(entropy);
    used = 0;
  }
  let id = 'L';
  for (const end = used + ID_LETTERS; used < end; used++) id += BASE_32[entropy[used]! & 31];
  return id;
}

/** The same for the same request, however its members are ordered. */
function hashOf(body: LeaseRequest): string {
  return createHash('sha256').update(canonical(body), 'utf8').digest('hex');
}
