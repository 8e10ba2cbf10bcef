/**
 * Real machines: nodes are hosts with libvirt, and VMs are domains on them. What is true is on the hosts, in the domains
 * and their metadata; nothing is kept beside it, so that nothing can differ from it. An order is carried out by looking
 * and then acting, and a lost reply by looking again: an order that comes twice is harmless.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { expand, has, size, sized, unreachable } from '../../engine/index.js';
import type {
  Cluster,
  Epoch,
  LeaseId,
  NodeClass,
  Observation,
  Order,
  OrderId,
  ResizeOrdered,
  Runs,
  StartOrdered,
  StopOrdered,
} from '../../engine/index.js';
import type { ClusterListener } from '../cluster-listener.js';
import { Told } from '../told.js';
import { actAll } from './act.js';
import { Answers } from './answers.js';
import { type Call, newSecret } from '../callback.js';
import { DiskMoves } from './disk-moves.js';
import { Endings } from './endings.js';
import { fence } from './fence.js';
import {
  OrderError,
  type KeptDisks,
  type Place,
  resumeAll,
  standDownAll,
  startAll,
  stopAll,
  suspendAll,
} from './gang.js';
import type { Host } from './host.js';
import { HypervisorError } from './hypervisor.js';
import { keepsDisks, keptAmong, staysOnDisk } from './kept-disks.js';
import { Lanes } from './lanes.js';
import { Liveness } from './liveness.js';
import { Moves } from './moves.js';
import { Networking } from './networking.js';
import type { LibvirtOptions } from './options.js';
import { hearCall, readyAll } from './ready.js';
import { Reconciler } from './reconcile.js';
import { groupOf } from './machine.js';
import { resizeAll, type Size } from './resize.js';
import { Roster } from './roster.js';
import { surveyOf } from './survey.js';
import { sendTo } from './transfers.js';
import type { Wanted } from './vm.js';
import { type WatchedHost, watched } from './watched.js';
import { Whereabouts } from './whereabouts.js';

/** How long the first survey waits for hosts: those that do not answer by then are surveyed when they do. */
const FIRST_MS = 15_000;
/** A VM that calls is told that it was heard, or that it should try again, within so long. */
const CALL_MS = 5_000;
const NO_DISKS: KeptDisks = new Set();

export class LibvirtCluster implements Cluster {
  private readonly liveness: Liveness;
  private readonly roster: Roster;
  private readonly whereabouts = new Whereabouts();
  /** Orders under way. */
  private readonly open = new Map<OrderId, Promise<void>>();
  private readonly answers = new Answers();
  private readonly ending = new AbortController();
  private readonly lanes = new Lanes(this.ending.signal);
  /** Leases that start, and whose VMs call when they are ready. */
  private readonly calling = new Set<LeaseId>();
  private readonly told = new Told();
  /** The highest epoch that was seen, also by those before us. */
  epoch: Epoch = 0;

  private site: string;
  private readonly moves: Moves;
  private readonly networking: Networking;
  private readonly diskMoves: DiskMoves;
  private readonly endings: Endings;

  private constructor(private readonly options: LibvirtOptions) {
    this.site = options.site ?? '';
    this.networking = new Networking(options.networks ?? null, options.warn);
    const { now, maker, warn, fenceCommand: command, way = { bandwidth: null, tls: false } } = options;
    this.diskMoves = new DiskMoves(warn, way.bandwidth);
    this.endings = new Endings({
      ...{ whereabouts: this.whereabouts, lanes: this.lanes, networking: this.networking, now, warn },
      allOf: (lease) => this.allOf(lease),
      standingOf: (lease) => this.standingOf(lease),
      tell: (observation) => this.tell(observation),
    });
    this.liveness = new Liveness({
      ...{ graceMs: options.nodeGraceMs, away: options.away, now },
      tell: (observation) => this.tell(observation),
      onUnreachable: (node) => void this.roster.fence(node),
    });
    const reconciler = new Reconciler({
      ...{ whereabouts: this.whereabouts, lanes: this.lanes, warn },
      hostOf: (node) => this.roster.get(node),
      hosts: () => this.roster.all(),
      shareFiles: (one, other) => this.moves.share(one, other),
      mayShareDisk: (one, other, place) => this.moves.mayShareDisk(one, other, place),
      standing: options.standing ?? (() => 'under-way'),
      onEpoch: (epoch) => {
        this.epoch = Math.max(this.epoch, epoch);
      },
      onOff: (host, uuid) => void this.endings.lookFor(host, uuid),
      onCopying: (host, lease, vm) => {
        // Before whatever is ordered next: a VM whose disk is being copied can neither be saved nor moved.
        const settle = (signal: AbortSignal) => this.diskMoves.settle({ vm, host }, lease, signal);
        this.lanes.take(lease, settle).catch((error: Error) => warn(`lease ${lease}: ${error.message}`));
      },
      onVanished: (lease, run, vm, signal) => this.endings.conclude(lease, run, `VM ${vm} is nowhere any more`, signal),
    });
    this.roster = new Roster({
      ...options,
      site: () => this.site,
      liveness: this.liveness,
      fence: command === null ? null : (node) => fence(command, node),
      onFenced: (node) => this.tell({ type: 'NodeLost', at: now(), node }),
      greet: (host) => reconciler.greet(host),
      onAnswers: (host) => this.sweepNetworks([host]),
      onOff: (host, uuid) => void this.endings.lookFor(host, uuid),
    });
    this.moves = new Moves({
      ...{ whereabouts: this.whereabouts, maker, tell: warn },
      ...(options.labelsOf === undefined ? {} : { labelsOf: options.labelsOf }),
      hostOf: (node) => this.roster.get(node),
      hosts: () => this.roster.all(),
      ...{ networking: this.networking, way },
    });
    for (const nodes of options.nodes) this.moves.learn(nodes);
  }

