/** Nodes and the schedule. */

import { type Static, Type } from 'typebox';
import { LOAD_CLASSES, NODES_MAX } from '../../engine/index.js';
import { amounts, at, listQuery, nodes, oneOf, orNull, page, strict, time } from './fields.js';
import { LEASE_STATES } from './lease.js';

export const ListQuery = strict(listQuery);

export const NodeParams = strict({ number: Type.Integer({ minimum: 1, maximum: NODES_MAX }) });

export const Node = strict({
  number: Type.Integer(),
  name: Type.String(),
  status: oneOf(['up', 'draining', 'lost', 'gone'] as const),
  load: oneOf(LOAD_CLASSES, 'How busy it was seen to be last.'),
  capacity: amounts,
  used: amounts,
  exclusive: Type.Boolean(),
  labels: Type.Record(Type.String(), Type.String()),
  leases: Type.Array(Type.String(), { description: 'Leases with VMs on it that you know of.' }),
});

export type NodeView = Static<typeof Node>;

export const NodePage = page(Type.Ref('Node'));

export const ScheduleQuery = strict({
  from: Type.Optional(time),
  to: Type.Optional(time),
  node: Type.Optional(Type.Integer({ minimum: 1, maximum: NODES_MAX })),
  ...listQuery,
});

export const Bar = strict({
  lease: orNull(Type.String(), 'null: it is of another project.'),
  name: orNull(Type.String()),
  state: oneOf(LEASE_STATES),
  activity: oneOf(['run', 'suspension', 'migration', 'resumption', 'shutdown'] as const),
  phase: oneOf(['past', 'now', 'planned'] as const),
  from: at,
  until: orNull(at, 'null: it goes on beyond its plan'),
  vms: Type.String(),
  nodes: orNull(nodes, 'null: nodes are chosen when it starts'),
});

export type BarView = Static<typeof Bar>;

export const Schedule = strict({
  at: Type.String({ format: 'date-time', description: 'The present: bars before it are facts, those after it plans.' }),
  from: at,
  to: at,
  items: Type.Array(Type.Ref('Bar')),
  nextPageToken: orNull(Type.String()),
});
