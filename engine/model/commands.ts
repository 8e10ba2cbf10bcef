/** Commands: what a client or operator asks of the scheduler, and how it is answered. */

import type { Capacity } from '../kit/capacity.js';
import type { Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { LeaseId, Terms } from './lease.js';
import type { Policy } from './policy.js';
import type { Act, Claimant, Decision, Request, Traced, VmSet } from './events.js';
import type { Maintenance, NodeClass, ResourceType } from './site.js';

/** Its trace goes into the log with the requests that it leads to. */
export type Command = Traced & Wish;

type Wish =
  | {
      readonly type: 'SubmitLease';
      /** Chosen by whoever sends the command; never used before in this log. */
      readonly lease: LeaseId;
      readonly terms: Terms;
      readonly key: { readonly id: string; readonly hash: string } | null;
      /** A series of advance leases, one every so often: their ids are `lease` with `-1`, `-2`, … behind it. */
      readonly repeat?: Repeat;
    }
  | { readonly type: 'CancelLease'; readonly lease: LeaseId }
  /** A lease that waits is passed over until it is released. */
  | { readonly type: 'HoldLease'; readonly lease: LeaseId }
  | { readonly type: 'ReleaseLease'; readonly lease: LeaseId }
  /** `by`: who decides that. A lease that waits for no approval stays as it is. */
  | { readonly type: 'ApproveLease'; readonly lease: LeaseId; readonly by: string }
  | { readonly type: 'RejectLease'; readonly lease: LeaseId; readonly by: string; readonly text: string | null }
  /** A lease that runs is saved as soon as that can be, and stays so until it is resumed. */
  | { readonly type: 'SuspendLease'; readonly lease: LeaseId }
  | { readonly type: 'ResumeLease'; readonly lease: LeaseId }
  /** What is done to VMs of a lease that runs, which goes on; `vms`: to these, null: to all. */
  | {
      readonly type: 'ActOnLease';
      readonly lease: LeaseId;
      readonly act: Act;
      readonly vms: VmSet;
      readonly to?: string;
    }
  /**
   * Every VM has this much from then on: `demands[g]` those of group g. `cold`: they may be stopped for it, where it takes that.
   * `revertAfter`: they go back after so long, unless somebody confirms what they have then. `approver`: who asks, and may approve
   * that where it needs an approval.
   */
  | {
      readonly type: 'ResizeLease';
      readonly lease: LeaseId;
      readonly demands: readonly Capacity[];
      readonly cold?: boolean;
      readonly revertAfter?: Duration;
      readonly approver?: string;
    }
  /** See LeaseResizeSettled. */
  | { readonly type: 'SettleResize'; readonly lease: LeaseId; readonly how: 'confirm' | 'revert' }
  /** See LeaseRecoveryRequested. */
  | { readonly type: 'RecoverLease'; readonly lease: LeaseId; readonly how: 'retry' | 'recreate' | 'force' }
  /** VMs of a lease that runs go to other nodes, without stopping. `vms`: only these; `nodes`: nowhere else, null: elsewhere. */
  | {
      readonly type: 'MigrateLease';
      readonly lease: LeaseId;
      readonly vms?: Runs;
      readonly nodes: readonly number[] | null;
    }
  /** The lease is to last so long, all in all. `approver`: who asks, and may approve that where it needs an approval. */
  | {
      readonly type: 'ChangeDuration';
      readonly lease: LeaseId;
      readonly duration: Duration;
      readonly approver?: string;
    }
  /** Its time is to be over so much later, or earlier, than it would be, or then. */
  | {
      readonly type: 'ExtendLease' | 'ShrinkLease';
      readonly lease: LeaseId;
      readonly to: { readonly by: Duration } | { readonly until: Instant } | { readonly duration: Duration };
      readonly approver?: string;
    }
  | { readonly type: 'AddNodes'; readonly nodes: Omit<NodeClass, 'first' | 'leasable'> }
  /** A merge patch: null takes a label off. */
  | { readonly type: 'LabelNode'; readonly node: number; readonly labels: Readonly<Record<string, string | null>> }
  /** Nobody is on these nodes over [from, until); `force`: also where a promise would be broken. */
  | ({ readonly type: 'PlanMaintenance'; readonly force: boolean } & Maintenance)
  | { readonly type: 'CancelMaintenance'; readonly window: string }
  /**
   * `by`: nobody is on it from then on; `force`: also where a promise would be broken. `how`: what is done at once with those
   * that are there; absent: nothing.
   */
  | {
      readonly type: 'DrainNode';
      readonly node: number;
      readonly by?: Instant;
      readonly force?: boolean;
      readonly how?: 'migrate' | 'suspend';
    }
  | { readonly type: 'RestoreNode'; readonly node: number }
  | { readonly type: 'RemoveNode'; readonly node: number }
  /** Its host is off for certain. */
  | { readonly type: 'GiveUpNode'; readonly node: number }
  /** `over`: only where this is the policy in force, since it was made from that; absent: whatever is. */
  | { readonly type: 'AdoptPolicy'; readonly policy: Policy; readonly over?: Policy }
  | { readonly type: 'DeclareSite'; readonly resources: readonly ResourceType[] }
  | {
      readonly type: 'KeepNote';
      readonly key: string;
      readonly value: string | null;
      /** What is kept under the key must be this now; null: nothing may be. If left out, it may be anything. */
      readonly expected?: string | null;
    }
  | ({ readonly type: 'ClaimEpoch'; readonly epoch: number } & Claimant);

export interface Repeat {
  readonly every: Duration;
  /** How many leases, the first included: 1 to REPEAT_MAX. */
  readonly times: number;
}

export const REPEAT_MAX = 366;

/** Notes: letters of a key and of a value, and how many there may be. */
export const NOTE_KEY_MAX = 128;
export const NOTE_VALUE_MAX = 8192;
export const NOTES_MAX = 100_000;

export type RejectionCode =
  | 'terms-invalid'
  | 'start-in-past'
  | 'lease-exists'
  | 'lease-unknown'
  | 'lease-state'
  | 'quota-exceeded'
  | 'key-reused'
  | 'node-unknown'
  | 'node-state'
  | 'node-in-use'
  | 'window-unknown'
  | 'site-invalid'
  | 'policy-invalid'
  | 'note-invalid'
  | 'note-stale'
  | 'policy-changed'
  | 'epoch-stale';

/** A command not accepted: nothing is logged. `pointer` is a JSON pointer into the terms, where one member is at fault. */
export interface Rejection {
  readonly code: RejectionCode;
  readonly detail: string;
  readonly pointer: string | null;
}

/** What `decide` says to a command. `repeat`: the same key and body as before; the first answer stands. */
export type Decided =
  | { readonly ok: true; readonly requests: readonly Request[] }
  | { readonly ok: true; readonly repeat: LeaseId; readonly requests: readonly [] }
  | { readonly ok: false; readonly rejection: Rejection };

/** What a client learns once the turn is durable: the verdict, and the turn's decisions on its lease. */
export interface Answer {
  readonly command: Command;
  readonly decided: Decided;
  readonly turn: number;
  readonly decisions: readonly Decision[];
}
