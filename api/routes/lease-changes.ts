/** What clients change about a lease that is not over: cancelled, held and released, longer or shorter. */

import { type Answer, type Command, longestDuration, type StateView } from '../../engine/index.js';
import type { Caller } from '../access/caller.js';
import { sightOf } from '../access/sight.js';
import { formatDuration, formatInstant } from '../formats.js';
import { durationOf, writtenPointer } from '../lease-request.js';
import { leaseState } from '../records/lease-record.js';
import { answers, BODY_PROBLEMS, named, WRITE_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import { problemOfRejection } from '../rejections.js';
import type { LeaseView } from '../schemas/lease.js';
import { ChangeHeaders, LeaseChange, LeaseParams } from '../schemas/lease-request.js';
import type { Server, RouteDeps } from '../deps.js';
import { etagOf, leaseView, reasonView, recordOf, recordToChange } from '../views.js';

export function leaseChangeRoutes(app: Server, deps: RouteDeps): void {
  app.delete('/leases/:id', { schema: schemaOf(CANCEL) }, async (request, reply) => {
    const { id } = request.params;
    await carryOut(deps, request.caller, { type: 'CancelLease', lease: id }, request.headers['if-match']);
    return changed(deps, request.caller, id, reply);
  });
  app.patch('/leases/:id', { schema: { ...schemaOf(CHANGE), body: LeaseChange } }, async (request, reply) => {
    const { id } = request.params;
    const duration = durationOf(request.body.duration);
    const { caller } = request;
    const command: Command = { type: 'ChangeDuration', lease: id, duration, ...approverIn(deps, caller, id) };
    const answer = await carryOut(deps, caller, command, request.headers['if-match']);
    refusedChange(deps, caller, id, answer, 'cannot last so long');
    return changed(deps, caller, id, reply);
  });
  for (const [action, type, about] of [
    ['hold', 'HoldLease', HOLD],
    ['release', 'ReleaseLease', RELEASE],
  ] as const)
    app.post(`/leases/:id/${action}`, { schema: schemaOf(about) }, async (request, reply) => {
      const { id } = request.params;
      await carryOut(deps, request.caller, { type, lease: id }, request.headers['if-match']);
      return changed(deps, request.caller, id, reply);
    });
}

export interface About {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly problems: Parameters<typeof answers>[1][];
}

const CANCEL: About = {
  operationId: 'cancelLease',
  summary: 'Cancel a lease',
  description: 'A lease that runs is stopped; it is `cancelled` when its VMs are off their nodes.',
  problems: [],
};
const CHANGE: About = {
  operationId: 'changeLease',
  summary: 'Make a lease longer or shorter',
  description:
    '`duration` is the whole of it, what has run included. A lease that runs lasts longer only where its nodes stay free ' +
    'for it, an advance lease only where that fits at its instant; else it stays as it is, and the answer is 409.',
  problems: [...BODY_PROBLEMS, 'lease-state', 'change-infeasible'],
};
const HOLD: About = {
  operationId: 'holdLease',
  summary: 'Pass a waiting lease over until it is released',
  description: 'A best-effort lease that waits, or is suspended. It keeps its place, and gives up its reservation.',
  problems: ['lease-state'],
};
const RELEASE: About = {
  operationId: 'releaseLease',
  summary: 'Let a lease that is on hold begin when it can',
  description: 'A lease that is not on hold stays as it is.',
  problems: [],
};

export function schemaOf({ problems, ...about }: About) {
  return {
    ...about,
    tags: ['leases'],
    params: LeaseParams,
    headers: ChangeHeaders,
    response: answers(
      { 200: ['The lease.', named('Lease')] },
      ...problems,
      'lease-unknown',
      'lease-over',
      'stale',
      ...WRITE_PROBLEMS,
    ),
  };
}

/** Submits the command, if the lease is still what the client knows. */
export async function carryOut(
  { follower, submit }: RouteDeps,
  caller: Caller,
  command: Extract<Command, { lease: string }>,
  match: string | undefined,
  record = recordToChange(follower, command.lease, caller),
): Promise<Answer> {
  if (match !== undefined && match !== '*' && match !== etagOf(record.changed)) {
    const current = `its ETag is ${etagOf(record.changed)}; read it again and decide anew`;
    throw new Problem('stale', `lease ${command.lease} has changed since: ${current}`);
  }
  const answer = await submit(command);
  const { decided } = answer;
  if (decided.ok) return answer;
  if (record.ended === null) {
    const { pointer, detail } = decided.rejection;
    throw problemOfRejection(decided.rejection, pointer === null ? [] : [{ pointer: writtenPointer(pointer), detail }]);
  }
  const since = formatInstant(record.ended);
  throw new Problem('lease-over', `lease ${command.lease} is ${leaseState(record.lease)} since ${since}`);
}

/** Who may approve the lease approves what they ask of it. */
export function approverIn({ follower }: RouteDeps, caller: Caller, id: string): { readonly approver?: string } {
  return caller.mayApprove(recordOf(follower, id, caller).lease.terms) ? { approver: caller.subject } : {};
}

export function changed(
  { follower, personal }: RouteDeps,
  caller: Caller,
  id: string,
  reply: { header(name: string, value: string): unknown },
): LeaseView {
  const record = recordOf(follower, id, caller);
  reply.header('etag', etagOf(record.changed));
  return leaseView(record, follower.state, personal, sightOf(caller, follower));
}

/** Throws a Problem where the scheduler has said that the lease stays as it is. */
export function refusedChange(
  { follower }: RouteDeps,
  caller: Caller,
  id: string,
  { decisions }: Answer,
  what: string,
  alternative: (state: StateView) => object = (state) => longestOf(state, id),
): void {
  const refusal = decisions.find((decision) => decision.type === 'ChangeRefused');
  if (refusal?.type !== 'ChangeRefused') return;
  const sight = sightOf(caller, follower);
  const reasons = refusal.reasons.map((reason) => reasonView(reason, follower.state, sight));
  const detail = `lease ${id} ${what}: ${reasons.map(({ message }) => message).join('; ')}`;
  throw new Problem('change-infeasible', detail, [], { reasons, ...alternative(follower.state) });
}

function longestOf(state: StateView, id: string): object {
  const longest = longestDuration(state, id);
  return longest === null ? {} : { longest: formatDuration(longest) };
}
