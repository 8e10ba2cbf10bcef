/** The machines of a simulated cluster: which VMs are where, and how their leases' true clocks run. */

import { has, invariant, size } from '../../engine/index.js';
import type { Duration, Instant, LeaseId, Runs, VmPhase } from '../../engine/index.js';
import { ENDS, type Future } from './future.js';
import { Gang, isOn, takesRoom, type GangRecord } from './gang.js';
import { Nodes, partsOf } from './nodes.js';
import type { Timeline } from './timeline.js';

export class Machines {
  readonly nodes = new Nodes();
  /** Leases that have VMs, or of which it is known how long they will truly run. */
  readonly gangs = new Map<LeaseId, Gang>();

  constructor(
    private readonly timeline: Timeline<Future>,
    private readonly sharedImages: boolean,
  ) {}

  /** What was said first of a lease stands. */
  expect(lease: LeaseId, run: Duration | null): void {
    if (run !== null && !this.gangs.has(lease)) this.gangs.set(lease, new Gang(lease, run));
  }

  /** Leases that have VMs on nodes. */
  get leasesOnNodes(): readonly LeaseId[] {
    const leases: LeaseId[] = [];
    for (const gang of this.gangs.values()) if (gang.onNodes(null).length > 0) leases.push(gang.lease);
    return leases;
  }

  /** Leases that have VMs, or images of some. */
  get leasesThere(): readonly LeaseId[] {
    const leases: LeaseId[] = [];
    for (const gang of this.gangs.values()) if (gang.isThere()) leases.push(gang.lease);
    return leases;
  }

  /** The lease's VMs on paper; null: it has none. */
  record(lease: LeaseId): GangRecord | null {
    return this.gangs.get(lease)?.record() ?? null;
  }

  /** The lease's VMs; if it has none that are known, a gang that is kept once it is started. */
  gangOf(lease: LeaseId): Gang {
    return this.gangs.get(lease) ?? new Gang(lease, null);
  }

  /** The gang has VMs from now on. */
  keep(gang: Gang): void {
    if (!this.gangs.has(gang.lease)) this.gangs.set(gang.lease, gang);
  }

  /** The lease will not start again, unless it has VMs. */
  forget(lease: LeaseId): void {
    if (this.gangs.get(lease)?.order === null) this.gangs.delete(lease);
  }

  /** The lease may start again, but unless it has VMs or a true run time, there is nothing to know. */
  drop(gang: Gang): void {
    if (gang.run === null) this.forget(gang.lease);
  }

  /** The room of these VMs (null: of all) is free again. */
  leave(gang: Gang, vms: Runs | null): void {
    const leaving = gang.onNodes(vms);
    if (leaving.length === 0) return;
    const all = size(leaving) === gang.vms;
    this.nodes.give(all ? gang.parts : partsOf(gang.groups, gang.nodes, leaving), gang.unitsOf(leaving));
  }

  /**
   * Everything on the node is gone, but for what waits for it where it is only lost; VMs elsewhere run on, though their
   * lease's clock does not. O(gangs).
   */
  evict(node: number, why: 'lost' | 'gone', now: Instant): void {
    for (const gang of this.gangs.values()) {
      if (gang.order === null || !has(gang.nodes, node) || (gang.waits && why === 'lost')) continue;
      const isHere = isOn(gang.nodes, node);
      const vms = gang.which(null, (phase, vm) => isHere(vm) && (takesRoom(phase) || this.losesImage(phase)));
      if (vms.length === 0) continue;
      this.stopClock(gang, now);
      this.leave(gang, vms);
      gang.set(vms, 'lost');
      if (gang.isThere()) continue;
      gang.clear();
      this.drop(gang);
    }
  }

  /** The clock runs while all VMs do. */
  startClock(gang: Gang, now: Instant): void {
    if (!gang.all('running')) return;
    gang.since = now;
    this.expectEnd(gang);
  }

  stopClock(gang: Gang, now: Instant): void {
    if (gang.since === null) return;
    gang.used += now - gang.since;
    gang.since = null;
    if (gang.end !== null) this.timeline.callOff(gang.end);
    gang.end = null;
  }

  /** VMs that have outlived an earlier life: they run on, with their own instants. */
  restore(lease: LeaseId, record: GangRecord): void {
    const gang = Gang.from(lease, record);
    const vms = gang.onNodes(null);
    const fits = this.nodes.take(partsOf(gang.groups, gang.nodes, vms), gang.unitsOf(vms));
    invariant(fits, 'the VMs of a journal fit the nodes of the site');
    this.gangs.set(lease, gang);
    this.expectEnd(gang);
  }

  /** It never gets more than its duration: a lease that would truly run longer runs until it is stopped. */
  private expectEnd(gang: Gang): void {
    const { run, since, duration, used } = gang;
    if (run === null || since === null || run > duration) return;
    gang.end = this.timeline.add(since + run - used, ENDS, gang);
  }

  private losesImage(phase: VmPhase): boolean {
    return phase === 'suspended' && !this.sharedImages;
  }
}
