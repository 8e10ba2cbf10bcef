/** Quotas: how much one user, or one project, may have at a time. */

/** Of all leases of the account that are not over, waiting and reserved ones included; null: no limit. */
export interface Quota {
  readonly leases: number | null;
  readonly vms: number | null;
  /** Thousandths of a cpu. */
  readonly cpu: number | null;
  /** How many of the leases may be advance leases. */
  readonly advance: number | null;
}

/** Per user and per project; a lease must keep within both. Those of nobody have no quota. */
export interface Quotas {
  readonly user: Quota | null;
  readonly project: Quota | null;
  /** Of projects that have one of their own, instead of `project`. Absent: none has. */
  readonly projects?: Readonly<Record<string, Quota>>;
}

/** What the account may have; null: no limit. */
export function quotaOf(quotas: Quotas, kind: 'user' | 'project', account: string): Quota | null {
  const { projects } = quotas;
  if (kind === 'project' && projects !== undefined && Object.hasOwn(projects, account)) return projects[account]!;
  return quotas[kind];
}

export const QUOTA_MAX = 1_000_000_000_000;
/** Whether anybody has one. */
export function hasQuotas({ user, project, projects }: Quotas): boolean {
  return user !== null || project !== null || projects !== undefined;
}

/** So many projects have a quota of their own. */
export const OWN_QUOTAS_MAX = 1_000;
export const NO_QUOTAS: Quotas = { user: null, project: null };
