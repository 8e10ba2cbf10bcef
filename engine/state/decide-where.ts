/** The part of `decide` about where VMs may run: expressions that can be read, and nodes that there are. */

import type { Rejection } from '../model/commands.js';
import { NODES_NAMED_MAX, type Where } from '../model/lease.js';
import { faultOfWhere } from '../model/node-facts.js';
import type { StateView } from './state.js';

/** What is wrong with it, if anything. */
export function faultOfPlace(state: StateView, where: Where): Rejection | null {
  const expressions = faultOfWhere(where, state.resources);
  if (expressions !== null) return { code: 'terms-invalid', ...expressions };
  const detail = where.nodes === undefined ? null : faultOfNodes(state, where.nodes);
  return detail === null ? null : { code: 'terms-invalid', detail, pointer: '/where/nodes' };
}

function faultOfNodes(state: StateView, nodes: readonly number[]): string | null {
  if (nodes.length < 1 || nodes.length > NODES_NAMED_MAX) return `1 to ${NODES_NAMED_MAX} nodes can be named`;
  if (new Set(nodes).size !== nodes.length) return 'a node is named twice';
  for (const node of nodes) {
    if (!Number.isSafeInteger(node) || node < 1 || node >= state.nextNode) return `there is no node ${node}`;
    if (state.nodeStatus.get(node) === 'gone') return `node ${node} has left the site`;
    if (state.pools[state.poolOf[node]!]!.counted)
      return (
        `node ${node} is given whole, and planned by how many like it are free: which one is chosen when the lease ` +
        'starts; ask for labels instead'
      );
  }
  return null;
}
