/** What the kinds of order do to the machines: how each begins, and what is true when it is done. */

import { compact, expand, InvariantError, invariant, nodesOf, size, unreachable } from '../../engine/index.js';
import type {
  ActOrdered,
  Duration,
  Instant,
  LiveMigrateOrdered,
  MigrateOrdered,
  Observation,
  ResizeOrdered,
  ResumeOrdered,
  StartOrdered,
  StopOrdered,
  SuspendOrdered,
  TransferOrdered,
} from '../../engine/index.js';
import type { Faults } from './faults.js';
import type { Enactment } from './future.js';
import { type Gang, moved, namedUnits } from './gang.js';
import type { Machines } from './machines.js';
import { type Part, partsOf } from './nodes.js';

/** How long it takes, or why it cannot be done, or null: not yet, its nodes are taken. */
export type Beginning = Duration | string | null;

export interface OrderRules {
  readonly bootMs: Duration;
  readonly stopMs: Duration;
  readonly sharedImages: boolean;
  readonly strict: boolean;
}

export class Orders {
  constructor(
    private readonly machines: Machines,
    private readonly faults: Faults,
    private readonly rules: OrderRules,
  ) {}

  begin(enactment: Enactment, now: Instant): Beginning {
    const { decision } = enactment.order;
    switch (decision.type) {
      case 'StartOrdered':
        return this.beginStart(enactment, decision, now);
      case 'SuspendOrdered':
        return this.beginSuspension(enactment, decision, now);
      case 'ResumeOrdered':
        return this.beginResumption(enactment, decision, now);
      case 'TransferOrdered':
        return this.beginTransfer(enactment, decision, now);
      case 'MigrateOrdered':
        return this.beginMigration(enactment, decision, now);
      case 'ActOrdered':
        return this.beginAct(enactment, decision, now);
      case 'ResizeOrdered':
        return this.beginResize(enactment, decision, now);
      case 'LiveMigrateOrdered':
        return this.beginLiveMigration(enactment, decision, now);
      case 'StopOrdered':
        return this.beginStop(enactment, decision, now);
      default:
        return unreachable(decision);
    }
  }

  /** What there is to say about it now that it is done, or has failed. */
  finish(enactment: Enactment, now: Instant): Observation {
    const { decision } = enactment.order;
    if (decision.type === 'StopOrdered') return this.finishStop(enactment, decision, now);
    if (decision.type === 'TransferOrdered') return this.finishTransfer(enactment, decision, now);
    if (decision.type === 'LiveMigrateOrdered') return this.finishLiveMigration(enactment, decision, now);
    if (decision.type === 'ResizeOrdered') return this.finishResize(enactment, decision, now);
    if (enactment.run !== enactment.gang.order) return failed(enactment, 'its VMs were lost', now);
    switch (decision.type) {
      case 'StartOrdered':
        return this.finishStart(enactment, decision, now);
      case 'SuspendOrdered':
        return this.finishSuspension(enactment, decision, now);
      case 'ResumeOrdered':
        return this.finishResumption(enactment, decision, now);
      case 'MigrateOrdered':
        return this.finishMigration(enactment, decision, now);
      case 'ActOrdered':
        return this.finishAct(enactment, decision, now);
      default:
        return unreachable(decision);
    }
  }

  // ---- start -----------------------------------------------------------------------------------------------------

  private beginStart(enactment: Enactment, decision: StartOrdered, now: Instant): Beginning {
    const { gang, order } = enactment;
    const { nodes, units } = decision;
    invariant(gang.onNodes(null).length === 0, 'a lease is started only when none of its VMs is left');
    const silent = this.machines.nodes.unreachable(nodes);
    if (silent !== null) return `node ${silent} does not answer`;
    const names = units === null ? NO_NAMES : namedUnits(units, nodes, [1, size(nodes)]);
    const parts = partsOf(order.terms.groups, nodes, null);
    if (!this.machines.nodes.take(parts, names)) return this.noRoom(enactment);
    gang.place(order.id, order.terms, nodes, parts, units);
    this.machines.keep(gang);
    gang.set(null, 'starting');
    this.draw(enactment, now);
    return this.rules.bootMs;
  }

