/** Nodes that join the site, and nodes that get other labels. */

import type { Command } from '../../engine/index.js';
import { Faults, resourcesIn } from '../lease-request.js';
import type { RouteDeps, Server } from '../deps.js';
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
      '409 `node-exists`.',
    body: NodeRequest,
    response: answers({ 201: ['The nodes.', JoinedNodes] }, ...BODY_PROBLEMS, 'node-exists', ...WRITE_PROBLEMS),
  };
  // One after another: of two requests with the same name the second must see the first.
  let before: Promise<unknown> = Promise.resolve();
  app.post('/nodes', { schema }, async (request, reply) => {
    const joining = before.then(() => register(request));
    before = joining.catch(() => {});
    const items = await joining;
    reply.code(201).header('location', '/v1/nodes');
    return { items, nextPageToken: null };
  });

  async function register({ body, caller }: { body: NodeRequest; caller: Caller }): Promise<NodeView[]> {
    const nodes = nodesOf(body, follower);
    const { decided } = await deps.submit({ type: 'AddNodes', nodes });
    if (!decided.ok) throw problemOfRejection(decided.rejection);
    const [joined] = decided.requests;
    if (joined?.type !== 'NodesAdded') throw new Error('nodes were accepted, and did not join');
    const { first, count } = joined.nodes;
    return nodeViews(follower, first, first + count - 1, sightOf(caller, follower));
  }
}

type Joining = Extract<Command, { type: 'AddNodes' }>['nodes'];

/** As the scheduler reads them. Throws a Problem that names every member at fault. */
function nodesOf(body: NodeRequest, { state, nodeClasses }: FollowerView): Joining {
  const faults = new Faults();
  const { names = null, units = {}, count = names?.length ?? 1 } = body;
  const capacity = resourcesIn(body.capacity, state.resources, '/capacity', faults);
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
    return nodeViews(deps.follower, params.number, params.number, sightOf(caller, deps.follower))[0]!;
  });
}
