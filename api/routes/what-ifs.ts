/** What-ifs: ask for one, follow it, and read how the two courses of things differ. */

import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Bar } from '../../simulations/what-if.js';
import type { Course, Difference } from '../../simulations/diff/course.js';
import { turnOf } from '../as-of.js';
import { LIMITS } from '../config.js';
import type { RouteDeps, Server } from '../deps.js';
import { formatInstant, formatInstantOrNull } from '../formats.js';
import { durationOf } from '../lease-request.js';
import { answers, BODY_PROBLEMS, named } from '../openapi.js';
import { numbersFromToken, pageLink } from '../pages.js';
import { Problem, quoted } from '../problems.js';
import {
  LeaseDifferencePage,
  type LeaseDifferenceView,
  WhatIfBarPage,
  WhatIfBarQuery,
  WhatIfPageQuery,
  WhatIfParams,
  WhatIfRequest,
  type WhatIfView,
} from '../schemas/what-if.js';
import { commandsOf } from '../what-ifs/changes.js';
import type { Imagined, Making, WhatIfs } from '../what-ifs/what-ifs.js';

/** What is said of a what-if is of memory: it has no past. */
const PRESENT = { present: true } as const;
const tags = ['cluster'];
const response = (well: Parameters<typeof answers>[0]) => answers(well, 'what-if-unknown');

export function whatIfRoutes(app: Server, deps: RouteDeps, closing: AbortSignal): void {
  askRoute(app, deps);
  readRoutes(app, deps.whatIfs);
  followRoute(app, deps, closing);
}

function askRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'askWhatIf',
    tags,
    summary: 'What would become of everything, were some of it otherwise',
    description:
      'The present, or what was the present `asOf`, goes on in a simulated world, once as it is and once with what is otherwise: leases run for as long as ' +
      'they may, and nobody asks for more. One runs at a time; the result is kept in memory for a while.',
    body: WhatIfRequest,
    response: answers(
      { 202: ['It will be run.', named('WhatIf')] },
      ...BODY_PROBLEMS,
      'start-in-past',
      'not-leader',
      'busy',
    ),
  };
  app.post('/whatifs', { schema, config: { asks: true } }, async (request, reply) => {
    const { body, caller } = request;
    const making = body.asOf === undefined ? ofPresent(body, deps) : await ofPast(body, body.asOf, deps);
    const one = deps.whatIfs.add(caller.subject, deps.now(), making);
    return reply.code(202).header('location', `/v1/whatifs/${one.id}`).send(whatIfView(one));
  });
}

/** Of what is the present when its turn has come. Throws a Problem. */
function ofPresent(body: WhatIfRequest, { asking, follower, now }: RouteDeps): Making {
  const horizon = horizonIn(body);
  const changes = commandsOf(body, follower.state, follower.nodeClasses, now(), follower.state.notes);
  return async () => {
    const { packed, turn, now: at } = await asking.snapshot(now());
    return { whatIf: { snapshot: packed, nodes: [...follower.nodeClasses], now: at, changes, horizon }, turn };
  };
}

/** Of what it was after an earlier turn: what is otherwise is asked for then. Throws a Problem. */
async function ofPast(body: WhatIfRequest, asOf: string, deps: RouteDeps): Promise<Making> {
  const { past, follower } = deps;
  const horizon = horizonIn(body);
  const turn = await turnOf('asOf', asOf, deps).catch(inBody);
  if (turn === 0) return inBody(new Problem('query-invalid', 'asOf lies before the first turn'));
  const { packed, now, nodes, ...state } = await past!.stateAt({
    turn,
    settled: follower.records.settled(follower.head),
  });
  const changes = commandsOf(body, state, nodes, now, follower.state.notes);
  return async () => ({ whatIf: { snapshot: packed, nodes: [...nodes], now, changes, horizon }, turn });
}

/** What is said of a parameter, said of the member. */
function inBody(error: unknown): never {
  if (!(error instanceof Problem) || error.code !== 'query-invalid') throw error;
  const detail = error.message.replace(/^asOf /, '');
  throw new Problem('request-invalid', `/asOf ${detail}`, [{ pointer: '/asOf', detail }]);
}

function horizonIn({ horizon }: WhatIfRequest): number | null {
  return horizon === undefined ? null : durationOf(horizon, '/horizon');
}

