/** What nodes use, and VMs of leases: as it was measured last, by the service that leads. */

import type { Server, RouteDeps } from '../deps.js';
import { formatInstant } from '../formats.js';
import type { FoundVm, HostFigures } from '../hosts/samples.js';
import { answers, named } from '../openapi.js';
import { Problem } from '../problems.js';
import { NodeParams } from '../schemas/cluster.js';
import { LeaseParams } from '../schemas/lease-request.js';
import { type LeaseUsage, type NodeUsage, UsageQuery } from '../schemas/usage.js';
import { recordOf } from '../views.js';

const PRESENT = { present: true };

export function usageRoutes(app: Server, deps: RouteDeps): void {
  nodeRoute(app, deps);
  leaseRoute(app, deps);
}

function nodeRoute(app: Server, { follower, hosts, notLeader }: RouteDeps): void {
  const schema = {
    operationId: 'readNodeUsage',
    tags: ['cluster'],
    summary: 'What a node uses: the last samples, newest first',
    params: NodeParams,
    querystring: UsageQuery,
    response: answers(
      { 200: ['What was measured.', named('NodeUsage')] },
      'query-invalid',
      'node-unknown',
      'not-leader',
    ),
  };
  app.get(
    '/nodes/:number/usage',
    { config: PRESENT, schema },
    async ({ params: { number }, query }): Promise<NodeUsage> => {
      const { state } = follower;
      if (number >= state.nextNode) throw new Problem('node-unknown', `there is no node ${number}`);
      refuseWhereNobodyKnows(notLeader());
      const found = hosts?.samples.ofNode(number, query.samples ?? 1) ?? [];
      return {
        number,
        load: state.loads.get(number) ?? 'unknown',
        samples: found.map(figuresView),
        why: found.length > 0 ? null : (hosts?.whyNoSamples ?? null),
      };
    },
  );
}

function leaseRoute(app: Server, { follower, hosts, notLeader }: RouteDeps): void {
  const schema = {
    operationId: 'readLeaseUsage',
    tags: ['leases'],
    summary: 'What the VMs of a lease use',
    params: LeaseParams,
    response: answers({ 200: ['What was measured.', named('LeaseUsage')] }, 'lease-unknown', 'not-leader'),
  };
  app.get('/leases/:id/usage', { config: PRESENT, schema }, async ({ params, caller }): Promise<LeaseUsage> => {
    const { lease } = recordOf(follower, params.id, caller);
    refuseWhereNobodyKnows(notLeader());
    const found = hosts?.samples.ofLease(lease.id) ?? [];
    return {
      lease: lease.id,
      vms: found.map(vmView),
      why: found.length > 0 ? null : (hosts?.whyNoSamples ?? null),
    };
  });
}

/** Samples are in the memory of the service that leads. */
function refuseWhereNobodyKnows(notLeader: Problem | null): void {
  if (notLeader !== null) throw notLeader;
}

function figuresView({ node: _, at, cpu, gpus, ...figures }: HostFigures): NodeUsage['samples'][number] {
  return { at: formatInstant(at), cpuShare: cpu, gpus: gpus?.map((gpu) => ({ ...gpu })) ?? null, ...figures };
}

function vmView({
  lease: _,
  addresses: __,
  at,
  diskRead,
  diskWritten,
  netReceived,
  netSent,
  ...vm
}: FoundVm): LeaseUsage['vms'][number] {
  return {
    ...vm,
    at: formatInstant(at),
    diskReadPerSecond: diskRead,
    diskWrittenPerSecond: diskWritten,
    netReceivedPerSecond: netReceived,
    netSentPerSecond: netSent,
  };
}
