/** The log: turns, checkpoints, its head. */

import { Type } from 'typebox';
import { at, orNull, pageQuery, strict } from './fields.js';

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
});

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
