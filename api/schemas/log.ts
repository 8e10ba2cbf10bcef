/** The log: turns, checkpoints, its head. */

import { type Static, Type } from 'typebox';
import { at, orNull, page, pageQuery, strict } from './fields.js';

/** Up to 32 names, with commas. */
const list = (name: string, description: string) =>
  Type.Optional(Type.String({ maxLength: 1024, pattern: `^${name}(,${name}){0,31}$`, description }));

export const CheckpointQuery = strict({
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Checkpoints of later turns only.' })),
  page_size: pageQuery.page_size,
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
  type: list('[A-Z][A-Za-z]{1,63}', 'Only events of these types.'),
  lease: list('[A-Za-z0-9._-]{1,128}', 'Only events about these leases.'),
  project: list('[A-Za-z0-9][A-Za-z0-9._@-]{0,63}', 'Only events about leases of these projects.'),
});

export type EventsQuery = Static<typeof EventsQuery>;

export const EventsHeaders = Type.Object({
  'last-event-id': Type.Optional(Type.String({ pattern: '^(0|[1-9]\\d{0,15})$', description: 'The last turn seen.' })),
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

export const LeaseEvent = strict({
  turn: Type.Integer(),
  at,
  event: Type.Record(Type.String(), Type.Unknown(), {
    description:
      'As it was logged: times in milliseconds since 1970, amounts as the site counts them. What was asked for in a trace ' +
      'has the `traceparent` of that (W3C Trace Context).',
  }),
});

export const LeaseEventPage = page(LeaseEvent);
