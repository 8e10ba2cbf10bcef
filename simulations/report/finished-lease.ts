/** A lease that is over, with what happened to it: what metrics and reports are made of. Times in milliseconds. */

import type { Outcome, Reason, Runs, Start, Terms } from '../../engine/index.js';

/** A stretch of time in which all VMs ran: VM i on the i-th node of `nodes`. */
export interface Run {
  readonly start: number;
  readonly end: number;
  readonly nodes: Runs;
  /** Of all its VMs together, in thousandths, where that is not what it had in the end. */
  readonly cpu?: number;
}

/** Some VMs being suspended or resumed: the i-th VM of `vms` on the i-th node of `nodes`. */
export interface Step {
  readonly start: number;
  readonly end: number;
  readonly vms: Runs;
  readonly nodes: Runs;
}

export interface Migration {
  readonly start: number;
  readonly end: number;
  readonly moves: readonly { readonly vm: number; readonly from: number; readonly to: number }[];
}

/** A disk image on its way to nodes: the i-th VM of `vms` is to start from it on the i-th node of `nodes`. */
export interface Transfer {
  readonly start: number;
  readonly end: number;
  readonly image: string;
  readonly vms: Runs;
  readonly nodes: Runs;
}

/** What a lease costs, where leases are priced. */
export interface Price {
  /** What is asked for it, surcharge included. */
  readonly asked: number;
  /** The part that pays for the leases that make room. */
  readonly surcharge: number;
  /** What its user would have paid; null: that is not known. */
  readonly worth: number | null;
  /** The user found it too dear: the lease is rejected for that. */
  readonly declined: boolean;
}

export interface FinishedLease {
  readonly id: string;
  readonly kind: Start['kind'];
  readonly state: Outcome;
  readonly submit: number;
  /** When it first ran; null: never. */
  readonly start: number | null;
  /** When it was over, its VMs shut down; when it last ran where it did not complete; null: it never ran. */
  readonly end: number | null;
  readonly vms: number;
  /** Cpu of all its VMs together, in thousandths. */
  readonly cpu: number;
  /** The duration asked for. */
  readonly requested: number;
  readonly runs: readonly Run[];
  /** How often it had to make room: suspended, or stopped and queued again. */
  readonly preemptions: number;
  readonly suspensions: readonly Step[];
  readonly resumptions: readonly Step[];
  readonly shutdowns: readonly Step[];
  readonly migrations: readonly Migration[];
  readonly transfers: readonly Transfer[];
  readonly reasons: readonly Reason[];
  readonly terms: Terms;
  readonly price?: Price;
}
