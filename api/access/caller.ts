/** Who sends a request: their name, what they may do, and whose leases they know of. */

export const ROLES = ['viewer', 'user', 'project-admin', 'operator', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** What a request may need. A token can be limited to some of them. */
export const SCOPES = [
  'leases:read',
  'leases:write',
  'leases:approve',
  'cluster:read',
  'cluster:write',
  'log:read',
  'policy:read',
  'policy:write',
  'projects:read',
  'projects:write',
  'users:read',
  'tokens:read',
  'tokens:write',
  'webhooks:read',
  'webhooks:write',
  'operation:read',
] as const;
export type Scope = (typeof SCOPES)[number];

const VIEWER: readonly Scope[] = ['leases:read', 'cluster:read', 'policy:read', 'projects:read', 'tokens:read'];
const USER: readonly Scope[] = [...VIEWER, 'leases:write', 'tokens:write', 'webhooks:read', 'webhooks:write'];

const SCOPES_OF: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: VIEWER,
  user: USER,
  'project-admin': [...USER, 'leases:approve', 'users:read'],
  operator: SCOPES,
  auditor: SCOPES.filter((scope) => scope.endsWith(':read')),
};

/** What the roles allow, within what a token is limited to; null: it is not. */
export function scopesOf(roles: readonly Role[], limitedTo: readonly Scope[] | null): ReadonlySet<Scope> {
  const allowed = new Set(roles.flatMap((role) => SCOPES_OF[role]));
  return limitedTo === null ? allowed : new Set(limitedTo.filter((scope) => allowed.has(scope)));
}

/** Whose a lease is. */
export interface Account {
  readonly user: string | null;
  readonly project: string | null;
}

/** How callers have shown who they are. `admin-token`: the credential in the file of this machine. `none`: not at all. */
export type Authenticated = 'admin-token' | 'token' | 'oidc' | 'none';

export interface CallerOptions {
  readonly subject: string;
  readonly roles: readonly Role[];
  readonly projects: readonly string[];
  readonly how: Authenticated;
  readonly tokenId?: string | null;
  /** What the token is limited to; null: all that the roles allow. */
  readonly scopes?: readonly Scope[] | null;
  readonly expires?: number | null;
}

export class Caller {
  readonly subject: string;
  readonly roles: readonly Role[];
  /** Their own, the first being what their leases belong to unless they say otherwise. */
  readonly projects: readonly string[];
  readonly how: Authenticated;
  readonly tokenId: string | null;
  readonly scopes: ReadonlySet<Scope>;
  /** When what was shown holds no longer, in milliseconds since 1970; null: it always does. */
  readonly expires: number | null;

  constructor({ subject, roles, projects, how, tokenId = null, scopes = null, expires = null }: CallerOptions) {
    this.subject = subject;
    this.roles = roles;
    this.projects = projects;
    this.how = how;
    this.tokenId = tokenId;
    this.scopes = scopesOf(roles, scopes);
    this.expires = expires;
  }

  can(scope: Scope): boolean {
    return this.scopes.has(scope);
  }

  has(role: Role): boolean {
    return this.roles.includes(role);
  }

  /** Operators and auditors: nothing is foreign to them. */
  get seesAll(): boolean {
    return this.has('operator') || this.has('auditor');
  }

  /** Whether leases of the project are theirs to see. What is foreign is answered as if it did not exist. */
  isOf(project: string): boolean {
    return this.seesAll || this.projects.includes(project);
  }

  /** Whether they know of a lease of `account`. */
  sees(account: Account): boolean {
    return this.seesAll || this.isNear(account);
  }

  /** Whether they may change a lease of `account` that they see: users their own, project admins those of their projects. */
  mayChange(account: Account): boolean {
    if (this.has('operator')) return true;
    return this.isNear(account) && (account.user === this.subject || this.has('project-admin'));
  }

  /** Whether they may say that a lease of `account` is to be had: operators, and project admins of those of their projects. */
  mayApprove(account: Account): boolean {
    if (!this.can('leases:approve')) return false;
    return this.has('operator') || (account.project !== null && this.has('project-admin') && this.isNear(account));
  }

  /**
   * It is of their projects; or their own and of none, where they have none either: else who makes a token for another in a
   * project could see by it what that one has elsewhere.
   */
  private isNear({ user, project }: Account): boolean {
    if (project !== null) return this.projects.includes(project);
    return this.projects.length === 0 && user === this.subject;
  }
}

/** Whoever has the file of the machine. */
export const ADMIN = new Caller({ subject: 'admin', roles: ['operator', 'auditor'], projects: [], how: 'admin-token' });

/** Whoever asks for what everybody may see. */
export const NOBODY = new Caller({ subject: 'nobody', roles: [], projects: [], how: 'none' });
