/** Phases of leases and of their VMs, and the clock that runs while all VMs do. */

import { invariant } from '../kit/assert.js';
import { added } from '../kit/lists.js';
import { type Runs, toSet } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import type { VmSet } from '../model/events.js';
import { leaseMay, type Phase, type VmPhase, vmMay } from '../model/lifecycle.js';
import { type Lease, NO_VMS, type Span } from './live-lease.js';

/** The only place where a lease's phase changes. */
export function enter(lease: Lease, phase: Phase): void {
  invariant(leaseMay(lease.phase, phase), `a lease does not go from ${lease.phase} to ${phase}`);
  lease.phase = phase;
  if (phase !== 'active') lease.paused = NO_VMS; // whatever comes next is done to VMs that run
}

/** The only place where VMs change phase. VMs that are `lost` or already there are passed over. */
export function setVms(lease: Lease, vms: VmSet, phase: VmPhase): void {
  if (vms === null && lease.vmPhases === null) {
    if (lease.vmPhase === phase || (lease.vmPhase === 'lost' && phase !== 'absent')) return;
    invariant(vmMay(lease.vmPhase, phase), `a VM does not go from ${lease.vmPhase} to ${phase}`);
    lease.vmPhase = phase;
  } else setEach(lease, vms, phase);
}

function setEach(lease: Lease, vms: VmSet, phase: VmPhase): void {
  const each = lease.vmPhases ?? new Array<VmPhase>(lease.vms).fill(lease.vmPhase);
  forEachVm(lease, vms, (vm) => {
    const before = each[vm - 1]!;
    if (before === phase || (before === 'lost' && phase !== 'absent')) return;
    invariant(vmMay(before, phase), `a VM does not go from ${before} to ${phase}`);
    each[vm - 1] = phase;
  });
  const first = each[0]!;
  if (each.every((one) => one === first)) {
    lease.vmPhases = null;
    lease.vmPhase = first;
  } else lease.vmPhases = each;
}

/** Whether every VM is in `phase`. */
export function allVms(lease: Lease, phase: VmPhase): boolean {
  return lease.vmPhases === null && lease.vmPhase === phase;
}

/** Whether all its VMs run, and nothing else is under way for it. */
export function runsFreely(lease: Lease): boolean {
  return (
    lease.phase === 'active' &&
    allVms(lease, 'running') &&
    lease.plan === null &&
    lease.pending.length === 0 &&
    lease.paused.length === 0 &&
    lease.trouble === null &&
    !lease.cancelled
  );
}

export function forEachVm(lease: Lease, vms: VmSet, visit: (vm: number) => void): void {
  const runs: Runs = vms ?? [1, lease.vms];
  for (let i = 0; i < runs.length; i += 2)
    for (let vm = Math.max(1, runs[i]!); vm <= Math.min(lease.vms, runs[i + 1]!); vm++) visit(vm);
}

export function startClock(lease: Lease, at: Instant): void {
  lease.clockFrom = at;
  if (lease.firstStart === null) lease.firstStart = at;
  lease.spans = added(lease.spans, { kind: 'run', from: at, until: null, vms: null, nodes: lease.nodes!, to: null });
}

/** Stops the clock at `at`; what has run is taken off what remains. */
export function stopClock(lease: Lease, at: Instant): void {
  if (lease.clockFrom === null) return;
  const stopped = Math.max(at, lease.clockFrom);
  lease.remaining = Math.max(0, lease.remaining - (stopped - lease.clockFrom));
  lease.clockFrom = null;
  for (const span of lease.spans) if (span.until === null) span.until = stopped;
}

/** Notes what VMs did; those that did the same at the same time share a span. */
export function note(
  lease: Lease,
  kind: Span['kind'],
  from: Instant,
  until: Instant,
  vms: readonly number[],
  to: Runs | null = null,
): void {
  const same = lease.spans.find((span) => span.kind === kind && span.from === from && span.until === until);
  if (same === undefined) lease.spans.push({ kind, from, until, vms, nodes: lease.nodes!, to });
  else if (same.vms !== null) same.vms = toSet([...same.vms, ...vms]);
}
