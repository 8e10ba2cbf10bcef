/** Quotes and counter-offers. */

import { type Static, Type } from 'typebox';
import { at, nodes, oneOf, orNull, span, strict } from './fields.js';
import type { ReasonView } from './lease.js';

export const CounterOffer = strict(
  {
    kind: oneOf(
      ['less', 'shorter', 'later', 'elsewhere'] as const,
      'Fewer VMs, a shorter time, a later start, or any nodes instead of those asked for.',
    ),
    vms: Type.Optional(Type.Integer()),
    duration: Type.Optional(span),
    start: Type.Optional(
      Type.Union([
        strict({ kind: Type.Literal('advance'), at }),
        strict({ kind: Type.Literal('deadline'), notBefore: at, by: at }),
      ]),
    ),
    where: Type.Optional(Type.Null()),
    begins: at,
  },
  { description: 'The members of the request that would be otherwise, and when the lease would begin then.' },
);

export type CounterOfferView = Static<typeof CounterOffer>;

export const Quote = strict({
  id: Type.String({ description: 'For `commit` when the lease is asked for.' }),
  feasible: Type.Boolean({ description: 'Whether it would be accepted.' }),
  earliestStart: orNull(at, 'When it is expected to begin; null: that is not known, or never.'),
  latest: orNull(at, 'When it begins at the latest; null: nothing is promised.'),
  nodes: orNull(nodes, 'null: they are chosen later'),
  preempts: Type.Array(Type.String(), { description: 'Leases that would make room.' }),
  preemptsOthers: Type.Integer({ description: 'How many more would, of others.' }),
  price: orNull(Type.Number(), 'In currency units; null: it is not priced.'),
  approval: Type.Boolean({
    description: 'It would wait for an approval first; what is said here is as if it had that at once.',
  }),
  reasons: Type.Array(Type.Ref('Reason'), { description: 'Why it cannot be had, or would wait.' }),
  alternatives: Type.Array(Type.Ref('CounterOffer'), { description: 'What could be had instead, at that turn.' }),
  basedOn: Type.Integer({ description: 'The turn of the log.' }),
  validUntil: at,
});

export interface QuoteView extends Omit<Static<typeof Quote>, 'reasons' | 'alternatives'> {
  readonly reasons: readonly ReasonView[];
  readonly alternatives: readonly CounterOfferView[];
}
