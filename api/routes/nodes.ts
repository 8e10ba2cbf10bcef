/** Nodes: read them, and take them out of service and back. */

import type { Caller } from '../access/caller.js';
import { type Sight, sightOf } from '../access/sight.js';
import type { FollowerView } from '../follower.js';
import { answerList, type List } from '../lists.js';
import { nodeViews } from '../node-views.js';
import { answers, LIST_FORMATS, listAnswers, named, WRITE_PROBLEMS } from '../openapi.js';
import { nodeChangeRoutes } from './node-changes.js';
import { Problem } from '../problems.js';
import { problemOfRejection } from '../rejections.js';
import { ListQuery, Node, NodePage, NodeParams, type NodeView } from '../schemas/cluster.js';
import type { Server, RouteDeps } from '../deps.js';

export function nodeRoutes(app: Server, deps: RouteDeps): void {
  listRoute(app, deps);
  nodeChangeRoutes(app, deps);
  commandRoute(app, deps, 'DrainNode', 'Take no new VMs on a node; those it has stay');
  commandRoute(app, deps, 'RestoreNode', 'Take VMs on a drained node again');
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
    return answerList(nodeList(deps.follower, sight), request, reply, deps);
  });
}

/** By number, which is the cursor. */
function nodeList({ state, nodeClasses }: FollowerView, sight: Sight): List<NodeView> {
  return {
    item: Node,
    cursorLength: 1,
    cursorOf: ({ number }) => [number],
    view: (node) => node,
    async page(after, count) {
      const first = (after?.[0] ?? 0) + 1;
      const last = Math.min(first + count - 1, state.nextNode - 1);
      return first <= last ? nodeViews({ state, nodeClasses }, first, last, sight) : [];
    },
  };
}

/** A request about one node. */
interface OfNode {
  readonly params: { readonly number: number };
  readonly caller: Caller;
}

type NodeCommand = 'DrainNode' | 'RestoreNode' | 'RemoveNode';

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
    const [node] = nodeViews(deps.follower, number, number, sightOf(caller, deps.follower));
    if (node === undefined) throw new Problem('node-unknown', `there is no node ${number}`);
    return node;
  };
  if (type === 'RemoveNode') {
    app.delete('/nodes/:number', { schema }, carryOut);
  } else {
    const action = type === 'DrainNode' ? 'drain' : 'restore';
    app.post(`/nodes/:number/${action}`, { schema }, carryOut);
  }
}