  /** Resolves when all hosts have been looked at, or have not answered for a while. */
  static async open(options: LibvirtOptions): Promise<LibvirtCluster> {
    const cluster = new LibvirtCluster(options);
    for (const [lease, run] of options.runs) cluster.whereabouts.set(lease, run);
    const first = options.nodes.flatMap((nodes) => cluster.roster.add(nodes));
    await Promise.race([Promise.all(first), sleep(FIRST_MS, undefined, { ref: false })]);
    return cluster;
  }

  listen(listener: ClusterListener): () => void {
    return this.told.listen(listener);
  }

  /** The log has begun. */
  begin(site: string): void {
    this.site = site;
  }

  addNodes(nodes: NodeClass): void {
    this.moves.learn(nodes);
    this.roster.add(nodes);
  }

  /** What is on it is left alone: the node is no longer ours to command. */
  removeNode(node: number): void {
    this.roster.remove(node);
  }

  /** Somebody has said that its host is off for certain. */
  giveUp(node: number): void {
    this.roster.lose(node);
  }

  enact(order: Order): void {
    // 1. Whoever has been superseded is not heard, and an order that is known is not carried out again.
    if (order.epoch < this.epoch) return;
    this.epoch = order.epoch;
    if (this.open.has(order.id)) return;
    const answer = this.answers.get(order.id);
    if (answer !== undefined) {
      if (answer !== null) this.tell(answer);
      return;
    }
    // 2. It waits for those that it names, and for what is done with the lease; a stop cuts that short.
    const { decision } = order;
    const after = decision.after.flatMap((id) => this.open.get(id) ?? []);
    if (decision.type === 'ActOrdered' && decision.act === 'move-disks') this.diskMoves.expect(decision.lease);
    else if (decision.type !== 'ActOrdered' && decision.type !== 'TransferOrdered')
      this.diskMoves.giveWay(decision.lease);
    if (decision.type === 'StopOrdered') this.lanes.cut(decision.lease, new OrderError('it is stopped'));
    // 3. How it went is told; of an order that was cut short nothing is said.
    const work = async (signal: AbortSignal): Promise<void> => {
      await Promise.all(after);
      await this.carryOut(order, signal).then(
        (observation) => this.answered(order.id, observation),
        (error: unknown) => this.failed(order, error, signal),
      );
    };
    // An image is sent for more leases than the one that is named: what becomes of that one does not matter.
    const done = decision.type === 'TransferOrdered' ? work(this.ending.signal) : this.lanes.take(decision.lease, work);
    this.open.set(
      order.id,
      done.finally(() => this.open.delete(order.id)),
    );
  }

  /** From what the hosts' domains say of themselves. */
  async survey(): Promise<readonly Observation[]> {
    return surveyOf(this.roster.all(), this.options.now());
  }

  /** Leaves the VMs alone. */
  async close(): Promise<void> {
    this.ending.abort(new OrderError('the service ends'));
    await Promise.allSettled(this.open.values());
    await this.roster.close();
  }

  /** A VM says that it is ready. False: it is not waited for. Rejects where its host does not answer. */
  async called(call: Call): Promise<boolean> {
    if (!this.calling.has(call.lease)) return false;
    const place = this.allOf(call.lease).find(({ vm }) => vm === call.vm);
    if (place === undefined) return false;
    return hearCall(place.host, call, AbortSignal.any([this.ending.signal, AbortSignal.timeout(CALL_MS)]));
  }

