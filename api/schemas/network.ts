/** Networks: what VMs are on. */

import { type Static, Type } from 'typebox';
import { NETWORK_KINDS } from '../networks/network-notes.js';
import { at, oneOf, orNull, page, strict } from './fields.js';

const networkName = Type.String({
  pattern: '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$',
  description: 'What leases call it.',
});
const kind = oneOf(
  NETWORK_KINDS,
  '`nat`: made on each host; VMs reach what the host reaches. `isolated`: made on each host, without a way out. `own`: like ' +
    '`isolated`, and each lease has one to itself. `bridge`: is there on each host already.',
);
const ADDRESS = '^\\d{1,3}(\\.\\d{1,3}){3}$';
const ipv4 = Type.String({ pattern: ADDRESS });

export const NetworkRequest = strict({
  name: networkName,
  kind,
  range: Type.Optional(
    Type.String({
      pattern: '^\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}$',
      description:
        'What VMs have their addresses of: `10.77.0.0/24`. Of a bridge only where nobody else hands them out; VMs are told theirs ' +
        'before they start.',
    }),
  ),
  bridge: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$', description: 'Of every host.' })),
  openVswitch: Type.Optional(Type.Boolean({ description: 'The bridge is one of Open vSwitch.' })),
  vlan: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 4094, description: 'Of the bridge; needs Open vSwitch, or libvirt 11.' }),
  ),
  gateway: Type.Optional({ ...ipv4, description: 'Of a bridge with a range.' }),
  nameservers: Type.Optional(Type.Array(ipv4, { maxItems: 4, description: 'Of a bridge with a range.' })),
});
export type NetworkRequest = Static<typeof NetworkRequest>;

export const Network = strict({
  name: Type.String(),
  kind,
  range: orNull(Type.String(), 'null: others hand out addresses.'),
  bridge: orNull(Type.String()),
  openVswitch: Type.Boolean(),
  vlan: orNull(Type.Integer()),
  gateway: orNull(Type.String()),
  nameservers: Type.Array(Type.String()),
  room: orNull(
    Type.Integer(),
    'So many VMs can have addresses of it, or leases where each has its own; null: nobody knows.',
  ),
  used: Type.Integer({ description: 'So many have.' }),
  leases: Type.Integer({ description: 'So many leases that are not over name it, or have addresses of it.' }),
  created: at,
  by: Type.String({ description: 'Who registered it.' }),
});
export type NetworkView = Static<typeof Network>;

export const NetworkParams = strict({ name: networkName });
export const NetworkPage = page(Type.Ref('Network'));
