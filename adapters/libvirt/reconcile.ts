/**
 * What is found on a host that answers, for the first time or again, beside what the log has: what belongs there goes on,
 * what is left over is removed, and of what is missing it is told. Whatever may be the only copy of a VM is spared.
 */

import type { Epoch, LeaseId, OrderId } from '../../engine/index.js';
import type { Host } from './host.js';
import type { Lanes } from './lanes.js';
import { oursOn } from './survey.js';
import { keepWritten } from './keeping.js';
import {
  find,
  hasFailed,
  hasShutDown,
  isOn,
  isRunning,
  type Known,
  lookAt,
  remove,
  removeVolumes,
  standDown,
} from './vm.js';
import type { Whereabouts } from './whereabouts.js';

export interface ReconcilePorts {
  readonly whereabouts: Whereabouts;
  readonly lanes: Lanes;
  /** Undefined: nothing there is ours to command. */
  readonly hostOf: (node: number) => Host | undefined;
  readonly hosts: () => Iterable<Host>;
  /** Whether the directory of our files is the same on both. */
  readonly shareFiles: (one: Host, other: Host) => boolean;
  /** Whether a disk in this directory may be the same on both. */
  readonly mayShareDisk: (one: Host, other: Host, place: string | undefined) => boolean;
  /**
   * What the log says of the run just now; `at-rest`: its VMs run or are saved, and nothing is under way; `on-disk`: it is over,
   * and its disks are for the next one.
   */
  readonly standing: (lease: LeaseId, run: OrderId) => 'over' | 'under-way' | 'at-rest' | 'on-disk';
  /** Somebody commanded there by this epoch. */
  readonly onEpoch: (epoch: Epoch) => void;
  /** A VM that belongs there is off. */
  readonly onOff: (host: Host, uuid: string) => void;
  /** A copy of the disk of a VM that belongs there was begun, and may be under way. */
  readonly onCopying: (host: Host, lease: LeaseId, vm: number) => void;
  /** A VM of the lease is nowhere, for certain. */
  readonly onVanished: (lease: LeaseId, run: OrderId, vm: number, signal: AbortSignal) => Promise<void>;
  readonly warn: (message: string) => void;
}

interface Copy {
  readonly host: Host;
  readonly found: Known;
}

const OVER: ReadonlySet<string> = new Set(['over', 'on-disk']);

export class Reconciler {
  /** Copies that wait for the host on which the VM should be, by its node: only then it is known whether they may go. */
  private readonly waiting = new Map<number, Copy[]>();

  constructor(private readonly ports: ReconcilePorts) {}

  /** Resolves when it was looked through, with what is being removed there. */
  async greet(host: Host): Promise<readonly Promise<void>[]> {
    const all = await oursOn(host);
    const { whereabouts } = this.ports;
    for (const { record } of all) this.ports.onEpoch(record.epoch);
    // 1. Runs that ended while it was away.
    for (const [lease, run] of whereabouts.on(host.node))
      if (OVER.has(this.ports.standing(lease, run))) whereabouts.forget(lease);
    // 2. What is there, and what should be.
    const removals = all.flatMap((found) => this.meet({ host, found }) ?? []);
    const there = new Set(all.map(({ record }) => `${record.lease}/${record.vm}`));
    for (const [lease, run, vms] of whereabouts.on(host.node))
      for (const vm of vms) if (!there.has(`${lease}/${vm}`)) this.miss(host, lease, run, vm);
    // 3. What waited for it elsewhere.
    const waited = this.waiting.get(host.node) ?? [];
    this.waiting.delete(host.node);
    for (const copy of waited) this.meet(copy);
    return removals;
  }

  /** Null: it belongs there. */
  private meet(copy: Copy): Promise<void> | null {
    const { host, found } = copy;
    const { lease, vm } = found.record;
    if (this.belongs(copy)) {
      if (hasShutDown(found) || hasFailed(found)) this.ports.onOff(host, found.facts.uuid);
      if (found.record.copying !== undefined) this.ports.onCopying(host, lease, vm);
      return null;
    }
    const about = `VM ${vm} of lease ${lease} on node ${host.node}`;
    const failed = (error: Error) => this.ports.warn(`${about} could not be removed: ${error.message}`);
    return this.ports.lanes.take(lease, (signal) => this.clear(copy, about, signal)).catch(failed);
  }

