/** The one table of legal transitions, for leases and for their VMs. `evolve` goes through it, and through nothing else. */

export type Phase =
  | 'waiting'
  | 'reserved'
  | 'starting'
  | 'active'
  | 'suspending'
  | 'suspended'
  | 'resuming'
  | 'stopping'
  | 'over';

/** How a lease ended. */
export type Outcome = 'done' | 'rejected' | 'cancelled' | 'failed' | 'expired';

export type VmPhase =
  | 'absent'
  | 'starting'
  | 'running'
  | 'suspending'
  | 'suspended'
  | 'migrating'
  | 'resuming'
  | 'stopping'
  | 'lost';

/** `suspended` leases stand in the queue for their resumption, with or without a reservation for it. */
export const LEASE_TRANSITIONS: Readonly<Record<Phase, readonly Phase[]>> = {
  waiting: ['reserved', 'starting', 'over'],
  reserved: ['waiting', 'starting', 'over'],
  starting: ['active', 'stopping', 'waiting', 'over'],
  active: ['suspending', 'stopping', 'waiting', 'over'],
  suspending: ['suspended', 'stopping', 'waiting', 'over'],
  suspended: ['resuming', 'stopping', 'waiting', 'over'],
  resuming: ['active', 'stopping', 'waiting', 'over'],
  stopping: ['waiting', 'over'],
  over: [],
};

export const VM_TRANSITIONS: Readonly<Record<VmPhase, readonly VmPhase[]>> = {
  absent: ['starting'],
  starting: ['running', 'stopping', 'absent', 'lost'],
  running: ['suspending', 'stopping', 'absent', 'lost'],
  suspending: ['suspended', 'running', 'stopping', 'absent', 'lost'],
  suspended: ['migrating', 'resuming', 'stopping', 'absent', 'lost'],
  migrating: ['suspended', 'stopping', 'absent', 'lost'],
  resuming: ['running', 'suspended', 'stopping', 'absent', 'lost'],
  stopping: ['absent', 'lost'],
  lost: ['absent'],
};

export function leaseMay(from: Phase, to: Phase): boolean {
  return LEASE_TRANSITIONS[from].includes(to);
}

export function vmMay(from: VmPhase, to: VmPhase): boolean {
  return VM_TRANSITIONS[from].includes(to);
}
