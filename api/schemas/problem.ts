/** Problems, as they are told. */

import { Type } from 'typebox';
import { PROBLEMS } from '../problems.js';
import { amounts, oneOf, orNull, strict } from './fields.js';

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
    turn: Type.Optional(Type.Integer({ description: 'How far the history has been read.' })),
    turns: Type.Optional(orNull(Type.Integer({ description: 'How long the history is; null: not known yet.' }))),
    lease: Type.Optional(Type.Ref('Lease')),
    reasons: Type.Optional(Type.Array(Type.Ref('Reason'))),
    largest: Type.Optional(
      Type.Array(amounts, {
        description: 'How large its VMs could be, by group: so much is free on their nodes just now.',
      }),
    ),
    longest: Type.Optional(Type.String({ description: 'The longest duration for which its nodes are free just now.' })),
    alternatives: Type.Optional(
      Type.Array(Type.Ref('CounterOffer'), { description: 'What could be had instead, just now.' }),
    ),
    quote: Type.Optional(Type.Ref('Quote')),
  },
  { additionalProperties: false, description: 'RFC 9457; docs/errors.md explains every code.' },
);
