/** What leases that run have is moved, without stopping them: to other nodes, or their disks to other directories. */

import { Type } from 'typebox';
import { diskPlaces, OWN_PLACE } from '../../adapters/disk-places.js';
import { type Command, compact, expand, type Lease, nodesOf, type Runs, type StateView } from '../../engine/index.js';
import type { Server, RouteDeps } from '../deps.js';
import type { FollowerView } from '../follower.js';
import { Faults } from '../lease-request.js';
import { numbersOf } from '../node-names.js';
import { BODY_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import { LeaseDiskMove, LeaseMove } from '../schemas/lease-request.js';
import { recordToChange } from '../views.js';
import { type About, carryOut, changed, refusedChange, schemaOf } from './lease-changes.js';

export function leaseMoveRoutes(app: Server, deps: RouteDeps): void {
  const schema = { ...schemaOf(MIGRATE), body: Type.Union([LeaseMove, Type.Null()]) };
  app.post('/leases/:id/migrate', { schema }, async ({ caller, params: { id }, body, headers }, reply) => {
    const command = { type: 'MigrateLease', lease: id, ...wishIn(body ?? {}, deps.follower) } as const;
    const answer = await carryOut(deps, caller, command, headers['if-match']);
    refusedChange(deps, caller, id, answer, 'cannot be moved');
    return changed(deps, caller, id, reply);
  });
  const disks = { ...schemaOf(MOVE_DISKS), body: LeaseDiskMove };
  app.post('/leases/:id/move-disks', { schema: disks }, async ({ caller, params: { id }, body, headers }, reply) => {
    const record = recordToChange(deps.follower, id, caller);
    const vms = body.vms === undefined ? null : compact([...new Set(body.vms)].sort((a, b) => a - b));
    const to = directoryIn(deps.follower.state, record.lease, vms, body.to);
    const command = { type: 'ActOnLease', lease: id, act: 'move-disks', vms, to } as const;
    const answer = await carryOut(deps, caller, command, headers['if-match'], record);
    refusedChange(deps, caller, id, answer, 'is just leaving its nodes');
    return changed(deps, caller, id, reply);
  });
}

/** The same on all nodes that these VMs are on. Throws a Problem. */
function directoryIn(state: StateView, lease: Lease, vms: Runs | null, to: string): string {
  const { nodes } = lease;
  const isKnown = nodes !== null && (vms === null || vms.at(-1)! <= lease.vms);
  if (to === OWN_PLACE || !isKnown) return to; // what is wrong with that the scheduler says
  const on = [...new Set(expand(vms === null ? nodes : nodesOf(nodes, vms)))];
  const found = new Map(
    on.map((node) => [node, diskPlaces(state.pools[state.poolOf[node]!]!.labels).get(to)?.directory]),
  );
  const [directory, ...others] = new Set(found.values());
  const detail = (text: string) => new Problem('request-invalid', text, [{ pointer: '/to', detail: text }]);
  for (const [node, place] of found)
    if (place === undefined) throw detail(`node ${node} has no label "disks-${to}" that names a directory`);
  if (directory === undefined || others.length > 0)
    throw detail(`"disks-${to}" is not the same directory on all its nodes: name VMs that are on one`);
  return directory;
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

const MOVE_DISKS: About = {
  operationId: 'moveLeaseDisks',
  summary: 'Move disks of VMs that run to another directory of their hosts',
  description:
    'For operators. The VMs run on while what their disks hold is copied, and go on from the copy; the label `disks-NAME` of ' +
    'their nodes says which directory `to` is, and `vm-dir` is the one that they begin in. It is done when the answer comes ' +
    'back as ordered; `GET /v1/leases/{id}/decisions` tells how it went, and where it fails they go on from the disks that ' +
    'they had. Whatever else becomes due for the lease ends it.',
  problems: [...BODY_PROBLEMS, 'lease-state', 'change-infeasible'],
};
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
