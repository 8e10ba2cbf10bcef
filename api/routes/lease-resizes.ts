/** VMs of a lease that are made larger or smaller. */

import { couldEverFit, type Group, largestSizes, sized, type StateView } from '../../engine/index.js';
import type { RouteDeps, Server } from '../deps.js';
import { durationOf, Faults, resourcesIn } from '../lease-request.js';
import { BODY_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import { LeaseResize } from '../schemas/lease-request.js';
import { demandView, recordToChange } from '../views.js';
import { type About, approverIn, carryOut, changed, refusedChange, schemaOf } from './lease-changes.js';

export function leaseResizeRoutes(app: Server, deps: RouteDeps): void {
  const { follower } = deps;
  const schema = { ...schemaOf(RESIZE), body: LeaseResize };
  app.post('/leases/:id/resize', { schema }, async ({ caller, params: { id }, body, headers }, reply) => {
    const record = recordToChange(follower, id, caller);
    const { state } = follower;
    const { terms, phase } = record.lease;
    const demands = demandsIn(body, terms.groups, state.resources);
    if ((phase === 'waiting' || phase === 'reserved') && !couldEverFit(state, sized(terms, demands)))
      throw new Problem('change-infeasible', `lease ${id} cannot be resized: it would never fit here`);
    const { cold = false } = body;
    const back = body.revertAfter === undefined ? {} : { revertAfter: durationOf(body.revertAfter, '/revertAfter') };
    const command = {
      type: 'ResizeLease',
      lease: id,
      demands,
      cold,
      ...back,
      ...approverIn(deps, caller, id),
    } as const;
    const answer = await carryOut(deps, caller, command, headers['if-match'], record);
    refusedChange(deps, caller, id, answer, 'cannot be resized', (state) => largestOf(state, id));
    return changed(deps, caller, id, reply);
  });
  for (const [how, about] of [
    ['confirm', CONFIRM],
    ['revert', REVERT],
  ] as const)
    app.post(`/leases/:id/${how}`, { schema: schemaOf(about) }, async ({ caller, params: { id }, headers }, reply) => {
      await carryOut(deps, caller, { type: 'SettleResize', lease: id, how }, headers['if-match']);
      return changed(deps, caller, id, reply);
    });
}

function largestOf(state: StateView, id: string): object {
  const largest = largestSizes(state, id);
  return largest === null ? {} : { largest: largest.map((demand) => demandView(demand, state)) };
}

/** What each VM is to have, by group: what is not named stays. Throws a Problem that names every member at fault. */
function demandsIn(
  { resources, groups }: LeaseResize,
  before: readonly Group[],
  known: Parameters<typeof resourcesIn>[1],
): readonly (readonly number[])[] {
  const faults = new Faults();
  if ((resources === undefined) === (groups === undefined))
    faults.add('/resources', 'is to be given, or `groups` instead');
  if (resources !== undefined && before.length > 1)
    faults.add('/resources', 'does for leases whose VMs are all alike: give `groups` instead');
  if (groups !== undefined && groups.length !== before.length)
    faults.add('/groups', `must be the ${before.length} groups of the lease, in order`);
  faults.throwIfAny();
  const demands = before.map(({ demand }, g) =>
    resourcesIn(
      resources ?? groups![g]!.resources ?? {},
      known,
      groups === undefined ? '/resources' : `/groups/${g}/resources`,
      faults,
      demand,
    ),
  );
  faults.throwIfAny();
  return demands;
}

const RESIZE: About = {
  operationId: 'resizeLease',
  summary: 'Make the VMs of a lease larger or smaller',
  description:
    'What is not named stays. A best-effort lease that waits takes its new size at once and keeps its place. One that runs is ' +
    'resized where it is, if what it needs is free on its nodes until its end; else it stays as it is, and the answer is 409 with ' +
    'the reasons. Its VMs run on while they grow no larger than they were made for (`max`); beyond that they are stopped for it and ' +
    'begin again, which has to be said by `cold`. Until it is done the lease holds the larger of both, and has the condition ' +
    '`resizing`. With `revertAfter` it holds the larger of both until the new size is confirmed, or has been reverted.',
  problems: [...BODY_PROBLEMS, 'lease-state', 'change-infeasible'],
};
const CONFIRM: About = {
  operationId: 'confirmResize',
  summary: 'Let VMs keep the size that they would go back from',
  description:
    'Of a lease that was resized with `revertAfter`, before that time is over. What was kept for its former size is free.',
  problems: ['lease-state'],
};
const REVERT: About = {
  operationId: 'revertResize',
  summary: 'Let VMs go back to what they had, now',
  description:
    'Of a lease that was resized with `revertAfter`, before that time is over. There is room for it: it was kept. VMs that were ' +
    'stopped for their new size are stopped for this, too.',
  problems: ['lease-state'],
};