  /** The nodes that this host is. */
  nodesAt(uri: string): readonly number[] {
    return [...this.roster.all()].filter(({ hypervisor }) => hypervisor.uri === uri).map(({ node }) => node);
  }

  /** Its hosts, for whoever watches how busy they are. */
  watched(): readonly WatchedHost[] {
    return [...this.roster.all()].map((host) => watched(host, (lease, vm) => this.networking.macsOf(lease, vm)));
  }

  /** Networks of ours that nobody has a use for go. Hosts that do not answer are swept when they do. */
  sweepNetworks(hosts: readonly Host[] = [...this.roster.all()]): void {
    const isGoing = (lease: LeaseId) => this.whereabouts.runOf(lease) !== null;
    void this.networking.sweep(hosts, () => [...this.roster.all()], isGoing, this.ending.signal);
  }

  // ---- orders ----------------------------------------------------------------------------------------------------

  private async carryOut(order: Order, signal: AbortSignal): Promise<Observation> {
    const { decision } = order;
    const { lease, order: id } = decision;
    const now = this.options.now();
    switch (decision.type) {
      case 'StartOrdered':
        await this.start(order, decision, signal);
        return { type: 'VmsStarted', at: this.options.now(), lease, order: id, vms: null };
      case 'SuspendOrdered': {
        const { vms } = decision;
        await suspendAll(this.placesOf(lease, vms), { lease, order: id, at: now }, signal);
        return { type: 'VmsSuspended', at: this.options.now(), lease, order: id, vms, stoppedAt: now };
      }
      case 'ResumeOrdered': {
        const { vms } = decision;
        await this.moves.carry(order, decision, signal);
        await resumeAll(this.placesOf(lease, vms), { lease, order: id, at: now }, signal);
        return { type: 'VmsResumed', at: this.options.now(), lease, order: id, vms };
      }
      case 'StopOrdered':
        await this.stop(order, decision, signal);
        return { type: 'VmsStopped', at: this.options.now(), lease, order: id, vms: null };
      case 'ActOrdered': {
        const { act, vms, to } = decision;
        const places = this.placesOf(lease, vms ?? [1, this.whereabouts.nodesOf(lease).length]);
        if (act === 'move-disks') await this.diskMoves.move(places, { lease, to: to! }, signal);
        else await actAll(places, { lease, order: id, act }, signal);
        return { type: 'VmsActed', at: this.options.now(), lease, order: id, vms };
      }
      case 'TransferOrdered': {
        const { image, nodes } = decision;
        await sendTo(this.hostsOf(nodes), (one) => this.options.maker.place(one, image, signal), signal);
        return { type: 'ImageTransferred', at: this.options.now(), lease, order: id };
      }
      case 'ResizeOrdered':
        await this.resize(order, decision, signal);
        return { type: 'VmsResized', at: this.options.now(), lease, order: id, vms: null };
      case 'LiveMigrateOrdered':
        await this.moves.migrate(order, decision, signal);
        return { type: 'VmsLiveMigrated', at: this.options.now(), lease, order: id, vms: decision.vms };
      case 'MigrateOrdered':
        await this.moves.carry(order, decision, signal);
        return { type: 'VmsMigrated', at: this.options.now(), lease, order: id, vms: decision.vms };
      default:
        return unreachable(decision);
    }
  }

  private async start(order: Order, { lease, nodes }: StartOrdered, signal: AbortSignal): Promise<void> {
    // 1. Never a second copy: what is left of an earlier run goes first.
    if (this.whereabouts.runOf(lease) !== order.id) {
      const left = this.standingOf(lease);
      if (keepsDisks(order.terms)) await standDownAll(left, lease, signal);
      else await stopAll(left, lease, 0, signal);
    }
    // 2. All of them, or none.
    this.whereabouts.set(lease, { run: order.id, nodes });
    const places = this.placesOf(lease, [1, size(nodes)]);
    const kept = keepsDisks(order.terms)
      ? await keptAmong(places, { lease, run: order.id }, (host) => this.sharing(host), signal)
      : NO_DISKS;
    const ready = this.options.readyOf?.(order.terms) ?? null;
    const calls = ready?.probe === 'callback';
    const wantedOf = ({ vm, host }: Place): Wanted => {
      const secret = calls ? newSecret() : null;
      const record = {
        site: this.site,
        lease,
        vm,
        vms: places.length,
        run: order.id,
        order: order.id,
        epoch: order.epoch,
        saved: null,
        ...(ready === null ? {} : { booting: 0 }),
        ...(secret === null ? {} : { callback: secret.digest }),
      };
      return {
        record,
        prepare: (hypervisor, cut) => this.options.maker.prepare(order, record, host, hypervisor, cut, secret),
      };
    };
    if (calls) this.calling.add(lease);
    await this.networking
      .during(order, places, signal, async () => {
        await startAll(places, lease, wantedOf, kept, signal);
        // 3. Started is who is of use.
        const { now, warn } = this.options;
        if (ready !== null) await readyAll(places, { lease, run: order.id, ready, kept, now, warn }, signal);
      })
      .finally(() => this.calling.delete(lease));
  }

