/** The shapes of what comes in and goes out over HTTP: they check requests and make the OpenAPI document. */

import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import {
  AMOUNT_MAX,
  CURRENCY_PARTS,
  DEPENDENCIES_MAX,
  GROUPS_MAX,
  LOAD_CLASSES,
  NODES_MAX,
  NODES_NAMED_MAX,
  PRIORITY_MAX,
  RATE_MAX,
  REPEAT_MAX,
  RESOURCES_MAX,
  VMS_MAX,
} from '../engine/index.js';
import { LABELS_MAX, LIMITS } from './config.js';
import { PROBLEMS } from './problems.js';

const strict = <T extends TProperties>(properties: T, options: { description?: string } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options });
const orNull = <T extends TSchema>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description });
const oneOf = <T extends string>(values: readonly T[], description?: string) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...(description === undefined ? {} : { description }) });

// ---- in ----------------------------------------------------------------------------------------------------------

const labels = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$' }),
  Type.String({ maxLength: 128, pattern: '^[^\\x00-\\x1f\\x7f]*$' }),
  { maxProperties: LABELS_MAX, additionalProperties: false },
);
const name = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$', description: 'As in a host name.' });
const account = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$' });
const image = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$' });
const time = Type.String({ maxLength: 64, description: 'RFC 3339 with a zone: 2026-11-21T14:00:00Z' });
const expression = (description: string) => Type.String({ maxLength: 1024, description });
const vms = Type.Integer({ minimum: 1, maximum: VMS_MAX });
const duration = (description: string) =>
  Type.Union([Type.String({ maxLength: 64 }), Type.Number({ minimum: 0 })], { description });
const resources = Type.Object(
  {
    cpu: Type.Optional(Type.Number({ minimum: 0, maximum: AMOUNT_MAX / 1000, description: 'Cpus; three decimals.' })),
    memoryMiB: Type.Optional(Type.Integer({ minimum: 0, maximum: AMOUNT_MAX })),
    diskMiB: Type.Optional(Type.Integer({ minimum: 0, maximum: AMOUNT_MAX })),
  },
  {
    additionalProperties: Type.Integer({ minimum: 0, maximum: AMOUNT_MAX }),
    minProperties: 1,
    maxProperties: RESOURCES_MAX,
    description: 'Of each VM. Further members are resources that the site declares, as whole numbers.',
  },
);

export const StartBestEffort = strict({
  kind: Type.Literal('best-effort'),
  before: Type.Optional(time),
});
export const StartImmediate = strict({ kind: Type.Literal('immediate') });
export const StartAdvance = strict({ kind: Type.Literal('advance'), at: time });
export const StartDeadline = strict({
  kind: Type.Literal('deadline'),
  notBefore: Type.Optional(time),
  by: time,
});

const Where = strict(
  {
    labels: Type.Optional(labels),
    requirements: Type.Optional(expression('What must be true of a node: `gpu >= 1 && site == "lyon"`.')),
    rank: Type.Optional(expression('Nodes of a higher rank come first: `-(vms * 50 + cpuFree)`.')),
    nodes: Type.Optional(
      Type.Array(Type.Union([Type.Integer({ minimum: 1, maximum: NODES_MAX }), Type.String({ maxLength: 128 })]), {
        minItems: 1,
        maxItems: NODES_NAMED_MAX,
        description: 'Only these nodes, by name or number, and in this order.',
      }),
    ),
  },
  {
    description:
      'Which nodes may be used: `labels` that they carry, expressions over their facts and labels, and `nodes` by name.',
  },
);

