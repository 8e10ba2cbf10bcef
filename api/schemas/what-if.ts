/** What-ifs. */

import { type Static, Type } from 'typebox';
import { NODES_MAX } from '../../engine/index.js';
import { LIMITS } from '../config.js';
import { at, duration, oneOf, orNull, page, pageQuery, strict } from './fields.js';
import { LEASE_STATES } from './lease.js';
import { LeaseRequest } from './lease-request.js';
import { AnyPatch } from './policy.js';

const CHANGES_MAX = 100;
const numbers = Type.Array(Type.Integer({ minimum: 1, maximum: NODES_MAX }), { maxItems: CHANGES_MAX });

export const WhatIfRequest = strict(
  {
    policy: Type.Optional(AnyPatch),
    nodes: Type.Optional(
      strict({
        add: Type.Optional(
          Type.Array(Type.String({ maxLength: 512 }), {
            maxItems: CHANGES_MAX,
            description: 'As for `leasehold serve --nodes`: `8x cpu=8,memory=32GiB`.',
          }),
        ),
        drain: Type.Optional(numbers),
        remove: Type.Optional(numbers),
      }),
    ),
    leases: Type.Optional(
      strict({
        add: Type.Optional(Type.Array(LeaseRequest, { maxItems: CHANGES_MAX })),
        remove: Type.Optional(
          Type.Array(Type.String({ minLength: 1, maxLength: LIMITS.urlParameterLength }), { maxItems: CHANGES_MAX }),
        ),
      }),
    ),
    asOf: Type.Optional(
      Type.String({
        maxLength: 64,
        description: 'From this turn, or this time (RFC 3339), on; if left out, from now on.',
      }),
    ),
    horizon: Type.Optional(duration('Nothing is looked at behind it; if left out, until all leases are over.')),
  },
  { description: 'What would be otherwise: knobs of the policy, nodes and leases more or less.' },
);

export type WhatIfRequest = Static<typeof WhatIfRequest>;

const Totals = strict({
  leases: Type.Integer(),
  completed: Type.Integer(),
  rejected: Type.Integer(),
  expired: Type.Integer(),
  cancelled: Type.Integer(),
  failed: Type.Integer(),
  unfinished: Type.Integer({ description: 'Not over at `to`.' }),
  waitMean: orNull(Type.Number(), 'Seconds.'),
  boundedSlowdownMean: orNull(Type.Number()),
  preemptions: Type.Integer(),
  utilisation: Type.Number(),
});

export const WhatIf = strict({
  id: Type.String(),
  state: oneOf(['queued', 'running', 'done', 'failed', 'cancelled'] as const),
  progress: Type.Number({ description: '0 to 1' }),
  asked: at,
  basedOn: orNull(Type.Integer(), 'The turn of the log that it goes on from; null: it has not begun.'),
  detail: orNull(Type.String(), 'Why it failed.'),
  from: orNull(at),
  to: orNull(at),
  baseline: orNull(Totals, 'As it goes on by itself.'),
  variant: orNull(Totals, 'With what is otherwise.'),
  differences: orNull(Type.Integer(), 'How many leases go otherwise.'),
  notAccepted: Type.Array(strict({ command: Type.String(), detail: Type.String() })),
});

export type WhatIfView = Static<typeof WhatIf>;

const Course = strict({
  state: oneOf(LEASE_STATES),
  start: orNull(at),
  end: orNull(at),
  nodes: Type.String(),
  preemptions: Type.Integer(),
});

const seconds = (description: string) => orNull(Type.Number(), description);

export const LeaseDifference = strict({
  lease: Type.String(),
  baseline: orNull(Course),
  variant: orNull(Course),
  startsLater: seconds('Seconds; less than 0: earlier.'),
  endsLater: seconds('Seconds; less than 0: earlier.'),
});

export type LeaseDifferenceView = Static<typeof LeaseDifference>;

export const WhatIfBar = strict({
  lease: Type.String(),
  activity: oneOf(['run', 'suspension', 'migration', 'resumption', 'shutdown'] as const),
  from: at,
  until: orNull(at),
  nodes: Type.String(),
});

export const LeaseDifferencePage = page(LeaseDifference);
export const WhatIfBarPage = page(WhatIfBar);
export const WhatIfParams = strict({ id: Type.String({ minLength: 1, maxLength: LIMITS.urlParameterLength }) });
export const WhatIfPageQuery = strict(pageQuery);
export const WhatIfBarQuery = strict({
  of: Type.Optional(oneOf(['baseline', 'variant'] as const, 'Which of the two; if left out, `variant`.')),
  ...pageQuery,
});
