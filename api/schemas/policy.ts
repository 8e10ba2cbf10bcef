/** Policies, as policy files have them. */

import { type Static, Type } from 'typebox';
import { policySchema } from '../../simulations/policy-file.js';
import { at, page, strict } from './fields.js';

const { properties } = policySchema() as { readonly properties: Readonly<Record<string, object>> };

/** Knobs there are: no request names more. */
const KNOBS_MAX = Object.keys(properties).length;

/** What the document says of a patch; knobs are read one by one, so that each fault says what its knob takes. */
export const PolicyPatch = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: KNOBS_MAX,
  description: 'Knobs as in a policy file; those that are not named stay as they are. null: no value, or the default.',
  properties,
});

/** What is checked of a patch before its knobs are read. */
export const AnyPatch = Type.Object(
  {},
  { additionalProperties: Type.Unknown(), minProperties: 1, maxProperties: KNOBS_MAX },
);

export const Policy = strict({
  turn: Type.Integer({ description: 'The turn that brought it; also its ETag.' }),
  at,
  knobs: Type.Record(Type.String(), Type.Unknown(), { description: 'All knobs, as in a policy file.' }),
  changed: Type.Array(Type.String(), { description: 'Knobs that are not as they were before it.' }),
});

export type PolicyView = Static<typeof Policy>;

export const PolicyPage = page(Type.Ref('Policy'));