export const LeaseRequest = strict(
  {
    name: Type.Optional(name),
    vms: Type.Optional(vms),
    resources: Type.Optional(resources),
    image: Type.Optional(image),
    groups: Type.Optional(
      Type.Array(strict({ name: Type.Optional(name), vms, resources, image: Type.Optional(image) }), {
        minItems: 1,
        maxItems: GROUPS_MAX,
        description: 'VMs that differ, instead of `vms`, `resources` and `image`.',
      }),
    ),
    duration: duration('ISO 8601 (`PT1H30M`), short (`1h30m`) or seconds.'),
    start: Type.Optional(
      Type.Union([StartBestEffort, StartImmediate, StartAdvance, StartDeadline], {
        description: 'When to begin; `best-effort`, when possible, if left out.',
      }),
    ),
    held: Type.Optional(
      Type.Boolean({ description: 'Not to be considered before it is released. Best-effort leases only.' }),
    ),
    after: Type.Optional(
      Type.Array(
        strict({
          lease: Type.String({ minLength: 1, maxLength: LIMITS.urlParameterLength }),
          on: Type.Optional(oneOf(['start', 'end'] as const)),
        }),
        {
          maxItems: DEPENDENCIES_MAX,
          description:
            'Not to be considered before these have begun to run (`start`) or are done (`end`, if left out). They must not be ' +
            'over yet; if one of them does not end well, this one is rejected. Best-effort leases only.',
        },
      ),
    ),
    repeat: Type.Optional(
      strict(
        { every: duration('From one start to the next.'), times: Type.Integer({ minimum: 1, maximum: REPEAT_MAX }) },
        { description: 'A series of advance leases, the first at `start.at`.' },
      ),
    ),
    preemptible: Type.Optional(
      Type.Boolean({ description: 'Whether it may be suspended for others; if left out, best-effort leases may.' }),
    ),
    priority: Type.Optional(
      Type.Integer({ minimum: 0, maximum: PRIORITY_MAX, description: 'Of leases that wait, more is served first.' }),
    ),
    maxRate: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: RATE_MAX / CURRENCY_PARTS,
        description: 'What is paid at most, in currency units per VM-hour with six decimals; if left out, any price.',
      }),
    ),
    labels: Type.Optional(labels),
    where: Type.Optional(Where),
    user: Type.Optional(account),
    project: Type.Optional(account),
  },
  { description: 'What is asked for: VMs of a capacity, for a time, beginning as `start` says.' },
);
export type LeaseRequest = Static<typeof LeaseRequest>;

export const LeaseChange = strict({ duration: duration('All in all: what has run is part of it.') });

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

const pageQuery = {
  page_size: Type.Optional(Type.Integer({ minimum: 1, maximum: LIMITS.pageSizeMax, default: LIMITS.pageSize })),
  page_token: Type.Optional(Type.String({ maxLength: 128, description: '`nextPageToken` of the page before.' })),
};
const stateList = `^(${LEASE_STATES.join('|')})(,(${LEASE_STATES.join('|')}))*$`;

export const LeaseQuery = strict({
  state: Type.Optional(Type.String({ pattern: stateList, description: `Of ${LEASE_STATES.join(', ')}; with commas.` })),
  kind: Type.Optional(oneOf(LEASE_KINDS)),
  user: Type.Optional(account),
  ...pageQuery,
});
export const PageQuery = strict(pageQuery);
export const CheckpointQuery = strict({
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Checkpoints of later turns only.' })),
  page_size: pageQuery.page_size,
});
export const ScheduleQuery = strict({
  from: Type.Optional(time),
  to: Type.Optional(time),
  node: Type.Optional(Type.Integer({ minimum: 1, maximum: NODES_MAX })),
  ...pageQuery,
});
export const EventsQuery = strict({
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'The last turn that is not wanted. If left out: 0, or, for a stream that ' +
        'stays open, the last turn there is.',
    }),
  ),
  follow: Type.Optional(Type.Boolean({ description: 'Stay open and send turns as they happen (NDJSON).' })),
});
export const EventsHeaders = Type.Object({
  'last-event-id': Type.Optional(Type.String({ pattern: '^(0|[1-9]\\d{0,15})$', description: 'The last turn seen.' })),
});
export const LeaseParams = strict({ id: Type.String({ minLength: 1, maxLength: LIMITS.urlParameterLength }) });
export const NodeParams = strict({ number: Type.Integer({ minimum: 1, maximum: NODES_MAX }) });
const key = Type.String({ pattern: '^[\\x21-\\x7e]{1,128}$', description: 'Of your choice. Kept for 7 days.' });
const etag = (description: string) => Type.Optional(Type.String({ maxLength: 256, description }));
export const SubmitHeaders = Type.Object({ 'idempotency-key': Type.Optional(key) });
export const ChangeHeaders = Type.Object({ 'if-match': etag('The ETag of the lease as you know it.') });
export const ReadHeaders = Type.Object({ 'if-none-match': etag('The ETag of what you have.') });

// ---- out ---------------------------------------------------------------------------------------------------------

