/** What would follow from a request. */

import { type Static, Type } from 'typebox';
import { at, orNull, strict } from './fields.js';

const events = Type.Array(Type.Object({ type: Type.String() }, { additionalProperties: true }));

export const DryRun = strict(
  {
    dryRun: Type.Literal(true),
    basedOn: Type.Integer({ description: 'The turn of the log.' }),
    turn: orNull(
      strict({
        number: Type.Integer(),
        at,
        inputs: events,
        decisions: events,
        others: Type.Integer({ description: 'How many events are about leases of others, and not shown.' }),
      }),
      'The turn that would be logged, in the form of /v1/events; null: nothing would.',
    ),
    lease: orNull(Type.Ref('Lease'), 'The lease as it would be then; null: it is not about one.'),
  },
  { description: 'With `dryRun=true`: what would follow if nothing else came first. Nothing was done.' },
);

export type DryRunView = Static<typeof DryRun>;
