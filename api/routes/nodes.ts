/** Nodes: read them, and take them out of service and back. */

import type { Command } from '../../engine/index.js';
import { LIMITS } from '../config.js';
import { nodeViews } from '../node-views.js';
import { answers, named, WRITE_PROBLEMS } from '../openapi.js';
import { numbersFromToken, pageOf } from '../pages.js';
import { Problem } from '../problems.js';
import { problemOfRejection } from '../rejections.js';
import { NodePage, NodeParams, type NodeView, PageQuery } from '../schemas/cluster.js';
import type { Server, ServerDeps } from '../deps.js';

export function nodeRoutes(app: Server, deps: ServerDeps): void {
  listRoute(app, deps);
  commandRoute(app, deps, 'DrainNode', 'Take no new VMs on a node; those it has stay');
  commandRoute(app, deps, 'RestoreNode', 'Take VMs on a drained node again');
  commandRoute(app, deps, 'RemoveNode', 'Remove a node at once; VMs on it count as lost');
}

function listRoute(app: Server, { follower }: ServerDeps): void {
  const schema = {
    operationId: 'listNodes',
    tags: ['cluster'],
    summary: 'List nodes, with what is in use',
    querystring: PageQuery,
    response: answers({ 200: ['A page of nodes.', NodePage] }),
  };
  app.get('/nodes', { schema }, async (request, reply) => {
    const { page_size: size = LIMITS.pageSize, page_token: token } = request.query;
    const first = numbersFromToken(token, 1)?.[0] ?? 1;
    const last = Math.min(first + size, follower.state.nextNode - 1);
    const nodes = first >= 1 && first <= last ? nodeViews(follower, first, last) : [];
    return pageOf(nodes, size, ({ number }) => [number + 1], request, reply);
  });
}

type NodeCommand = Extract<Command, { node: number }>['type'];

function commandRoute(app: Server, deps: ServerDeps, type: NodeCommand, summary: string): void {
  const schema = {
    operationId: `${type.charAt(0).toLowerCase()}${type.slice(1)}`,
    tags: ['cluster'],
    summary,
    params: NodeParams,
    response: answers({ 200: ['The node.', named('Node')] }, 'node-unknown', 'node-state', ...WRITE_PROBLEMS),
  };
  const carryOut = async (number: number): Promise<NodeView> => {
    const { decided } = await deps.submit({ type, node: number });
    if (!decided.ok) throw problemOfRejection(decided.rejection);
    const [node] = nodeViews(deps.follower, number, number);
    if (node === undefined) throw new Problem('node-unknown', `there is no node ${number}`);
    return node;
  };
  if (type === 'RemoveNode') {
    app.delete('/nodes/:number', { schema }, ({ params }) => carryOut(params.number));
  } else {
    const action = type === 'DrainNode' ? 'drain' : 'restore';
    app.post(`/nodes/:number/${action}`, { schema }, ({ params }) => carryOut(params.number));
  }
}
