/** Nodes that join the site, and nodes that get other labels. */

import type { FoundHost } from '../../adapters/host-health.js';
import type { Command } from '../../engine/index.js';
import type { RouteDeps, Server } from '../deps.js';
import { onlyAsks } from '../dry-run.js';
import { nodeOfHost, ofHost } from '../hosts/joining.js';
import { Faults, resourcesIn } from '../lease-request.js';
import type { Caller } from '../access/caller.js';
import { sightOf } from '../access/sight.js';
import type { FollowerView } from '../follower.js';
import { numbersOf } from '../node-names.js';
import { nodeViews } from '../node-views.js';
import { answers, BODY_PROBLEMS, named, WRITE_PROBLEMS } from '../openapi.js';
import { Problem } from '../problems.js';
import { problemOfRejection } from '../rejections.js';
import { NodeParams, type NodeView } from '../schemas/cluster.js';
import { JoinedNodes, NodeLabels, NodeRequest } from '../schemas/node-request.js';

export function nodeChangeRoutes(app: Server, deps: RouteDeps): void {
  registerRoute(app, deps);
  labelRoute(app, deps);
}

function registerRoute(app: Server, deps: RouteDeps): void {
  const { follower } = deps;
  const schema = {
    operationId: 'registerNodes',
    tags: ['cluster'],
    summary: 'Add nodes to the site',
    description:
      'Nodes that are alike. They take VMs at once. With `names`, asking twice does no harm: the second is answered ' +
      '409 `node-exists`. With `uri` it is one host with libvirt, which is asked what it has; asking again about the same ' +
      'host, by whatever URI, is answered 200 with the node that it is.',
    body: NodeRequest,
    response: answers(
      { 200: ['The node that this host is already.', JoinedNodes], 201: ['The nodes.', JoinedNodes] },
      ...BODY_PROBLEMS,
      'node-exists',
      'host-unreachable',
      ...WRITE_PROBLEMS,
    ),
  };
  // One after another: of two requests with the same name the second must see the first.
  let before: Promise<unknown> = Promise.resolve();
  app.post('/nodes', { schema }, async (request, reply) => {
    const { uri } = request.body;
    const host = uri === undefined ? null : await hostAt(uri, !onlyAsks(request));
    const joining = before.then(() => known(host, request.caller) ?? register(request, host));
    before = joining.catch(() => {});
    const { items, isNew } = await joining;
    reply.code(isNew ? 201 : 200).header('location', '/v1/nodes');
    return { items, nextPageToken: null };
  });

  function hostAt(uri: string, prepare: boolean): Promise<FoundHost> {
    // Whoever does not lead asks nobody.
    const notLeader = deps.notLeader();
    if (notLeader !== null || deps.hosts === null)
      throw notLeader ?? new Problem('not-ready', 'there are no hosts here');
    return deps.hosts.look(uri, prepare);
  }

  /** The node that the host is already; null: none. */
  function known(host: FoundHost | null, caller: Caller): Joined | null {
    const node = host === null || deps.hosts === null ? null : nodeOfHost(host, follower.state, deps.hosts);
    return node === null ? null : { items: views(node, node, caller), isNew: false };
  }

  async function register({ body, caller }: Asked, host: FoundHost | null): Promise<Joined> {
    const nodes = nodesOf(body, host, follower);
    const { decided } = await deps.submit({ type: 'AddNodes', nodes });
    if (!decided.ok) throw problemOfRejection(decided.rejection);
    const [joined] = decided.requests;
    if (joined?.type !== 'NodesAdded') throw new Error('nodes were accepted, and did not join');
    const { first, count } = joined.nodes;
    return { items: views(first, first + count - 1, caller), isNew: true };
  }

  function views(first: number, last: number, caller: Caller): NodeView[] {
    return nodeViews(follower, first, last, sightOf(caller, follower), deps.hosts);
  }
}

interface Asked {
  readonly body: NodeRequest;
  readonly caller: Caller;
}

interface Joined {
  readonly items: NodeView[];
  readonly isNew: boolean;
}

type Joining = Extract<Command, { type: 'AddNodes' }>['nodes'];

/** As the scheduler reads them. Throws a Problem that names every member at fault. `host`: the one that they are. */
function nodesOf(asked: NodeRequest, host: FoundHost | null, follower: FollowerView): Joining {
  const { state, nodeClasses } = follower;
  const faults = new Faults();
  const body = host === null ? asked : { ...asked, ...ofHost(asked, host, follower, faults) };
  const { names = null, units = {}, count = names?.length ?? 1 } = body;
  if (body.capacity === undefined) faults.add('/capacity', 'is needed, unless the URI of a host is given');
  if (host === null && body.reserve !== undefined) faults.add('/reserve', 'is for a host whose URI is given');
  const capacity = resourcesIn(body.capacity ?? {}, state.resources, '/capacity', faults);
  if (names !== null && names.length !== count) faults.add('/names', `must be ${count}: one for each node`);
  if (new Set(names ?? []).size !== (names ?? []).length) faults.add('/names', 'has a name twice');
  for (const [i, name] of (names ?? []).entries())
    if (/^n\d+$/.test(name)) faults.add(`/names/${i}`, 'is what nodes without a name are called; choose another');
  for (const [r, { name, kind }] of state.resources.entries()) {
    const given = units[name] ?? [];
    if (kind === 'units' && given.length !== capacity[r])
      faults.add(`/units/${name}`, `must name as many as the capacity says: ${capacity[r]}`);
    if (new Set(given).size !== given.length) faults.add(`/units/${name}`, 'has a name twice');
  }
  for (const name of Object.keys(units))
    if (!state.resources.some((resource) => resource.name === name && resource.kind === 'units'))
      faults.add(`/units/${name}`, 'is no resource of this site that is counted in units');
  faults.throwIfAny();
  const known = numbersOf(nodeClasses, names ?? []);
  const taken = (names ?? []).filter((_, i) => typeof known[i] === 'number' || !known[i]!.startsWith('there is no'));
  if (taken.length > 0) throw new Problem('node-exists', `there is a node ${taken.slice(0, 8).join(', ')} already`);
  const ofUnits = Object.fromEntries(
    state.resources.filter(({ kind }) => kind === 'units').map(({ name }) => [name, units[name] ?? []]),
  );
  return { count, capacity, exclusive: body.exclusive ?? false, labels: body.labels ?? {}, names, units: ofUnits };
}

function labelRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'labelNode',
    tags: ['cluster'],
    summary: 'Give a node other labels',
    description:
      'A merge patch. Refused where leases on the node, or planned there, asked for nodes as it is now; and for nodes that ' +
      'are planned by count (given whole, without suspension) unless they are drained and empty.',
    params: NodeParams,
    body: NodeLabels,
    response: answers(
      { 200: ['The node.', named('Node')] },
      ...BODY_PROBLEMS,
      'node-unknown',
      'node-state',
      'node-in-use',
      ...WRITE_PROBLEMS,
    ),
  };
  app.patch('/nodes/:number', { schema }, async ({ params, body, caller }): Promise<NodeView> => {
    const { decided } = await deps.submit({ type: 'LabelNode', node: params.number, labels: body.labels });
    if (!decided.ok) throw problemOfRejection(decided.rejection);
    return nodeViews(deps.follower, params.number, params.number, sightOf(caller, deps.follower), deps.hosts)[0]!;
  });
}