  private async resize({ terms }: Order, decision: ResizeOrdered, signal: AbortSignal): Promise<void> {
    const { lease, order, demands, cold } = decision;
    const { maker, graceMs, deaf = 'destroy' } = this.options;
    const from = (vm: number) => maker.sizeOf(groupOf(terms, vm).demand);
    const after = sized(terms, demands);
    const to = (vm: number): Size => {
      const size = maker.sizeOf(groupOf(after, vm).demand);
      return groupOf(terms, vm).image === null ? { ...size, diskBytes: 0 } : size; // it has no disk
    };
    const places = this.placesOf(lease, [1, this.whereabouts.nodesOf(lease).length]);
    await resizeAll(places, { lease, order, graceMs: cold === true ? graceMs : null, deaf, from, to }, signal);
  }

  private async stop({ terms }: Order, decision: StopOrdered, signal: AbortSignal): Promise<void> {
    const { lease, cause } = decision;
    const graceMs = cause === 'time-over' ? this.options.graceMs : 0;
    const places = this.standingOf(lease);
    const targets = await this.moves.targetsOf(places, lease, signal);
    if (staysOnDisk(terms, decision)) await standDownAll([...places, ...targets], lease, signal);
    else {
      // What runs has the disk that counts: of a VM that has moved by now, the one on the other host.
      await stopAll(await this.moves.arrivedAmong(targets, places, lease, signal), lease, graceMs, signal);
      await stopAll(places, lease, graceMs, signal);
      await stopAll(targets, lease, 0, signal);
    }
    await this.networking.end([...places, ...targets], lease, signal);
    this.whereabouts.forget(lease);
  }

  /** Where these VMs of the lease are. Throws where there are not all of them. */
  private placesOf(lease: LeaseId, vms: Runs): Place[] {
    const places = this.allOf(lease).filter(({ vm }) => has(vms, vm));
    if (places.length < size(vms)) throw new OrderError('not all of its VMs are there');
    return places;
  }

  /** Where VMs of the lease are; on nodes that have left the site nothing is ours. */
  private allOf(lease: LeaseId): Place[] {
    return this.whereabouts.nodesOf(lease).flatMap((node, index) => {
      const host = this.roster.get(node);
      return host === undefined ? [] : [{ vm: index + 1, host }];
    });
  }

  /** Those that may be there: on a host that is lost nothing runs, and what is left on it goes when it answers. */
  private standingOf(lease: LeaseId): Place[] {
    return this.allOf(lease).filter(({ host }) => !host.isLost);
  }

  /** Other hosts that answer and have the same files. */
  private sharing(host: Host): Host[] {
    return [...this.roster.all()].filter((one) => one !== host && one.isConnected && this.moves.share(one, host));
  }

  private hostsOf(nodes: Runs): Host[] {
    return expand(nodes).map((node) => {
      const host = this.roster.get(node);
      if (host === undefined) throw new OrderError(`node ${node} is not there`);
      return host;
    });
  }

  // ---- what is told ----------------------------------------------------------------------------------------------

  private answered(id: OrderId, observation: Observation): void {
    this.answers.set(id, observation);
    this.tell(observation);
  }

  private failed({ id, decision }: Order, error: unknown, signal: AbortSignal): void {
    if (signal.aborted) {
      if (!this.ending.signal.aborted) this.answers.set(id, null);
      return;
    }
    if (!(error instanceof OrderError) && !(error instanceof HypervisorError)) {
      this.told.error(error);
      return;
    }
    const { lease } = decision;
    if (decision.type === 'StartOrdered') this.whereabouts.forget(lease);
    this.answered(id, { type: 'OrderFailed', at: this.options.now(), lease, order: id, detail: error.message });
  }

  tell(observation: Observation): void {
    this.told.tell(observation);
  }
}
