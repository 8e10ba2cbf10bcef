/**
 * Reads as of an earlier turn: `asOf`, and later pages of a list, which show what the first one was about. One hook for all
 * routes that read: they are answered by the same routes on the past, and know nothing of it.
 */

import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import type { Server, RouteDeps } from './deps.js';
import { FormatError, parseInstant } from './formats.js';
import { Problem } from './problems.js';
import { strict } from './schemas/fields.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It is read as it is now, and takes no `asOf`. */
    present?: boolean;
    /** It is about two instants, \`from\` and \`to\`, instead of one. */
    ends?: boolean;
  }
}

const asOfParameter = Type.Optional(
  Type.String({
    maxLength: 64,
    description: 'As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was.',
  }),
);

/** For the routes that are added after it. */
export function asOf(v1: Server, deps: RouteDeps): void {
  v1.addHook('onRoute', addParameter);
  v1.addHook('preHandler', (request, reply, done) => {
    const { config } = request.routeOptions;
    const { asOf, page_token } = request.query as PastQuery;
    if (deps.past === null || !isRead(request.method) || isPresent(config)) return done();
    if (config.ends === true) return answerBetween(request, reply, deps);
    // Most reads are about the present: they wait for nothing.
    if (asOf === undefined && page_token === undefined) return done();
    return answerTurnWanted(request, reply, deps);
  });
}

interface PastQuery {
  readonly asOf?: string;
  readonly page_token?: string;
}

/** Where a turn is wanted; the route answers otherwise. */
async function answerTurnWanted(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: RouteDeps,
): Promise<FastifyReply | undefined> {
  const turn = await turnWanted(request, deps);
  return turn === null ? undefined : answerAsOf(turn, request, reply, deps);
}

/** Answers the request as of `turn`, beside the present. */
export async function answerAsOf(
  turn: number,
  request: FastifyRequest,
  reply: FastifyReply,
  { past, follower }: RouteDeps,
  url = withoutAsOf(request.url),
): Promise<FastifyReply> {
  const { method, headers, caller } = request;
  const { accept, 'if-none-match': match } = headers;
  const answer = await past!.answer({
    turn,
    settled: follower.records.settled(follower.head),
    method: method as 'GET' | 'HEAD',
    url,
    headers: {
      'x-request-id': String(request.id),
      ...(accept === undefined ? {} : { accept }),
      ...(match === undefined ? {} : { 'if-none-match': match }),
    },
    caller: { ...caller, scopes: [...caller.scopes] },
  });
  return reply.code(answer.status).headers(answer.headers).header('x-state-turn', turn).send(answer.body);
}

/** Finds the turns of both ends, and answers as of the later one. */
async function answerBetween(request: FastifyRequest, reply: FastifyReply, deps: RouteDeps): Promise<FastifyReply> {
  const query = request.query as { from: string; to?: string; page_token?: string };
  const { head } = deps.follower;
  const [pinned = null, first] = query.page_token === undefined ? [] : query.page_token.split('.').map(Number);
  const isPinned = pinned !== null && Number.isSafeInteger(pinned) && pinned <= head && Number.isSafeInteger(first);
  const to = isPinned ? pinned : query.to === undefined ? head : await turnOf('to', query.to, deps);
  const from = isPinned ? Math.min(first!, to) : await turnOf('from', query.from, deps);
  if (from > to) throw wrong('from', 'must not be later than to');
  const [path = '', text = ''] = request.url.split('?', 2);
  const parameters = new URLSearchParams(text);
  parameters.set('from', String(from));
  parameters.set('to', String(to));
  return answerAsOf(to, request, reply, deps, `${path}?${parameters.toString()}`);
}

/** Null: the present. */
async function turnWanted(request: FastifyRequest, deps: RouteDeps): Promise<number | null> {
  const { asOf: wanted, page_token: token } = request.query as PastQuery;
  const pinned = token === undefined ? null : pinnedTurn(token);
  const { head } = deps.follower;
  if (wanted === undefined) {
    // A token of a turn that is not there is not one of ours: whoever reads it says so.
    return pinned === null || pinned >= head ? null : pinned;
  }
  const turn = await turnOf('asOf', wanted, deps);
  if (pinned !== null && pinned !== turn) throw wrong('asOf', 'is not what the page before was about: leave it out');
  return turn;
}

/** The turn that a parameter names by its number, or by a time. Throws a Problem. */
export async function turnOf(name: string, wanted: string, { past, follower, now }: RouteDeps): Promise<number> {
  const { head } = follower;
  const at = /^\d{1,15}$/.test(wanted) ? null : instantOf(name, wanted);
  if (at === null && Number(wanted) > head) throw wrong(name, `is later than the last turn, ${head}`);
  if (at !== null && at > now()) throw wrong(name, 'lies in the future');
  return at === null ? Number(wanted) : past!.turnAt(at, head);
}

/** The turn of the first page; null: it is no token. */
function pinnedTurn(token: string): number | null {
  const [turn = ''] = token.split('.', 1);
  return /^\d{1,15}$/.test(turn) ? Number(turn) : null;
}

function instantOf(name: string, text: string): number {
  try {
    return parseInstant(text);
  } catch (error) {
    if (error instanceof FormatError)
      throw wrong(name, 'must be the number of a turn, or a time like 2026-11-21T14:00:00Z');
    throw error;
  }
}

function wrong(name: string, detail: string): Problem {
  return new Problem('query-invalid', `${name} ${detail}`, [{ pointer: `query/${name}`, detail }]);
}

function withoutAsOf(url: string): string {
  const [path = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.delete('asOf');
  return parameters.size === 0 ? path : `${path}?${parameters.toString()}`;
}

function addParameter(route: RouteOptions): void {
  if (![route.method].flat().every(isRead) || isPresent(route.config) || route.config?.ends === true) return;
  const { querystring, ...schema } = (route.schema ?? {}) as { querystring?: { properties?: object } };
  const properties = querystring?.properties ?? {};
  route.schema = { ...schema, querystring: strict({ ...properties, asOf: asOfParameter }) };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isPresent(config: { present?: boolean } | undefined): boolean {
  return config?.present === true;
}
