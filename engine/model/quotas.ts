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
}

export const QUOTA_MAX = 1_000_000_000_000;
export const NO_QUOTAS: Quotas = { user: null, project: null };
