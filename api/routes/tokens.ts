/** API tokens: made, listed and revoked. */

import { type Caller, type Role, scopesOf } from '../access/caller.js';
import { changeNote, keepNote } from '../access/keep.js';
import { projectNote } from '../access/projects.js';
import { newToken } from '../access/token-text.js';
import { keyOfToken, stateOf, type Token, Tokens } from '../access/tokens.js';
import { canonical } from '../canonical.js';
import type { RouteDeps, Server } from '../deps.js';
import { formatInstant } from '../formats.js';
import { durationOf } from '../lease-request.js';
import { answerList, type List } from '../lists.js';
import { answers, BODY_PROBLEMS, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import {
  NewToken,
  Token as TokenShape,
  TokenPage,
  TokenParams,
  TokenRequest,
  type TokenView,
} from '../schemas/access.js';
import { ListQuery } from '../schemas/cluster.js';

const DAY = 86_400_000;
const LIFE_MS = 90 * DAY;
const LIFE_MS_MAX = 366 * DAY;
/** So many there may be, the ones that are over included … */
const TOKENS_MAX = 20_000;
/** … which are forgotten so long after, a few with each new one. */
const KEPT_MS = 30 * DAY;
const FORGOTTEN_AT_ONCE = 4;

export function tokenRoutes(app: Server, deps: RouteDeps): void {
  const tokens = new Tokens(() => deps.follower.state.notes, Date.now);
  createRoute(app, deps, tokens);
  listRoute(app, deps, tokens);
  readRoute(app, tokens);
  revokeRoute(app, deps, tokens);
}

function createRoute(app: Server, deps: RouteDeps, tokens: Tokens): void {
  const schema = {
    operationId: 'createToken',
    tags: ['access'],
    summary: 'Make a token',
    description: 'For oneself, or for others where the role allows. The token is in the answer, and nowhere else.',
    body: TokenRequest,
    response: answers({ 201: ['The token.', NewToken] }, ...BODY_PROBLEMS, 'project-unknown', ...WRITE_PROBLEMS),
  };
  app.post('/tokens', { schema }, async (request, reply) => {
    const { caller, body } = request;
    const { id, text, hash } = newToken();
    const now = Date.now();
    // 1. What is asked for, by default what the caller is.
    const subject = body.subject ?? caller.subject;
    const project = body.project ?? caller.projects[0] ?? null;
    const roles = body.roles ?? caller.roles;
    const scopes = body.scopes ?? null;
    const life = body.expiresIn === undefined ? LIFE_MS : durationOf(body.expiresIn, '/expiresIn');
    if (life > LIFE_MS_MAX) throw wrong('/expiresIn', 'must be at most 366 days');
    // 2. Nobody gives what they do not have.
    mayGive(caller, { subject, project, roles });
    const token: Omit<Token, 'id'> = {
      hash,
      name: body.name ?? '',
      subject,
      project,
      roles,
      scopes: narrowed(caller, roles, scopes),
      created: now,
      expires: Math.min(now + life, caller.how === 'token' ? caller.expires! : Number.MAX_SAFE_INTEGER),
      by: caller.subject,
      revoked: null,
    };
    if (project !== null && projectNote(deps.follower.state.notes, project) === null)
      throw new Problem('project-unknown', `there is no project ${project}; make it first`);
    // 3. It is kept before it is shown.
    await makeRoom(deps, tokens.list(), now);
    await keepNote(deps, { key: keyOfToken(id), value: canonical(token), expected: null });
    reply.code(201).header('location', `/v1/tokens/${id}`);
    return { ...viewOf({ id, ...token }), token: text };
  });
}

/** Throws a Problem unless `caller` may make a token for that subject, with these roles, in that project. */
function mayGive(caller: Caller, asked: { subject: string; project: string | null; roles: readonly Role[] }): void {
  if (caller.has('operator')) return;
  const { subject, project, roles } = asked;
  const givable: readonly Role[] = [
    ...caller.roles,
    'viewer',
    ...(caller.has('project-admin') ? (['user'] as const) : []),
  ];
  if (project !== null && !caller.projects.includes(project))
    throw new Problem('forbidden', 'the token would be for a project that is not yours');
  if (subject !== caller.subject && (!caller.has('project-admin') || project === null))
    throw new Problem('forbidden', 'tokens for others are made by their project admin, or an operator');
  const more = roles.find((role) => !givable.includes(role));
  if (more !== undefined) throw new Problem('forbidden', `the role ${more} is not yours to give`);
  if (subject !== caller.subject && roles.some((role) => role === 'operator' || role === 'auditor'))
    throw new Problem('forbidden', 'operators and auditors are made by an operator');
}

/** Scopes for a token of `roles`: those asked for, within what the caller has; null where that is no limit. */
function narrowed(caller: Caller, roles: readonly Role[], asked: Token['scopes']): Token['scopes'] {
  const beyond = [...(asked ?? [])].find((scope) => !caller.can(scope));
  if (beyond !== undefined) throw new Problem('forbidden', `the scope ${beyond} is not yours to give`);
  if (asked !== null) return asked;
  const all = [...scopesOf(roles, null)];
  return all.every((scope) => caller.can(scope)) ? null : all.filter((scope) => caller.can(scope));
}

async function makeRoom(deps: RouteDeps, tokens: readonly Token[], now: number): Promise<void> {
  const over = tokens.filter(({ expires, revoked }) => (revoked?.at ?? expires) < now - KEPT_MS);
  for (const { id } of over.slice(0, FORGOTTEN_AT_ONCE)) await keepNote(deps, { key: keyOfToken(id), value: null });
  if (tokens.length - over.length >= TOKENS_MAX)
    throw new Problem(
      'request-invalid',
      `there are ${TOKENS_MAX} tokens already; those that are over are forgotten in time`,
    );
}

function listRoute(app: Server, deps: RouteDeps, tokens: Tokens): void {
  const schema = {
    operationId: 'listTokens',
    tags: ['access'],
    summary: 'List tokens, the oldest first',
    description: `One’s own; for project admins those of their projects, for operators and auditors all. ${LIST_FORMATS}`,
    querystring: ListQuery,
    response: listAnswers(['A page of tokens.', TokenPage]),
  };
  app.get('/tokens', { schema }, (request, reply) => {
    const known = tokens.list().filter((one) => knows(request.caller, one));
    return answerList(tokenList(known), request, reply, deps);
  });
}

/** The oldest first; the cursor is the time, and the id as a number. */
function tokenList(tokens: readonly Token[]): List<Token> {
  const isAfter = (token: Token, [created, number]: readonly number[]): boolean =>
    (token.created - created! || numberOf(token) - number!) > 0;
  return {
    item: TokenShape,
    cursorLength: 2,
    cursorOf: (token) => [token.created, numberOf(token)],
    view: viewOf,
    page: async (after, count) => tokens.filter((one) => after === null || isAfter(one, after)).slice(0, count),
  };
}

/** Ids in their order: digits come before letters. */
function numberOf({ id }: Token): number {
  return Number.parseInt(id, 36);
}

function readRoute(app: Server, tokens: Tokens): void {
  const schema = {
    operationId: 'readToken',
    tags: ['access'],
    summary: 'Read what is known of a token',
    params: TokenParams,
    response: answers({ 200: ['The token, without its secret.', named('Token')] }, 'token-unknown'),
  };
  app.get('/tokens/:id', { schema }, async ({ params, caller }) => viewOf(knownToken(tokens.get(params.id), caller)));
}

function revokeRoute(app: Server, deps: RouteDeps, tokens: Tokens): void {
  const schema = {
    operationId: 'revokeToken',
    tags: ['access'],
    summary: 'Revoke a token',
    description: 'No service of the log takes it any more within a second; streams that were opened with it end.',
    params: TokenParams,
    response: answers({ 200: ['The token.', named('Token')] }, 'token-unknown', ...WRITE_PROBLEMS),
  };
  app.delete('/tokens/:id', { schema }, async ({ params: { id }, caller }) => {
    const known = knownToken(tokens.get(id), caller);
    if (!caller.mayChange({ user: known.subject, project: known.project }))
      throw new Problem('forbidden', 'the token is somebody else’s');
    await changeNote(deps, keyOfToken(id), (text) => {
      if (text === null) throw unknown();
      const token = JSON.parse(text) as Omit<Token, 'id'>;
      if (token.revoked !== null) return text;
      return canonical({ ...token, revoked: { at: Date.now(), by: caller.subject } });
    });
    return viewOf(knownToken(tokens.get(id), caller));
  });
}

/** One's own, those of one's projects for their admins, all for those who see all. */
function knows(caller: Caller, { subject, project }: Token): boolean {
  return caller.seesAll || caller.mayChange({ user: subject, project });
}

function knownToken(token: Token | undefined, caller: Caller): Token {
  if (token === undefined || !knows(caller, token)) throw unknown();
  return token;
}

function unknown(): Problem {
  return new Problem('token-unknown', 'there is no such token');
}

function wrong(pointer: string, detail: string): Problem {
  return new Problem('request-invalid', `${pointer} ${detail}`, [{ pointer, detail }]);
}

function viewOf(token: Token): TokenView {
  const { id, name, subject, project, roles, scopes, created, expires, by, revoked } = token;
  return {
    id,
    name,
    subject,
    project,
    roles: [...roles],
    scopes: scopes === null ? null : [...scopes],
    state: stateOf(token, Date.now()),
    created: formatInstant(created),
    expires: formatInstant(expires),
    by,
    revoked: revoked === null ? null : { at: formatInstant(revoked.at), by: revoked.by },
  };
}