  private finishStart(enactment: Enactment, decision: StartOrdered, now: Instant): Observation {
    const { gang } = enactment;
    const failure = enactment.failure ?? (gang.all('starting') ? null : 'a node was lost');
    if (failure !== null) {
      this.machines.leave(gang, null);
      gang.clear();
      this.machines.drop(gang);
      return failed(enactment, failure, now);
    }
    gang.set(null, 'running');
    this.machines.startClock(gang, now);
    return gang.say({ type: 'VmsStarted', at: now, lease: decision.lease, order: decision.order, vms: null });
  }

  // ---- suspend, resume -------------------------------------------------------------------------------------------

  private beginSuspension(enactment: Enactment, decision: SuspendOrdered, now: Instant): Beginning {
    const { gang, order } = enactment;
    if (!gang.isThere() || !gang.are(decision.vms, 'running'))
      return this.impossible(enactment, 'only VMs that run are suspended');
    this.draw(enactment, now);
    if (enactment.failure === null) {
      this.machines.stopClock(gang, now);
      gang.set(decision.vms, 'suspending');
    }
    return decision.until - order.issued;
  }

  private finishSuspension(enactment: Enactment, decision: SuspendOrdered, now: Instant): Observation {
    const { gang, failure, begun } = enactment;
    const { lease, order, vms } = decision;
    if (failure !== null) return failed(enactment, failure, now);
    if (!gang.are(vms, 'suspending')) {
      const left = gang.which(vms, (phase) => phase === 'suspending');
      gang.set(left, 'running');
      return failed(enactment, 'a node was lost', now);
    }
    this.machines.leave(gang, vms);
    gang.set(vms, 'suspended');
    return gang.say({ type: 'VmsSuspended', at: now, lease, order, vms, stoppedAt: begun });
  }

  private beginResumption(enactment: Enactment, decision: ResumeOrdered, now: Instant): Beginning {
    const { gang, order } = enactment;
    const { vms } = decision;
    if (!gang.isThere() || !gang.are(vms, 'suspended'))
      return this.impossible(enactment, 'only VMs that are suspended are resumed');
    const nodes = moved(gang.nodes, vms, decision.nodes);
    if (nodes !== gang.nodes && !this.rules.sharedImages)
      return this.impossible(enactment, 'VMs are resumed where their images lie');
    const parts = partsOf(gang.groups, nodes, vms);
    for (const part of parts) {
      const silent = this.machines.nodes.unreachable(part.nodes);
      if (silent !== null) return `node ${silent} does not answer`;
    }
    const names = decision.units === null ? NO_NAMES : namedUnits(decision.units, nodes, vms);
    if (!this.machines.nodes.take(parts, names)) return this.noRoom(enactment);
    if (nodes !== gang.nodes) gang.move(nodes);
    gang.units = decision.units; // VMs still suspended hold none
    gang.set(vms, 'resuming');
    this.draw(enactment, now);
    return decision.until - order.issued;
  }

  private finishResumption(enactment: Enactment, decision: ResumeOrdered, now: Instant): Observation {
    const { gang } = enactment;
    const { lease, order, vms } = decision;
    const failure = enactment.failure ?? (gang.are(vms, 'resuming') ? null : 'a node was lost');
    if (failure !== null) {
      const left = gang.which(vms, (phase) => phase === 'resuming');
      this.machines.leave(gang, left);
      gang.set(left, 'suspended');
      return failed(enactment, failure, now);
    }
    gang.set(vms, 'running');
    this.machines.startClock(gang, now);
    return gang.say({ type: 'VmsResumed', at: now, lease, order, vms });
  }

  // ---- images ----------------------------------------------------------------------------------------------------

  private beginTransfer(enactment: Enactment, decision: TransferOrdered, now: Instant): Beginning {
    const silent = this.machines.nodes.unreachable(decision.nodes);
    if (silent !== null) return `node ${silent} does not answer`;
    this.draw(enactment, now);
    return decision.until - enactment.order.issued;
  }

  private finishTransfer(enactment: Enactment, decision: TransferOrdered, now: Instant): Observation {
    const silent = this.machines.nodes.unreachable(decision.nodes);
    const failure = enactment.failure ?? (silent === null ? null : `node ${silent} does not answer`);
    if (failure !== null) return failed(enactment, failure, now);
    return { type: 'ImageTransferred', at: now, lease: decision.lease, order: decision.order };
  }

