/** Leases and what was decided on them, going out. */

import { type Static, Type } from 'typebox';
import { ON_NODE_LOST } from '../../engine/index.js';
import { amounts, at, nodes, oneOf, orNull, page, span, strict } from './fields.js';

export const LEASE_STATES = [
  'waiting',
  'reserved',
  'starting',
  'active',
  'suspending',
  'suspended',
  'resuming',
  'stopping',
  'done',
  'rejected',
  'cancelled',
  'failed',
  'expired',
] as const;

export type LeaseState = (typeof LEASE_STATES)[number];

export const LEASE_KINDS = ['best-effort', 'immediate', 'advance', 'deadline'] as const;

export const Reason = strict({
  code: Type.String(),
  message: Type.String(),
  blockers: Type.Array(Type.String(), { description: 'Lease ids, or `node:<number>`.' }),
  more: Type.Integer({ description: 'How many further blockers there are.' }),
  resource: orNull(Type.String()),
  need: orNull(Type.Number()),
  have: orNull(Type.Number()),
  earliestRelease: orNull(
    at,
    'When this reason can hold no longer at the earliest, by what was planned when it was given.',
  ),
  detail: Type.Optional(Type.String({ description: 'What somebody had to say of it.' })),
});

const Span = strict({
  from: at,
  until: orNull(at, 'null: it goes on'),
  vms: Type.String({ description: 'Numbers of the VMs: `1-4`' }),
  nodes,
});

const Forecast = strict(
  { start: at, basedOn: Type.Integer({ description: 'The turn of the log.' }) },
  { description: 'When it is expected to begin, as the queue is planned.' },
);

const VmAddress = strict({
  vm: Type.Integer({ description: 'Its number.' }),
  node: Type.Integer({ description: 'Where it runs.' }),
  address: Type.String(),
  mac: Type.String({ description: 'Of its interface.' }),
  source: oneOf(
    ['lease', 'arp', 'agent'] as const,
    'Who says so: the DHCP of its host, what its host has seen, or the guest itself.',
  ),
});

export const Lease = strict({
  id: Type.String(),
  name: orNull(Type.String()),
  state: oneOf(LEASE_STATES),
  kind: oneOf(LEASE_KINDS),
  user: orNull(Type.String()),
  project: orNull(Type.String()),
  labels: Type.Record(Type.String(), Type.String()),
  vms: Type.Integer(),
  groups: Type.Array(
    strict({
      name: orNull(Type.String()),
      vms: Type.Integer(),
      resources: amounts,
      max: Type.Optional(amounts),
      image: orNull(Type.String()),
    }),
  ),
  revert: Type.Optional(
    strict(
      { at, groups: Type.Array(amounts, { description: 'What the VMs of each group go back to, in order.' }) },
      { description: 'When its VMs go back to what they had, unless what they have is confirmed before.' },
    ),
  ),
  duration: span,
  start: strict({
    kind: oneOf(LEASE_KINDS),
    before: Type.Optional(orNull(at)),
    at: Type.Optional(at),
    notBefore: Type.Optional(at),
    by: Type.Optional(at),
  }),
  preemptible: Type.Boolean(),
  priority: Type.Integer(),
  maxRate: orNull(Type.Number(), 'What is paid at most per VM-hour; null: any price.'),
  price: orNull(Type.Number(), 'What it costs, in currency units; null: it was not priced.'),
  onNodeLost: oneOf(ON_NODE_LOST, 'What becomes of it when a node that it has VMs on is lost.'),
  held: Type.Boolean({ description: 'It is passed over until it is released.' }),
  after: Type.Array(strict({ lease: Type.String(), on: oneOf(['start', 'end'] as const) }), {
    description: 'What it was to follow, as asked for.',
  }),
  where: orNull(
    strict({
      labels: Type.Record(Type.String(), Type.String()),
      requirements: orNull(Type.String()),
      rank: orNull(Type.String()),
      nodes: orNull(Type.Array(Type.Integer()), 'Their numbers; null: any.'),
    }),
  ),
  warnings: Type.Array(span, { description: 'How long before its end it is said that it ends.' }),
  warned: orNull(strict({ end: at, before: span }), 'The warning that was given last, and of which end.'),
  submitted: at,
  from: orNull(at, 'The planned beginning, or that of the current run.'),
  until: orNull(at, 'The planned end.'),
  firstStart: orNull(at, 'When it first ran.'),
  ended: orNull(at),
  remaining: orNull(span, 'What is left of its duration while it does not run; null once it is over.'),
  nodes: orNull(nodes),
  runs: Type.Array(Span),
  suspensions: Type.Array(Span),
  resumptions: Type.Array(Span),
  forecast: Type.Optional(orNull(Forecast)),
  addresses: Type.Optional(
    Type.Array(VmAddress, {
      description:
        'By which its VMs are reached, as it was seen last. Left out where nothing is known. It is not in the log: the service ' +
        'that leads knows it, and the ETag stays as it is.',
    }),
  ),
  reasons: Type.Array(Reason, { description: 'Those of the last decision that gave any.' }),
  conditions: Type.Array(strict({ type: Type.String(), status: Type.Boolean(), since: at, turn: Type.Integer() })),
  turn: Type.Integer({ description: 'The turn of its last change; also its ETag.' }),
});

export type LeaseView = Static<typeof Lease>;

export type ReasonView = Static<typeof Reason>;

export const Decision = strict({
  turn: Type.Integer(),
  at,
  happened: Type.Optional(at),
  kind: oneOf(
    ['request', 'observation', 'decision'] as const,
    'What was asked, what the cluster saw (at `happened`, where that was earlier), or what was decided.',
  ),
  type: Type.String(),
  about: Type.Optional(
    Type.String({ description: 'Another lease that the decision is on: it makes room for this one.' }),
  ),
  message: Type.String(),
  rule: orNull(Type.String(), 'What decided: knobs as in policy files. Null where nothing was decided.'),
  order: Type.Optional(Type.String()),
  after: Type.Optional(Type.Array(Type.String())),
  deadline: Type.Optional(orNull(at)),
  from: Type.Optional(at),
  until: Type.Optional(at),
  nodes: Type.Optional(nodes),
  vms: Type.Optional(Type.String()),
  steps: Type.Optional(Type.Array(strict({ vms: Type.String(), from: at, until: at }))),
  cause: Type.Optional(Type.String()),
  afterwards: Type.Optional(Type.String()),
  outcome: Type.Optional(Type.String()),
  reasons: Type.Array(Reason),
});

export type DecisionView = Static<typeof Decision>;

export const Decisions = strict({
  lease: Type.String(),
  items: Type.Array(Decision, { description: 'The life of the lease as logged, oldest first.' }),
  now: strict({
    at,
    state: oneOf(LEASE_STATES),
    reasons: Type.Array(Reason, { description: 'Why it is not running at this moment; computed, not logged.' }),
  }),
  nextPageToken: orNull(Type.String()),
});

export const LeasePage = page(Type.Ref('Lease'));
