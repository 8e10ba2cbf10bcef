/** Nodes and the schedule. */

import { type Static, Type } from 'typebox';
import { LOAD_CLASSES, NODES_MAX } from '../../engine/index.js';
import { amounts, at, listQuery, nodes, oneOf, orNull, page, strict, time } from './fields.js';
import { LEASE_STATES } from './lease.js';

export const ListQuery = strict(listQuery);

export const NodeParams = strict({ number: Type.Integer({ minimum: 1, maximum: NODES_MAX }) });

export const DrainRequest = strict({
  by: Type.Optional({ ...time, description: 'Nobody is on it from then on: RFC 3339 with a zone.' }),
  force: Type.Optional(Type.Boolean({ description: 'With `by`: also where a promise is broken by it.' })),
  how: Type.Optional(
    oneOf(
      ['keep', 'migrate', 'suspend'] as const,
      'What is done at once with leases that run there: they stay (`keep`, if left out), are moved elsewhere while they ' +
        'run where they fit, and saved where they do not (`migrate`), or are saved (`suspend`).',
    ),
  ),
});

export const Condition = strict({
  type: oneOf(
    ['unreachable', 'capacity-beyond-host', 'no-kvm'] as const,
    '`unreachable`: nothing can be started there; `capacity-beyond-host`: the site says more than the host has; `no-kvm`: its VMs do not run under KVM.',
  ),
  detail: Type.String(),
  since: at,
});

export type Condition = Static<typeof Condition>;

export const Node = strict({
  number: Type.Integer(),
  name: Type.String(),
  status: oneOf(
    ['up', 'unreachable', 'draining', 'lost', 'gone'] as const,
    '`unreachable`: it would take VMs, but its host cannot be reached just now; `conditions` say why.',
  ),
  load: oneOf(LOAD_CLASSES, 'How busy it was seen to be last.'),
  capacity: amounts,
  used: amounts,
  exclusive: Type.Boolean(),
  labels: Type.Record(Type.String(), Type.String()),
  leases: Type.Array(Type.String(), { description: 'Leases with VMs on it that you know of.' }),
  emptyBy: orNull(at, 'By when it is drained; null: there is no deadline.'),
  conditions: Type.Array(Condition, {
    description: 'What is wrong with its host, as the service that leads knows just now; none where the past is read.',
  }),
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
