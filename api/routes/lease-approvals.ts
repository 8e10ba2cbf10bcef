/** Leases that wait for an approval: approved, or rejected with a reason. */

import type { Answer } from '../../engine/index.js';
import type { Caller } from '../access/caller.js';
import { sightOf } from '../access/sight.js';
import type { RouteDeps, Server } from '../deps.js';
import { BODY_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import type { LeaseRecord } from '../records/lease-record.js';
import { LeaseRejection } from '../schemas/lease-request.js';
import { reasonView, recordOf } from '../views.js';
import { type About, carryOut, changed, schemaOf } from './lease-changes.js';

export function leaseApprovalRoutes(app: Server, deps: RouteDeps): void {
  const approve = schemaOf(APPROVE);
  app.post('/leases/:id/approve', { schema: approve }, async ({ caller, params: { id }, headers }, reply) => {
    const command = { type: 'ApproveLease', lease: id, by: caller.subject } as const;
    const answer = await carryOut(deps, caller, command, headers['if-match'], recordToApprove(deps, id, caller));
    refusedAll(deps, caller, id, answer);
    return changed(deps, caller, id, reply);
  });
  const reject = { ...schemaOf(REJECT), body: LeaseRejection };
  app.post('/leases/:id/reject', { schema: reject }, async ({ body, caller, params: { id }, headers }, reply) => {
    const command = { type: 'RejectLease', lease: id, by: caller.subject, text: body.reason ?? null } as const;
    await carryOut(deps, caller, command, headers['if-match'], recordToApprove(deps, id, caller));
    return changed(deps, caller, id, reply);
  });
}

const APPROVE: About = {
  operationId: 'approveLease',
  summary: 'Approve a lease that waits for that',
  description:
    'Operators approve all leases, project admins those of their projects. It is considered from now on, at its place by ' +
    'its order of arrival; where it cannot be had any more, it is rejected, and the answer is 409. A lease that waits for no ' +
    'approval stays as it is.',
  problems: ['lease-infeasible'],
};
const REJECT: About = {
  operationId: 'rejectLease',
  summary: 'Reject a lease that waits for an approval',
  description: 'Whoever may approve it may reject it; `reason` is told to its user.',
  problems: [...BODY_PROBLEMS, 'lease-state'],
};

/** Others may not, although they see it. Throws a Problem. */
function recordToApprove({ follower }: RouteDeps, id: string, caller: Caller): LeaseRecord {
  const record = recordOf(follower, id, caller);
  if (caller.mayApprove(record.lease.terms)) return record;
  throw new Problem('forbidden', `lease ${id}: operators approve it, or project admins of its project`);
}

/** Throws a Problem where the lease was approved, and cannot be had all the same. */
function refusedAll({ follower }: RouteDeps, caller: Caller, id: string, { decisions }: Answer): void {
  const refusal = decisions.find((decision) => decision.type === 'Refused');
  if (refusal?.type !== 'Refused') return;
  const sight = sightOf(caller, follower);
  const reasons = refusal.reasons.map((reason) => reasonView(reason, follower.state, sight));
  const why = reasons.map(({ message }) => message).join('; ');
  throw new Problem('lease-infeasible', `lease ${id} was approved, and cannot be had: ${why}`, [], { reasons });
}