  // ---- migrate ---------------------------------------------------------------------------------------------------

  private beginMigration(enactment: Enactment, decision: MigrateOrdered, now: Instant): Beginning {
    const { gang, order } = enactment;
    const { vms, nodes } = decision;
    if (!gang.isThere() || !gang.are(vms, 'suspended'))
      return this.impossible(enactment, 'only VMs that are suspended are moved');
    const silent = this.machines.nodes.unreachable(nodesOf(nodes, vms));
    if (silent !== null) return `node ${silent} does not answer`;
    this.draw(enactment, now);
    return decision.until - order.issued;
  }

  private finishMigration(enactment: Enactment, decision: MigrateOrdered, now: Instant): Observation {
    const { gang } = enactment;
    const { lease, order, vms } = decision;
    const failure = enactment.failure ?? (gang.are(vms, 'suspended') ? null : 'a node was lost');
    if (failure !== null) return failed(enactment, failure, now);
    const silent = this.machines.nodes.unreachable(nodesOf(decision.nodes, vms));
    if (silent !== null) return failed(enactment, `node ${silent} does not answer`, now);
    gang.move(moved(gang.nodes, vms, decision.nodes));
    return gang.say({ type: 'VmsMigrated', at: now, lease, order, vms });
  }

  /** They run on all the time, and take room on both sides. */
  private beginLiveMigration(enactment: Enactment, decision: LiveMigrateOrdered, now: Instant): Beginning {
    const { gang, order } = enactment;
    const { vms, nodes, units } = decision;
    if (!gang.isThere() || !gang.are(vms, 'running'))
      return this.impossible(enactment, 'only VMs that run are moved while they run');
    const silent = this.machines.nodes.unreachable(nodesOf(nodes, vms));
    if (silent !== null) return `node ${silent} does not answer`;
    const parts = partsOf(gang.groups, moved(gang.nodes, vms, nodes), vms);
    const names = units === null ? NO_NAMES : namedUnits(units, nodes, vms);
    if (!this.machines.nodes.take(parts, names)) return this.noRoom(enactment);
    enactment.taken = { parts, units: names };
    this.draw(enactment, now);
    return decision.until - order.issued;
  }

  private finishLiveMigration(enactment: Enactment, decision: LiveMigrateOrdered, now: Instant): Observation {
    const { gang } = enactment;
    const { lease, order, vms, nodes, units } = decision;
    const there = enactment.run === gang.order && gang.are(vms, 'running');
    const failure = enactment.failure ?? (there ? null : 'its VMs were lost');
    if (failure !== null) {
      this.callOff(enactment);
      return failed(enactment, failure, now);
    }
    this.machines.leave(gang, vms);
    gang.move(moved(gang.nodes, vms, nodes), vms, units);
    return gang.say({ type: 'VmsLiveMigrated', at: now, lease, order, vms });
  }

  /** It will not be done: what it has taken on the other side is free again. */
  callOff(enactment: Enactment): void {
    const { taken } = enactment;
    enactment.taken = null;
    if (taken !== null) this.machines.nodes.give(taken.parts, taken.units);
  }

  // ---- acts ------------------------------------------------------------------------------------------------------

  private beginAct(enactment: Enactment, { vms }: ActOrdered, now: Instant): Beginning {
    const { gang } = enactment;
    if (!gang.isThere() || !gang.are(vms ?? [1, gang.vms], 'running'))
      return this.impossible(enactment, 'only VMs that run are acted on');
    this.draw(enactment, now);
    return 0;
  }

  /** What such a VM computes nobody sees: it does not matter to anybody whether it is paused. */
  private finishAct(enactment: Enactment, { lease, order, vms }: ActOrdered, now: Instant): Observation {
    const { gang } = enactment;
    const failure = enactment.failure ?? (gang.are(vms ?? [1, gang.vms], 'running') ? null : 'a node was lost');
    if (failure !== null) return failed(enactment, failure, now);
    return { type: 'VmsActed', at: now, lease, order, vms };
  }

  // ---- resize ----------------------------------------------------------------------------------------------------

