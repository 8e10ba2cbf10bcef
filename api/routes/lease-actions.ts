/** Actions on a lease that runs or will: suspended and resumed, made longer and shorter by how much or until when. */

import type { Command } from '../../engine/index.js';
import type { Server, RouteDeps } from '../deps.js';
import { durationOf, instantOf } from '../lease-request.js';
import { BODY_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import { LeaseEnd } from '../schemas/lease-request.js';
import { type About, carryOut, changed, refusedChange, schemaOf } from './lease-changes.js';

export function leaseActionRoutes(app: Server, deps: RouteDeps): void {
  for (const [action, type, about] of [
    ['suspend', 'SuspendLease', SUSPEND],
    ['resume', 'ResumeLease', RESUME],
  ] as const)
    app.post(`/leases/:id/${action}`, { schema: schemaOf(about) }, async (request, reply) => {
      const { id } = request.params;
      const answer = await carryOut(deps, request.caller, { type, lease: id }, request.headers['if-match']);
      refusedChange(deps, request.caller, id, answer, 'cannot be suspended');
      return changed(deps, request.caller, id, reply);
    });
  for (const [action, type, about] of [
    ['extend', 'ExtendLease', EXTEND],
    ['shrink', 'ShrinkLease', SHRINK],
  ] as const)
    app.post(`/leases/:id/${action}`, { schema: { ...schemaOf(about), body: LeaseEnd } }, async (request, reply) => {
      const { id } = request.params;
      const to = endIn(request.body);
      const answer = await carryOut(deps, request.caller, { type, lease: id, to }, request.headers['if-match']);
      refusedChange(deps, request.caller, id, answer, 'cannot last so long');
      return changed(deps, request.caller, id, reply);
    });
}

type End = Extract<Command, { to: unknown }>['to'];

/** Exactly one of the three. Throws a Problem. */
function endIn({ by, until, duration }: LeaseEnd): End {
  const given = [by, until, duration].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new Problem('request-invalid', 'say by how much, until when, or how long in all: one of by, until, duration');
  if (by !== undefined) return { by: durationOf(by, '/by') };
  return until === undefined ? { duration: durationOf(duration!) } : { until: instantOf(until, '/until') };
}

const SUSPEND: About = {
  operationId: 'suspendLease',
  summary: 'Save a lease that runs, until it is resumed',
  description:
    'Its VMs are saved as soon as nobody else is in the way, and its nodes are free for others. It is `held` from now on, ' +
    'and loses none of its time. A lease that is suspended already stays so. Advance and deadline leases are not ' +
    'suspended by request: nothing could be kept for their return.',
  problems: ['lease-state', 'change-infeasible'],
};
const RESUME: About = {
  operationId: 'resumeLease',
  summary: 'Let a suspended lease come back when it can',
  description:
    'It waits in the queue, at its place by its order of arrival. One that was to be suspended, and is not yet, stays.',
  problems: ['lease-state'],
};
const ENDS =
  '`by` how much, `until` when, or `duration` in all: one of them. `until` is known of leases that run, and of advance ' +
  'leases. Asked for twice, `by` counts twice: send If-Match, too.';
const EXTEND: About = {
  operationId: 'extendLease',
  summary: 'Make a lease longer',
  description: `${ENDS} Where that does not fit, the answer is 409, with the longest that does, and it stays as it is.`,
  problems: [...BODY_PROBLEMS, 'lease-state', 'change-infeasible'],
};
const SHRINK: About = {
  operationId: 'shrinkLease',
  summary: 'Make a lease shorter',
  description: `${ENDS} A lease that runs must last longer than it has run.`,
  problems: [...BODY_PROBLEMS, 'lease-state', 'change-infeasible'],
};
