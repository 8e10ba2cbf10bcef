/** Tokens, projects, users, and who is asking. */

import { type Static, Type } from 'typebox';
import { QUOTA_MAX } from '../../engine/index.js';
import { ROLES, SCOPES } from '../access/caller.js';
import { account, at, duration, oneOf, orNull, page, strict } from './fields.js';

const role = oneOf(ROLES);
const scope = oneOf(SCOPES);
const roles = Type.Array(role, { minItems: 1, maxItems: ROLES.length });
const title = Type.String({ maxLength: 128, pattern: '^[^\\x00-\\x1f\\x7f]*$' });

export const TokenRequest = strict(
  {
    name: Type.Optional(title),
    subject: Type.Optional(account),
    project: Type.Optional(account),
    roles: Type.Optional(roles),
    scopes: Type.Optional(
      Type.Array(scope, {
        minItems: 1,
        maxItems: SCOPES.length,
        description: 'What the token is limited to; if left out, all that its roles allow.',
      }),
    ),
    expiresIn: Type.Optional(duration('How long it is valid: 90 days if left out, 366 days at most.')),
  },
  { description: 'What is left out is as with whoever asks. Nobody gives more than they have.' },
);

const tokenMembers = {
  id: Type.String(),
  name: Type.String(),
  subject: Type.String(),
  project: orNull(Type.String()),
  roles: Type.Array(role),
  scopes: orNull(Type.Array(scope), 'null: all that the roles allow.'),
  state: oneOf(['valid', 'expired', 'revoked'] as const),
  created: at,
  expires: at,
  by: Type.String({ description: 'Who made it.' }),
  revoked: orNull(strict({ at, by: Type.String() })),
};
export const Token = strict(tokenMembers);
export type TokenView = Static<typeof Token>;

export const NewToken = strict({
  ...tokenMembers,
  token: Type.String({ description: 'To be sent as `Authorization: Bearer …`. Shown this once.' }),
});
export type NewTokenView = Static<typeof NewToken>;

export const TokenParams = strict({ id: Type.String({ pattern: '^[a-z0-9]{8}$' }) });
export const TokenPage = page(Type.Ref('Token'));

const limit = (most: number) => orNull(Type.Integer({ minimum: 0, maximum: most }));
const limits = {
  leases: limit(QUOTA_MAX),
  vms: limit(QUOTA_MAX),
  cpu: orNull(Type.Number({ minimum: 0, maximum: QUOTA_MAX / 1000 })),
  advance: limit(QUOTA_MAX),
};
const Quota = strict(limits, {
  description: 'What leases of the project that are not over may have together; null: no limit.',
});
/** The members of which some are given. */
const QuotaChange = strict({
  leases: Type.Optional(limits.leases),
  vms: Type.Optional(limits.vms),
  cpu: Type.Optional(limits.cpu),
  advance: Type.Optional(limits.advance),
});

export type QuotaView = Static<typeof Quota>;
export type QuotaChange = Static<typeof QuotaChange>;

export const ProjectRequest = strict({
  name: account,
  title: Type.Optional(title),
  quota: Type.Optional(QuotaChange),
});

export const ProjectChange = strict(
  { title: Type.Optional(title), quota: Type.Optional(orNull(QuotaChange)) },
  { description: 'A merge patch (RFC 7396). `quota: null` gives back the quota that all projects have.' },
);

export const Project = strict({
  name: Type.String(),
  title: Type.String(),
  created: at,
  by: Type.String(),
  quota: orNull(Quota, 'Its own; null: that of all projects, which the policy says.'),
  used: strict({ leases: Type.Integer(), vms: Type.Integer(), cpu: Type.Number(), advance: Type.Integer() }),
});
export type ProjectView = Static<typeof Project>;

export const ProjectParams = strict({ name: account });
export const ProjectPage = page(Type.Ref('Project'));

export const User = strict({
  name: Type.String(),
  projects: Type.Array(Type.String(), { description: 'Of leases that they have, and of their valid tokens.' }),
  used: strict({ leases: Type.Integer(), vms: Type.Integer(), cpu: Type.Number(), advance: Type.Integer() }),
});
export type UserView = Static<typeof User>;
export const UserPage = page(Type.Ref('User'));

export const Me = strict({
  subject: Type.String(),
  roles: Type.Array(role),
  projects: Type.Array(Type.String()),
  scopes: Type.Array(scope),
  authenticated: oneOf(['admin-token', 'token', 'oidc'] as const, 'How.'),
  token: orNull(Type.String({ description: 'The id of the API token.' })),
  expires: orNull(at),
});
export type MeView = Static<typeof Me>;