function readRoutes(app: Server, whatIfs: WhatIfs): void {
  const read = {
    operationId: 'readWhatIf',
    tags,
    summary: 'How far a what-if is, and its figures',
    params: WhatIfParams,
    response: response({ 200: ['The what-if.', named('WhatIf')] }),
  };
  app.get('/whatifs/:id', { schema: read, config: PRESENT }, async ({ params }) =>
    whatIfView(known(whatIfs, params.id)),
  );
  const differ = {
    operationId: 'listWhatIfLeases',
    tags,
    summary: 'The leases that go otherwise',
    params: WhatIfParams,
    querystring: WhatIfPageQuery,
    response: response({ 200: ['A page of leases.', LeaseDifferencePage] }),
  };
  app.get('/whatifs/:id/leases', { schema: differ, config: PRESENT }, async (request, reply) =>
    pageOf(known(whatIfs, request.params.id).leases, request, reply, differenceView),
  );
  const bars = {
    operationId: 'readWhatIfSchedule',
    tags,
    summary: 'One of the two schedules, as bars',
    params: WhatIfParams,
    querystring: WhatIfBarQuery,
    response: response({ 200: ['A page of bars.', WhatIfBarPage] }),
  };
  app.get('/whatifs/:id/schedule', { schema: bars, config: PRESENT }, async (request, reply) =>
    pageOf(known(whatIfs, request.params.id)[request.query.of ?? 'variant'], request, reply, barView),
  );
  const cancel = {
    operationId: 'cancelWhatIf',
    tags,
    summary: 'Stop a what-if, and forget it',
    params: WhatIfParams,
    response: response({ 200: ['As it was.', named('WhatIf')] }),
  };
  app.delete('/whatifs/:id', { schema: cancel, config: { asks: true } }, async ({ params }) => {
    const one = known(whatIfs, params.id);
    whatIfs.cancel(one);
    return whatIfView(one);
  });
}

/** Server-sent events: how far it is, until it is over. */
function followRoute(app: Server, { whatIfs, limits }: RouteDeps, closing: AbortSignal): void {
  const schema = {
    operationId: 'followWhatIf',
    tags,
    summary: 'How far a what-if is, as it goes on',
    description: 'Server-sent events `progress`, each with the what-if; the last one says how it ended.',
    params: WhatIfParams,
    response: {
      ...answers({}, 'what-if-unknown', 'busy'),
      200: { description: 'Progress.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    },
  };
  let open = 0;
  app.get('/whatifs/:id/events', { schema, config: PRESENT, exposeHeadRoute: false }, (request, reply) => {
    const one = known(whatIfs, request.params.id);
    if (open >= limits.streamsMax) throw new Problem('busy', `${limits.streamsMax} streams are open; try again later`);
    const ended = new AbortController();
    open++;
    reply.raw.once('close', () => {
      open--;
      ended.abort();
    });
    const signal = AbortSignal.any([closing, ended.signal]);
    reply
      .header('content-type', 'text/event-stream')
      .header('x-accel-buffering', 'no')
      .header('connection', 'close')
      .send(Readable.from(progressOf(one, signal, limits.heartbeatMs), { objectMode: true }));
  });
}

async function* progressOf(one: Imagined, signal: AbortSignal, heartbeatMs: number): AsyncGenerator<string> {
  yield 'retry: 1000\n\n';
  for (let last = ''; !signal.aborted; ) {
    const text = JSON.stringify(whatIfView(one));
    yield text === last ? ': alive\n\n' : `event: progress\ndata: ${text}\n\n`;
    last = text;
    if (one.isOver) return;
    await one.later(signal, heartbeatMs);
  }
}

function known(whatIfs: WhatIfs, id: string): Imagined {
  const one = whatIfs.find(id);
  if (one === null)
    throw new Problem('what-if-unknown', `there is no what-if ${quoted(id)}; the service forgets old ones`);
  return one;
}

/** Where the next page begins is a number; results stay as they are. */
function pageOf<T, V>(
  rows: readonly T[],
  request: FastifyRequest,
  reply: FastifyReply,
  view: (row: T) => V,
): { readonly items: readonly V[]; readonly nextPageToken: string | null } {
  const { page_size: size = LIMITS.pageSize, page_token: token } = request.query as {
    readonly page_size?: number;
    readonly page_token?: string;
  };
  const from = numbersFromToken(token, 1)?.[0] ?? 0;
  const next = from + size < rows.length ? String(from + size) : null;
  if (next !== null) reply.header('link', pageLink(request.url, next));
  return { items: rows.slice(from, from + size).map(view), nextPageToken: next };
}

function whatIfView(one: Imagined): WhatIfView {
  const { figures } = one;
  return {
    id: one.id,
    state: one.state,
    progress: one.progress / 1000,
    asked: formatInstant(one.asked),
    basedOn: one.basedOn,
    detail: one.detail,
    from: formatInstantOrNull(figures?.from ?? null),
    to: formatInstantOrNull(figures?.to ?? null),
    baseline: figures === null ? null : { ...figures.baseline },
    variant: figures === null ? null : { ...figures.variant },
    differences: figures === null ? null : one.leases.length,
    notAccepted: figures === null ? [] : figures.notAccepted.map((fault) => ({ ...fault })),
  };
}

function differenceView({ lease, logged, otherwise, startsLater, endsLater }: Difference): LeaseDifferenceView {
  const seconds = (ms: number | null) => (ms === null ? null : ms / 1000);
  return {
    lease,
    baseline: courseView(logged),
    variant: courseView(otherwise),
    startsLater: seconds(startsLater),
    endsLater: seconds(endsLater),
  };
}

function courseView(course: Course | null): LeaseDifferenceView['baseline'] {
  if (course === null) return null;
  const { state, start, end, nodes, preemptions } = course;
  return { state, start: formatInstantOrNull(start), end: formatInstantOrNull(end), nodes, preemptions };
}

function barView({ lease, activity, from, until, nodes }: Bar) {
  return { lease, activity, from: formatInstant(from), until: formatInstantOrNull(until), nodes };
}