  private belongs({ host, found: { record } }: Copy): boolean {
    const { whereabouts } = this.ports;
    const { lease, vm, run } = record;
    return whereabouts.runOf(lease) === run && whereabouts.nodesOf(lease)[vm - 1] === host.node;
  }

  /** Removes what is left over, if it is. */
  private async clear(copy: Copy, about: string, signal: AbortSignal): Promise<void> {
    const { host } = copy;
    const { lease, vm, run } = copy.found.record;
    const { whereabouts, hostOf, shareFiles, mayShareDisk, warn } = this.ports;
    const found = await host.certain(signal, () => find(host, lease, vm));
    // Another run may have begun here meanwhile.
    if (found === null || found.record.run !== run || this.belongs({ host, found })) return;
    const node = whereabouts.nodesOf(lease)[vm - 1];
    const right = node === undefined ? undefined : hostOf(node);
    if (whereabouts.runOf(lease) === run) {
      const verdict = await this.judge(found, right, signal);
      if (verdict === 'later') this.waiting.set(node!, [...(this.waiting.get(node!) ?? []), copy]);
      if (verdict === 'spare') warn(`${about} is not where it should be, and nowhere else: it is left alone`);
      if (verdict !== 'remove') return;
    }
    // A host that was off does not run VMs when it is back: somebody was wrong, and the guest should be looked at.
    const ranOn = isRunning(found) && whereabouts.runOf(lease) !== run;
    if (ranOn) warn(`${about} has run on though it was given up: if its lease began anew elsewhere, it ran twice`);
    const isElsewhere = right !== undefined && right !== host;
    if (!isElsewhere && this.ports.standing(lease, run) === 'on-disk') return standDown(host, { lease, vm }, signal);
    warn(`${about} is left over: it is removed`);
    // Of a run that goes on this is only a copy.
    if (whereabouts.runOf(lease) !== run) await keepWritten(host, { lease, vm }, signal);
    const keepsFiles = isElsewhere && shareFiles(right, host);
    await host.certain(signal, async (hypervisor) => {
      const there = await find(host, lease, vm);
      await remove(hypervisor, there, isElsewhere && mayShareDisk(right, host, there?.record.disks));
      // Of a VM that is on a host with the same directory now these are its own.
      if (!keepsFiles) await removeVolumes(hypervisor, lease, vm, () => true);
    });
  }

  /** Of a copy of the run that goes on, found elsewhere than on the host `right`. */
  private async judge({ record, facts }: Known, right: Host | undefined, signal: AbortSignal) {
    const { lease, vm } = record;
    if (right === undefined) return 'spare';
    if (right.isLost || !right.isConnected) return 'later';
    const other = await right.certain(signal, () => lookAt(right, lease, vm));
    // During a move there are two copies, and that is right: the order comes again, and looks.
    if (other?.record.moving !== undefined) return 'leave';
    const isWhole = (one: Known | null) => one !== null && (isOn(one.facts) || one.record.saved !== null);
    return isWhole({ record, facts }) && !isWhole(other) ? 'spare' : 'remove';
  }

  /** It should be there. Only where all hosts answer, and none has it, that is certain. */
  private miss(host: Host, lease: LeaseId, run: OrderId, vm: number): void {
    const { whereabouts, lanes, standing, hosts, warn, onVanished } = this.ports;
    const isMissed = () =>
      standing(lease, run) === 'at-rest' &&
      whereabouts.runOf(lease) === run &&
      whereabouts.nodesOf(lease)[vm - 1] === host.node;
    if (!isMissed()) return;
    const look = async (signal: AbortSignal): Promise<void> => {
      if (!isMissed()) return;
      for (const one of hosts()) {
        if (one !== host && !one.isConnected) return;
        if ((await one.certain(signal, () => lookAt(one, lease, vm))) !== null) return;
      }
      if (isMissed()) await onVanished(lease, run, vm, signal);
    };
    lanes.take(lease, look).catch((error: Error) => warn(`lease ${lease}: ${error.message}`));
  }
}
