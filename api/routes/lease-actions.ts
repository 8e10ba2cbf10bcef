/** Actions on a lease that runs or will: suspended and resumed, its VMs acted on, made longer and shorter. */

import { type Act, type Command, type Runs, toSet } from '../../engine/index.js';
import type { Server, RouteDeps } from '../deps.js';
import { durationOf, instantOf } from '../lease-request.js';
import { BODY_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import { ActQuery, LeaseEnd, LeaseRecovery } from '../schemas/lease-request.js';
import { type About, approverIn, carryOut, changed, refusedChange, schemaOf } from './lease-changes.js';

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
  for (const act of Object.keys(ACTS) as (keyof typeof ACTS)[])
    app.post(
      `/leases/:id/${act}`,
      { schema: { ...schemaOf(ACTS[act]), querystring: ActQuery } },
      async (request, reply) => {
        const { id } = request.params;
        const command = { type: 'ActOnLease', lease: id, act, vms: vmsIn(request.query.vms) } as const;
        const answer = await carryOut(deps, request.caller, command, request.headers['if-match']);
        refusedChange(deps, request.caller, id, answer, 'is just leaving its nodes');
        return changed(deps, request.caller, id, reply);
      },
    );
  const recover = { ...schemaOf(RECOVER), body: LeaseRecovery };
  app.post('/leases/:id/recover', { schema: recover }, async ({ body: { how }, caller, params, headers }, reply) => {
    const { id } = params;
    if (how === 'force' && !caller.can('cluster:write'))
      throw new Problem('forbidden', 'only who commands the nodes can say that an order was carried out there');
    const command =
      how === 'delete'
        ? ({ type: 'CancelLease', lease: id } as const)
        : ({ type: 'RecoverLease', lease: id, how } as const);
    await carryOut(deps, caller, command, headers['if-match']);
    return changed(deps, caller, id, reply);
  });
  for (const [action, type, about] of [
    ['extend', 'ExtendLease', EXTEND],
    ['shrink', 'ShrinkLease', SHRINK],
  ] as const)
    app.post(`/leases/:id/${action}`, { schema: { ...schemaOf(about), body: LeaseEnd } }, async (request, reply) => {
      const { id } = request.params;
      const to = endIn(request.body);
      const { caller } = request;
      const command = { type, lease: id, to, ...approverIn(deps, caller, id) };
      const answer = await carryOut(deps, caller, command, request.headers['if-match']);
      refusedChange(deps, caller, id, answer, 'cannot last so long');
      return changed(deps, request.caller, id, reply);
    });
}

/** `1,3-4`, as it was written; null: all of them. What makes no sense the scheduler refuses. */
function vmsIn(text: string | undefined): Runs | null {
  if (text === undefined) return null;
  const runs = text.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return [first!, last!];
  });
  return runs.some((end, i) => i % 2 === 1 && end < runs[i - 1]!) ? runs : toSet(runs);
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
const ACTED =
  'Of a lease whose VMs all run, while nothing else is under way with it: else the answer is 409, and says why. It is done ' +
  'when the answer comes back as ordered; `GET /v1/leases/{id}/decisions` tells how it went, and where it fails the lease ' +
  'stays as it is.';
const ACTS: Readonly<Record<Exclude<Act, 'move-disks'>, About>> = {
  reboot: {
    operationId: 'rebootLease',
    summary: 'Ask guests to reboot',
    description: `By their agents where these answer, else as by their power buttons. ${ACTED}`,
    problems: ['lease-state', 'change-infeasible'],
  },
  reset: {
    operationId: 'resetLease',
    summary: 'Reset VMs, as by a reset button',
    description: `Guests are not asked, and lose what they have not written. ${ACTED}`,
    problems: ['lease-state', 'change-infeasible'],
  },
  pause: {
    operationId: 'pauseLease',
    summary: 'Let VMs stand still',
    description:
      'They keep their memory, their nodes and their place; the time of the lease runs on, and the condition `paused` is ' +
      `true. VMs that are paused already stay so. ${ACTED}`,
    problems: ['lease-state', 'change-infeasible'],
  },
  unpause: {
    operationId: 'unpauseLease',
    summary: 'Let paused VMs go on',
    description: `VMs that are not paused go on anyway. ${ACTED}`,
    problems: ['lease-state', 'change-infeasible'],
  },
};
const RECOVER: About = {
  operationId: 'recoverLease',
  summary: 'Get a lease going that is stuck',
  description:
    'Where its orders are not answered, or fail. `retry`: they are sent again, which is harmless. `recreate`: it is stopped, ' +
    'and begins anew at its place in the queue; what it has done is lost. Best-effort leases only. `delete`: it is cancelled. ' +
    '`force`: its orders are taken as carried out, though nobody has said so; who does that has looked, and needs the scope ' +
    '`cluster:write`.',
  problems: [...BODY_PROBLEMS, 'lease-state'],
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
