/** What the names and labels of a workload may be, in every format. */

/** Ids of leases. */
export const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Names of disk images. */
export const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/;
/** How long the names of leases, users and projects may be. */
export const NAME_MAX = 64;
/** Labels of a lease, and how long their values may be. */
export const LABELS_MAX = 64;
export const LABEL_MAX = 256;
/** The label (Haizea: extra) that says what a user pays at most, in currency units per VM-hour. */
export const RATE_LABEL = 'simul_userrate';