const at = Type.String({ format: 'date-time' });
const span = Type.String({ description: 'ISO 8601 duration' });
const nodes = Type.String({ description: 'Nodes of the VMs in their order: `1-3 5`' });
const amounts = Type.Record(Type.String(), Type.Number());

export const Reason = strict({
  code: Type.String(),
  message: Type.String(),
  blockers: Type.Array(Type.String(), { description: 'Lease ids, or `node:<number>`.' }),
  more: Type.Integer({ description: 'How many further blockers there are.' }),
  resource: orNull(Type.String()),
  need: orNull(Type.Number()),
  have: orNull(Type.Number()),
  earliestRelease: orNull(at, 'When this reason is planned to hold no longer.'),
});

const Span = strict({
  from: at,
  until: orNull(at, 'null: it goes on'),
  vms: Type.String({ description: 'Numbers of the VMs: `1-4`' }),
  nodes,
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
    strict({ name: orNull(Type.String()), vms: Type.Integer(), resources: amounts, image: orNull(Type.String()) }),
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

export const Node = strict({
  number: Type.Integer(),
  name: Type.String(),
  status: oneOf(['up', 'draining', 'lost', 'gone'] as const),
  load: oneOf(LOAD_CLASSES, 'How busy it was seen to be last.'),
  capacity: amounts,
  used: amounts,
  exclusive: Type.Boolean(),
  labels: Type.Record(Type.String(), Type.String()),
  leases: Type.Array(Type.String(), { description: 'Leases with VMs on it.' }),
});
export type NodeView = Static<typeof Node>;

export const Bar = strict({
  lease: Type.String(),
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

const page = <T extends TSchema>(item: T) => strict({ items: Type.Array(item), nextPageToken: orNull(Type.String()) });
export const LeasePage = page(Type.Ref('Lease'));
export const NodePage = page(Type.Ref('Node'));
export const Schedule = strict({
  at: Type.String({ format: 'date-time', description: 'The present: bars before it are facts, those after it plans.' }),
  from: at,
  to: at,
  items: Type.Array(Type.Ref('Bar')),
  nextPageToken: orNull(Type.String()),
});

const digest = Type.String({ description: 'SHA-256, in hex.' });
export const Checkpoint = strict(
  {
    checkpoint: Type.Literal(1),
    log: Type.String({ description: 'Which log: the hash of its first turn.' }),
    position: Type.Integer(),
    hash: digest,
    time: at,
    key: Type.String({ description: 'Which key signed it.' }),
    next: Type.Optional(Type.String({ description: 'The key that signs from now on (SPKI, base64).' })),
    signature: Type.String({ description: 'Ed25519, base64.' }),
  },
  { description: 'A signed checkpoint, as it is in the file of checkpoints.' },
);
export const AuditHead = strict({
  position: Type.Integer({ description: 'The last turn.' }),
  hash: digest,
  log: orNull(Type.String(), 'Which log: the hash of its first turn; null: it has none.'),
  epoch: Type.Integer({ description: 'Counts the services that have taken the log over.' }),
  time: Type.String({ format: 'date-time', description: 'Of the last turn.' }),
  checkpoint: orNull(Type.Ref('Checkpoint'), 'The last that was signed.'),
});
export const CheckpointPage = strict({ items: Type.Array(Type.Ref('Checkpoint')) });

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: oneOf(Object.keys(PROBLEMS)),
    detail: Type.String(),
    instance: Type.String(),
    requestId: Type.String(),
    retryable: Type.Boolean(),
    errors: Type.Array(strict({ pointer: Type.String(), detail: Type.String() })),
    leader: Type.Optional(orNull(Type.String({ description: 'Where the leader is; null: there is none just now.' }))),
    lease: Type.Optional(Type.Ref('Lease')),
    reasons: Type.Optional(Type.Array(Type.Ref('Reason'))),
    alternatives: Type.Optional(
      Type.Array(strict({ start: strict({ kind: Type.Literal('advance'), at }) }), {
        description: 'Starts that would have been accepted at that moment.',
      }),
    ),
  },
  { additionalProperties: false, description: 'RFC 9457; docs/errors.md explains every code.' },
);

/** The schemas that have a name in the OpenAPI document. */
export const NAMED: Readonly<Record<string, TSchema>> = {
  LeaseRequest,
  Lease,
  Reason,
  Decisions,
  Node,
  Bar,
  Checkpoint,
  Problem: ProblemSchema,
};