  /** What its VMs have and what they are to have is both taken until that is done. Exclusive nodes are taken whole anyway. */
  private beginResize(enactment: Enactment, { demands, cold }: ResizeOrdered, now: Instant): Beginning {
    const { gang } = enactment;
    if (!gang.isThere() || !gang.all('running')) return this.impossible(enactment, 'only VMs that run are resized');
    const parts = this.sharedParts(gang, (had, r, g) => demands[g]![r]! - had);
    if (!this.machines.nodes.take(parts, NO_NAMES)) return this.noRoom(enactment);
    enactment.taken = { parts, units: NO_NAMES };
    this.draw(enactment, now);
    return cold === true ? this.rules.stopMs + this.rules.bootMs : 0;
  }

  private finishResize(enactment: Enactment, decision: ResizeOrdered, now: Instant): Observation {
    const { gang } = enactment;
    const { lease, order, demands } = decision;
    const there = enactment.run === gang.order && gang.all('running');
    const failure = enactment.failure ?? (there ? null : 'its VMs were lost');
    if (failure !== null) {
      this.callOff(enactment);
      return failed(enactment, failure, now);
    }
    this.machines.nodes.give(
      this.sharedParts(gang, (had, r, g) => had - demands[g]![r]!),
      NO_NAMES,
    );
    enactment.taken = null;
    gang.resize(demands);
    return { type: 'VmsResized', at: now, lease, order, vms: null };
  }

  /** What the VMs on shared nodes have of each resource by `amount`, where that is more than nothing. */
  private sharedParts(gang: Gang, amount: (had: number, resource: number, group: number) => number): Part[] {
    const groups = gang.groups.map((group, g) => ({
      ...group,
      demand: group.demand.map((had, r) => Math.max(0, amount(had, r, g))),
    }));
    return partsOf(groups, gang.nodes, null).map(({ demand, nodes }) => ({
      demand,
      nodes: compact(expand(nodes).filter((node) => !this.machines.nodes.isExclusive(node))),
    }));
  }

  // ---- stop ------------------------------------------------------------------------------------------------------

  private beginStop(enactment: Enactment, decision: StopOrdered, now: Instant): Beginning {
    const { gang, order } = enactment;
    if (!gang.isThere()) {
      enactment.run = gang.order;
      return 0;
    }
    this.draw(enactment, now);
    if (enactment.failure === null) {
      this.machines.stopClock(gang, now);
      gang.set(gang.onNodes(null), 'stopping');
    }
    return Math.max(this.rules.stopMs, decision.until - order.issued);
  }

  /** A lease that has ended by itself in the meantime is stopped all the same. */
  private finishStop(enactment: Enactment, decision: StopOrdered, now: Instant): Observation {
    const { gang, failure, run } = enactment;
    if (failure !== null) return failed(enactment, failure, now);
    if (gang.order !== null && gang.order === run) {
      this.machines.leave(gang, null);
      gang.clear();
    }
    if (decision.then === 'over') this.machines.forget(gang.lease);
    else this.machines.drop(gang);
    return { type: 'VmsStopped', at: now, lease: decision.lease, order: decision.order, vms: null };
  }

  // ---- what is common --------------------------------------------------------------------------------------------

  /** Whether it will fail is settled when it begins. */
  private draw(enactment: Enactment, now: Instant): void {
    enactment.begun = now;
    enactment.run = enactment.gang.order;
    if (this.faults.fails(now)) enactment.failure = 'the node could not carry it out';
  }

  /** The order makes no sense as things are. */
  private impossible(enactment: Enactment, rule: string): Beginning {
    const { gang, order } = enactment;
    if (this.rules.strict && gang.isThere())
      throw new InvariantError(`${rule} (order ${order.id}, lease ${gang.lease})`);
    return rule;
  }

  /** The nodes are taken. Where nothing goes wrong, that is for the orders it waits for to change, or a mistake. */
  private noRoom(enactment: Enactment): Beginning {
    const { id, decision } = enactment.order;
    if (this.rules.strict && decision.after.length === 0)
      throw new InvariantError(`a node is never over its capacity (order ${id}, lease ${decision.lease})`);
    return null;
  }
}

const NO_NAMES: readonly string[] = [];

/** The order has failed, and `detail` says why. */
export function failed(enactment: Enactment, detail: string, now: Instant): Observation {
  const { lease, order } = enactment.order.decision;
  return { type: 'OrderFailed', at: now, lease, order, detail };
}
