/** Leases that run are carried to other nodes, without stopping. */

import { Type } from 'typebox';
import { type Command, compact } from '../../engine/index.js';
import type { Server, RouteDeps } from '../deps.js';
import type { FollowerView } from '../follower.js';
import { Faults } from '../lease-request.js';
import { numbersOf } from '../node-names.js';
import { BODY_PROBLEMS } from '../openapi.js';
import { LeaseMove } from '../schemas/lease-request.js';
import { type About, carryOut, changed, refusedChange, schemaOf } from './lease-changes.js';

export function leaseMoveRoutes(app: Server, deps: RouteDeps): void {
  const schema = { ...schemaOf(MIGRATE), body: Type.Union([LeaseMove, Type.Null()]) };
  app.post('/leases/:id/migrate', { schema }, async ({ caller, params: { id }, body, headers }, reply) => {
    const command = { type: 'MigrateLease', lease: id, ...wishIn(body ?? {}, deps.follower) } as const;
    const answer = await carryOut(deps, caller, command, headers['if-match']);
    refusedChange(deps, caller, id, answer, 'cannot be moved');
    return changed(deps, caller, id, reply);
  });
}

type Wish = Omit<Extract<Command, { type: 'MigrateLease' }>, 'type' | 'lease'>;

/** Throws a Problem that names every node at fault. */
function wishIn({ to, vms }: LeaseMove, { nodeClasses }: FollowerView): Wish {
  const faults = new Faults();
  const nodes = numbersOf(nodeClasses, to ?? []).map((number, i) => {
    if (typeof number === 'number') return number;
    faults.add(`/to/${i}`, number);
    return 0;
  });
  faults.throwIfAny();
  const some = [...new Set(vms ?? [])].sort((a, b) => a - b);
  return { nodes: to === undefined ? null : nodes, ...(vms === undefined ? {} : { vms: compact(some) }) };
}

const MIGRATE: About = {
  operationId: 'migrateLease',
  summary: 'Move a lease that runs to other nodes, without stopping it',
  description:
    'For operators. All its VMs, or only some, are carried to other nodes, or to those named, and run on all the time. They ' +
    'hold what they need on both sides until they have arrived; one that could not be carried runs on where it was. Where ' +
    'they do not fit, the answer is 409 with the reasons, and when they would. While that goes on the lease has the ' +
    'condition `migrating`: a cancellation stops it at once, and other changes are refused.',
  problems: [...BODY_PROBLEMS, 'lease-state', 'node-unknown', 'node-state', 'change-infeasible'],
};
