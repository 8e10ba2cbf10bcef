/**
 * `dryRun=true`, on every request that changes something: what would follow, and nothing is done. Routes know nothing of it:
 * what they submit is tried on a fork of the state instead, and that is the answer.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyError, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { Type } from 'typebox';
import { type Command, encodeTurn, type Event, type LeaseId, type Reason, type Turn } from '../engine/index.js';
import type { Caller } from './access/caller.js';
import { reasonWithin, sightOf } from './access/sight.js';
import type { DryRun } from './asking/messages.js';
import type { RouteDeps, Server } from './deps.js';
import { answerError } from './error-answers.js';
import { formatInstant } from './formats.js';
import { named } from './openapi.js';
import type { LeaseRecord } from './records/lease-record.js';
import { strict } from './schemas/fields.js';
import type { LeaseView } from './schemas/lease.js';
import { leaseView } from './views.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It changes nothing, although it is no GET. */
    asks?: boolean;
  }
}

const parameter = Type.Optional(
  Type.Boolean({ description: 'Answer with the events that would follow, and do nothing.' }),
);

/** What a dry run is answered in: its shape is not that of the route. */
export const DRY_RUN_MEDIA_TYPE = 'application/vnd.leasehold.dry-run+json';

/** The request being answered is a dry run. */
const dry = new AsyncLocalStorage<true>();

/** Thrown through the route once what it submits has been tried. */
class Tried extends Error {
  override readonly name = 'Tried';

  constructor(
    readonly command: Command,
    readonly run: DryRun,
  ) {
    super('a dry run ends where something would be done');
  }
}

/** For the routes that are added after it, which are to use what it returns. */
export function dryRuns(v1: Server, deps: RouteDeps): RouteDeps {
  v1.addHook('onRoute', addParameter);
  v1.addHook('preHandler', (request, _reply, done) => {
    if (isDryRun(request)) dry.run(true, done);
    else done();
  });
  v1.setErrorHandler((error: FastifyError | Tried, request, reply) => {
    if (error instanceof Tried) return answerDryRun(error, request, reply, deps);
    return answerError(error, request, reply);
  });
  const submit: RouteDeps['submit'] = async (command) => {
    if (dry.getStore() === undefined) return deps.submit(command);
    const run = await deps.asking.dryRun(command, deps.now());
    // What is not accepted, or was asked before, the route answers as it always does.
    if (!run.answer.decided.ok || 'repeat' in run.answer.decided) return run.answer;
    throw new Tried(command, run);
  };
  return { ...deps, submit };
}

/** Whether the request leaves everything as it is, whatever its method. */
export function onlyAsks(request: FastifyRequest): boolean {
  return (
    request.method === 'GET' || request.method === 'HEAD' || asks(request.routeOptions.config) || isDryRun(request)
  );
}

function answerDryRun(
  { command, run }: Tried,
  { caller }: FastifyRequest,
  reply: FastifyReply,
  deps: RouteDeps,
): FastifyReply {
  const { turn } = run;
  return reply
    .code(200)
    .type(DRY_RUN_MEDIA_TYPE)
    .send({
      dryRun: true,
      basedOn: turn === null ? run.answer.turn : turn.number - 1,
      turn: turn === null ? null : turnView(turn, command, caller, deps),
      lease: run.lease === null ? null : leaseAfter(run, caller, deps),
    });
}

/** Who may not read the log sees what is about their lease. */
function turnView(turn: Turn, command: Command, caller: Caller, { follower }: RouteDeps) {
  const logged = JSON.parse(encodeTurn(turn)) as Turn;
  const own = 'lease' in command ? command.lease : null;
  const shown = (event: Event) => caller.can('log:read') || isAbout(event, own);
  const sight = sightOf(caller, follower);
  const inputs = logged.inputs.filter(shown);
  const decisions = logged.decisions.filter(shown).map((decision) => {
    if (!('reasons' in decision) || caller.can('log:read')) return decision;
    return { ...decision, reasons: decision.reasons.map((reason) => reasonWithin(reason, sight)) };
  });
  const others = logged.inputs.length + logged.decisions.length - inputs.length - decisions.length;
  return { number: turn.number, at: formatInstant(turn.now), inputs, decisions, others };
}

function isAbout(event: Event, lease: LeaseId | null): boolean {
  return lease !== null && 'lease' in event && (event.lease === lease || event.lease.startsWith(`${lease}-`));
}

function leaseAfter({ lease, turn }: DryRun, caller: Caller, { follower, personal }: RouteDeps): LeaseView {
  const before = follower.record(lease!.id);
  let reasons: readonly Reason[] = before?.reasons ?? [];
  for (const decision of turn?.decisions ?? [])
    if ('lease' in decision && decision.lease === lease!.id && 'reasons' in decision) ({ reasons } = decision);
  const record: LeaseRecord = {
    submittedTurn: turn?.number ?? 0,
    asked: lease!.terms,
    decisions: [],
    around: [],
    conditions: [],
    ...before,
    lease: lease!,
    reasons,
    changed: turn?.number ?? before?.changed ?? 0,
    ended: lease!.ended,
  };
  return leaseView(record, follower.state, personal, sightOf(caller, follower));
}

function addParameter(route: RouteOptions): void {
  const methods = [route.method].flat();
  if (methods.includes('GET') || methods.includes('HEAD') || asks(route.config)) return;
  const { querystring, response, ...schema } = (route.schema ?? {}) as {
    querystring?: { properties?: object };
    response?: Record<string, { description?: string; content?: Record<string, { schema: object }> }>;
  };
  const well = response?.['200'];
  route.schema = {
    ...schema,
    querystring: strict({ ...querystring?.properties, dryRun: parameter }),
    response: {
      ...response,
      200: {
        description: well?.description ?? 'What would follow, with `dryRun=true`.',
        content: { ...well?.content, [DRY_RUN_MEDIA_TYPE]: { schema: named('DryRun') } },
      },
    },
  };
}

function isDryRun({ query }: FastifyRequest): boolean {
  return (query as { readonly dryRun?: boolean }).dryRun === true;
}

function asks(config: { readonly asks?: boolean } | undefined): boolean {
  return config?.asks === true;
}
