/** Nodes, coming in. */

import { type Static, Type } from 'typebox';
import { RESOURCES_MAX } from '../../engine/index.js';
import { LABELS_MAX } from '../config.js';
import { labels, page, resources, strict } from './fields.js';

/** So many nodes join in one request. */
export const JOINING_MAX = 1000;
const UNITS_MAX = 256;
/** It becomes a label. */
const URI_MAX = 128;

export const NODE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const nodeName = Type.String({ pattern: NODE_NAME.source });

export const NodeRequest = strict(
  {
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: JOINING_MAX, default: 1, description: 'All alike.' })),
    names: Type.Optional(Type.Array(nodeName, { minItems: 1, maxItems: JOINING_MAX, description: 'One for each.' })),
    uri: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: URI_MAX,
        description:
          'Of a host with libvirt: `qemu+ssh://leasehold@node1/system`. It is one node, and what is not said of its capacity is ' +
          'what the host has.',
      }),
    ),
    reserve: Type.Optional({
      ...resources,
      description: 'With `uri`: what the host keeps for itself; 1024 `memoryMiB` unless said otherwise.',
    }),
    capacity: Type.Optional({
      ...resources,
      description: 'Of each node. Needed without `uri`; with it, no more than the host has.',
    }),
    units: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' }), Type.Array(nodeName, { maxItems: UNITS_MAX }), {
        maxProperties: RESOURCES_MAX,
        additionalProperties: false,
        description: 'Of resources that are counted in units: the name of each, as many as the capacity says.',
      }),
    ),
    exclusive: Type.Optional(Type.Boolean({ description: 'It is given whole to one VM at a time.' })),
    labels: Type.Optional(labels),
  },
  { description: 'Nodes that join the site.' },
);

export type NodeRequest = Static<typeof NodeRequest>;

export const NodeLabels = strict({
  labels: Type.Record(
    Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$' }),
    Type.Union([Type.String({ maxLength: 128, pattern: '^[^\\x00-\\x1f\\x7f]*$' }), Type.Null()]),
    { minProperties: 1, maxProperties: LABELS_MAX, additionalProperties: false, description: 'null takes one off.' },
  ),
});

export const JoinedNodes = page(Type.Ref('Node'));
