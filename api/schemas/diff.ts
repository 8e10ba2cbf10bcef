/** What has changed between two instants. */

import { type Static, Type } from 'typebox';
import { at, listQuery, oneOf, orNull, strict } from './fields.js';

const instant = (description: string) => Type.String({ maxLength: 64, description });

export const DiffQuery = strict({
  from: instant('The earlier instant: the number of a turn, or a time.'),
  to: Type.Optional(instant('The later one; the present, if left out.')),
  ...listQuery,
});

const members = Type.Record(Type.String(), Type.Unknown());

export const Change = strict({
  what: oneOf(['policy', 'node', 'lease'] as const),
  id: Type.String({ description: 'Of the lease; the number of the node; `policy`.' }),
  change: oneOf(['appeared', 'changed', 'ended'] as const, 'A lease that came and ended in between has appeared.'),
  members: Type.Array(Type.String(), { description: 'Those that are different.' }),
  before: orNull(members, 'What they were; null: it was not there.'),
  after: members,
});

export type ChangeView = Static<typeof Change>;

const end = strict({ turn: Type.Integer(), at });

export const Diff = strict({
  from: end,
  to: end,
  items: Type.Array(Change, { description: 'The policy, then nodes by number, then leases in order of arrival.' }),
  nextPageToken: orNull(Type.String()),
});
