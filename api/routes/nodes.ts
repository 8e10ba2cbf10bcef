/** Nodes: read them, and take them out of service and back. */

import { Type } from 'typebox';
import type { Caller } from '../access/caller.js';
import { type Sight, sightOf } from '../access/sight.js';
import { instantOf } from '../lease-request.js';
import { answerList, type List } from '../lists.js';
import { nodeViews } from '../node-views.js';
import { answers, BODY_PROBLEMS, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { nodeChangeRoutes } from './node-changes.js';
import { Problem } from '../problems.js';
import { problemOfRejection } from '../rejections.js';
import { DrainRequest, ListQuery, Node, NodePage, NodeParams, type NodeView } from '../schemas/cluster.js';
import type { Server, RouteDeps } from '../deps.js';

export function nodeRoutes(app: Server, deps: RouteDeps): void {
  listRoute(app, deps);
  nodeChangeRoutes(app, deps);
  drainRoute(app, deps);
  commandRoute(app, deps, 'RestoreNode', 'Take VMs on a drained node again');
  commandRoute(app, deps, 'GiveUpNode', 'Say that the host of a node that does not answer is off for certain');
  commandRoute(app, deps, 'RemoveNode', 'Remove a node at once; VMs on it count as lost');
}

function listRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'listNodes',
    tags: ['cluster'],
    summary: 'List nodes, with what is in use',
    description: LIST_FORMATS,
    querystring: ListQuery,
    response: listAnswers(['A page of nodes.', NodePage]),
  };
  app.get('/nodes', { schema }, (request, reply) => {
    const sight = sightOf(request.caller, deps.follower);
    return answerList(nodeList(deps, sight), request, reply, deps);
  });
}

/** By number, which is the cursor. */
function nodeList({ follower: { state, nodeClasses }, hosts }: RouteDeps, sight: Sight): List<NodeView> {
  return {
    item: Node,
    cursorLength: 1,
    cursorOf: ({ number }) => [number],
    view: (node) => node,
    async page(after, count) {
      const first = (after?.[0] ?? 0) + 1;
      const last = Math.min(first + count - 1, state.nextNode - 1);
      return first <= last ? nodeViews({ state, nodeClasses }, first, last, sight, hosts) : [];
    },
  };
}

/** A request about one node. */
interface OfNode {
  readonly params: { readonly number: number };
  readonly caller: Caller;
}

type NodeCommand = 'RestoreNode' | 'GiveUpNode' | 'RemoveNode';

function commandRoute(app: Server, deps: RouteDeps, type: NodeCommand, summary: string): void {
  const schema = {
    operationId: `${type.charAt(0).toLowerCase()}${type.slice(1)}`,
    tags: ['cluster'],
    summary,
    params: NodeParams,
    response: answers({ 200: ['The node.', named('Node')] }, 'node-unknown', 'node-state', ...WRITE_PROBLEMS),
  };
  const carryOut = async ({ params: { number }, caller }: OfNode): Promise<NodeView> => {
    const { decided } = await deps.submit({ type, node: number });
    if (!decided.ok) throw problemOfRejection(decided.rejection);
    return nodeNow(deps, number, caller);
  };
  if (type === 'RemoveNode') app.delete('/nodes/:number', { schema }, carryOut);
  else app.post(`/nodes/:number/${type === 'RestoreNode' ? 'restore' : 'lost'}`, { schema }, carryOut);
}

function drainRoute(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'drainNode',
    tags: ['cluster'],
    summary: 'Take no new VMs on a node; those it has stay, or leave by a deadline',
    description:
      'With `by` nobody is on it from then on: who is there then is saved by that time, or stopped and queued again. Refused ' +
      'where leases are there then that may not be preempted, or were promised to be, unless it is forced. A node that is ' +
      'drained already gets another deadline. With `how` its leases leave at once: those that may be neither moved nor ' +
      'saved stay, and their decisions say why; asked again, they are tried again.',
    params: NodeParams,
    body: Type.Union([DrainRequest, Type.Null()]),
    response: answers(
      { 200: ['The node.', named('Node')] },
      ...BODY_PROBLEMS,
      'node-unknown',
      'node-state',
      'node-in-use',
      ...WRITE_PROBLEMS,
    ),
  };
  app.post('/nodes/:number/drain', { schema }, async ({ params: { number }, body, caller }): Promise<NodeView> => {
    const { by, force = false, how = 'keep' } = body ?? {};
    const leaves = how === 'keep' ? {} : { how };
    const deadline = by === undefined ? {} : { by: instantOf(by, '/by'), force };
    const { decided } = await deps.submit({ type: 'DrainNode', node: number, ...leaves, ...deadline });
    if (!decided.ok) throw problemOfRejection(decided.rejection);
    return nodeNow(deps, number, caller);
  });
}

function nodeNow({ follower, hosts }: RouteDeps, number: number, caller: Caller): NodeView {
  const [node] = nodeViews(follower, number, number, sightOf(caller, follower), hosts);
  if (node === undefined) throw new Problem('node-unknown', `there is no node ${number}`);
  return node;
}
