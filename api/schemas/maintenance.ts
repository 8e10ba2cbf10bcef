/** Windows in which nodes are worked on. */

import { type Static, Type } from 'typebox';
import { NODES_MAX, WINDOW_NODES_MAX, WINDOW_REASON_MAX } from '../../engine/index.js';
import { at, orNull, page, strict, time } from './fields.js';

export const MaintenanceRequest = strict(
  {
    nodes: Type.Array(Type.Union([Type.Integer({ minimum: 1, maximum: NODES_MAX }), Type.String({ maxLength: 128 })]), {
      minItems: 1,
      maxItems: WINDOW_NODES_MAX,
      description: 'By name or number.',
    }),
    from: Type.Optional(time),
    until: time,
    reason: Type.Optional(Type.String({ maxLength: WINDOW_REASON_MAX, pattern: '^[^\\x00-\\x1f\\x7f]*$' })),
    force: Type.Optional(Type.Boolean({ description: 'Also where a promise is broken by it.' })),
  },
  { description: 'A window in which nobody is on these nodes; without `from` it begins now.' },
);

export type MaintenanceRequest = Static<typeof MaintenanceRequest>;

export const Maintenance = strict({
  id: Type.String(),
  nodes: Type.Array(Type.Integer()),
  from: at,
  until: at,
  reason: orNull(Type.String()),
});

export type MaintenanceView = Static<typeof Maintenance>;

export const MaintenancePage = page(Type.Ref('Maintenance'));

export const MaintenanceParams = strict({ id: Type.String({ minLength: 1, maxLength: 128 }) });
