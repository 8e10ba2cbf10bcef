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
  Instant,
  LeaseId,
  NodeClass,
  Observation,
  Order,
  OrderId,
  ResizeOrdered,
  Runs,
  StartOrdered,
  StopOrdered,
  Terms,
} from '../../engine/index.js';
import type { ClusterListener } from '../cluster-listener.js';
import type { HostHealth, HostReality } from '../host-health.js';
import type { Readiness } from '../machine-wishes.js';
import { actAll } from './act.js';
import { Answers } from './answers.js';
import { OrderError, type Place, resumeAll, startAll, stopAll, suspendAll } from './gang.js';
import { Host } from './host.js';
import { HypervisorError, type Hypervisor } from './hypervisor.js';
import { Lanes } from './lanes.js';
import { groupOf, type Maker } from './machine.js';
import { Moves } from './moves.js';
import { Networking } from './networking.js';
import { readyAll } from './ready.js';
import { realityOf } from './reality.js';
import { resizeAll, type Size } from './resize.js';
import { Restarts } from './restarts.js';
import type { NetworksPort } from './site-network.js';
import { oursOn, surveyOf } from './survey.js';
import { sendTo } from './transfers.js';
import { hasFailed, hasShutDown, type Known, known, lookAt, POOL, restart, stop, type Wanted } from './vm.js';
import { type WatchedHost, watched } from './watched.js';
import { type RunOnNodes, Whereabouts } from './whereabouts.js';

export interface LibvirtOptions {
  /** Tells this site's VMs from those of others: 16 hex digits that stay as long as the log; null: it has not begun. */
  readonly site: string | null;
  readonly nodes: readonly NodeClass[];
  /** Those that have left the site. */
  readonly gone: ReadonlySet<number>;
  readonly now: () => Instant;
  /** The runs that the log has: hosts may be out of reach when this begins. VMs of other runs are nobody's. */
  readonly runs: ReadonlyMap<LeaseId, RunOnNodes>;
  /** Throws a HypervisorError for a URI that may not be used. */
  readonly connect: (uri: string) => Hypervisor;
  readonly maker: Pick<Maker, 'prepare' | 'place' | 'sizeOf'>;
  /** When VMs of such terms count as started; null, and without it: as soon as they run. */
  readonly readyOf?: (terms: Terms) => Readiness | null;
  /** The directory on each host that our files are in. */
  readonly directory: string;
  /** How long a guest whose time is over may take to shut down. */
  readonly graceMs: number;
  readonly warn: (message: string) => void;
  /** Hears of every host when it begins or ceases to answer. */
  readonly onHealth?: (health: HostHealth) => void;
  /** Those that were registered, and who is on them. Absent: there are none. */
  readonly networks?: NetworksPort;
}

/** How long the first survey waits for hosts: those that do not answer by then are surveyed when they do. */
const FIRST_MS = 15_000;
const RETRY_MS = 2_000;

export class LibvirtCluster implements Cluster {
  private readonly hosts = new Map<number, Host>();
  private readonly whereabouts = new Whereabouts();
  /** Orders under way. */
  private readonly open = new Map<OrderId, Promise<void>>();
  private readonly answers = new Answers();
  private readonly restarts = new Restarts();
  /** As they were when they answered last, by node. */
  private readonly realities = new Map<number, HostReality>();
  private readonly ending = new AbortController();
  private readonly lanes = new Lanes(this.ending.signal);
  private listener: ClusterListener | null = null;
  private unheard: Observation[] = [];
  /** The highest epoch that was seen, also by those before us. */
  epoch: Epoch = 0;

  private site: string;
  private readonly moves: Moves;
  private readonly networking: Networking;

  private constructor(private readonly options: LibvirtOptions) {
    this.site = options.site ?? '';
    this.networking = new Networking(options.networks ?? null, options.warn);
    this.moves = new Moves({
      whereabouts: this.whereabouts,
      hostOf: (node) => this.hosts.get(node),
      hosts: () => this.hosts.values(),
      maker: options.maker,
      networking: this.networking,
      tell: options.warn,
    });
    for (const nodes of options.nodes) this.moves.learn(nodes);
  }

  /** Resolves when all hosts have been looked at, or have not answered for a while. */
  static async open(options: LibvirtOptions): Promise<LibvirtCluster> {
    const cluster = new LibvirtCluster(options);
    for (const [lease, run] of options.runs) cluster.whereabouts.set(lease, run);
    const first = options.nodes.flatMap((nodes) => cluster.add(nodes));
    await Promise.race([Promise.all(first), sleep(FIRST_MS, undefined, { ref: false })]);
    return cluster;
  }

  listen(listener: ClusterListener): () => void {
    this.listener = listener;
    const { unheard } = this;
    this.unheard = [];
    for (const observation of unheard) listener.next(observation);
    return () => {
      if (this.listener === listener) this.listener = null;
    };
  }

  /** The log has begun. */
  begin(site: string): void {
    this.site = site;
  }

  addNodes(nodes: NodeClass): void {
    this.moves.learn(nodes);
    this.add(nodes);
  }

  /** What is on it is left alone: the node is no longer ours to command. */
  removeNode(node: number): void {
    const host = this.hosts.get(node);
    this.hosts.delete(node);
    this.realities.delete(node);
    host?.leave(new OrderError(`node ${node} has left the site`));
    void host?.hypervisor.close();
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
    return surveyOf(this.hosts.values(), this.options.now());
  }

  /** Leaves the VMs alone. */
  async close(): Promise<void> {
    this.ending.abort(new OrderError('the service ends'));
    await Promise.allSettled(this.open.values());
    await Promise.all([...this.hosts.values()].map(({ hypervisor }) => hypervisor.close()));
  }

  /** The nodes that this host is. */
  nodesAt(uri: string): readonly number[] {
    return [...this.hosts.values()].filter(({ hypervisor }) => hypervisor.uri === uri).map(({ node }) => node);
  }

  /** Its hosts, for whoever watches how busy they are. */
  watched(): readonly WatchedHost[] {
    return [...this.hosts.values()].map((host) => watched(host, (lease, vm) => this.networking.macsOf(lease, vm)));
  }

  // ---- hosts -----------------------------------------------------------------------------------------------------

  /** One promise a node: settles when it was looked at for the first time. */
  private add(nodes: NodeClass): Promise<void>[] {
    const { uri } = nodes.labels;
    const all = Array.from({ length: nodes.count }, (_, index) => nodes.first + index);
    const numbers = all.filter((node) => !this.options.gone.has(node));
    if (uri === undefined) {
      this.options.warn(`nodes ${nodes.first} and on have no label "uri": nothing can be started there`);
      for (const node of numbers) this.tellHealth(node, 'it has no label "uri" that says where its host is');
      return [];
    }
    return numbers.map((node) => {
      const name = nodes.names?.[node - nodes.first] ?? `n${node}`;
      return this.join(node, uri.replaceAll('{name}', name));
    });
  }

  private async join(node: number, uri: string): Promise<void> {
    let hypervisor: Hypervisor;
    try {
      hypervisor = this.options.connect(uri);
    } catch (error) {
      if (!(error instanceof HypervisorError)) throw error;
      this.options.warn(`node ${node}: ${error.message}: nothing can be started there`);
      this.tellHealth(node, error.message);
      return;
    }
    const host = new Host(node, hypervisor, this.options.directory, () => this.site);
    this.hosts.set(node, host);
    this.tellHealth(node, 'it has not answered yet');
    await new Promise<void>((resolve) => {
      hypervisor.listen({
        connected: () => void this.greet(host).then(resolve),
        disconnected: (why) => {
          if (host.isConnected) this.options.warn(`node ${node} (${uri}) does not answer: ${why}`);
          host.isConnected = false;
          this.tellHealth(node, why);
        },
        lifecycle: (uuid, event) => {
          if (event === 'stopped' || event === 'crashed') void this.lookFor(host, uuid);
        },
      });
    });
  }

  /** It answers, for the first time or again: what is there now, ours and not known any more? */
  private async greet(host: Host): Promise<void> {
    for (let said = ''; ; ) {
      try {
        await host.hypervisor.ensurePool(POOL, host.directory);
        const reality = await realityOf(host.hypervisor);
        const twin = this.nodeOf(reality, host.node);
        if (twin !== null) throw new HypervisorError('failed', `it is the same host as node ${twin}`);
        this.realities.set(host.node, reality);
        for (const one of await oursOn(host)) this.meet(host, one);
        host.isConnected = true;
        this.tellHealth(host.node, null);
        this.sweepNetworks([host]);
        return;
      } catch (error) {
        if (!(error instanceof HypervisorError)) throw error;
        if (error.message !== said) this.options.warn(`node ${host.node}: ${error.message}`);
        said = error.message;
        this.tellHealth(host.node, error.message);
      }
      await sleep(RETRY_MS, undefined, { ref: false });
      if (this.ending.signal.aborted || this.hosts.get(host.node) !== host) return;
    }
  }

  /** Networks of ours that nobody has a use for go. Hosts that do not answer are swept when they do. */
  sweepNetworks(hosts: readonly Host[] = [...this.hosts.values()]): void {
    const isGoing = (lease: LeaseId) => this.whereabouts.runOf(lease) !== null;
    void this.networking.sweep(hosts, () => [...this.hosts.values()], isGoing, this.ending.signal);
  }

  /** Another node that is this host already. */
  private nodeOf({ uuid }: HostReality, but: number): number | null {
    if (uuid === null) return null;
    for (const [node, known] of this.realities) if (node !== but && known.uuid === uuid) return node;
    return null;
  }

  private tellHealth(node: number, unreachable: string | null): void {
    this.options.onHealth?.({ node, unreachable, reality: this.realities.get(node) ?? null });
  }

  /** A copy of a run that is over, or that is on another node by now, is removed: nobody would ever ask for it. */
  private meet(host: Host, { record, facts }: Known): void {
    const { lease, vm, run, epoch } = record;
    this.epoch = Math.max(this.epoch, epoch);
    const isOurs = () => this.whereabouts.runOf(lease) === run && this.whereabouts.nodesOf(lease)[vm - 1] === host.node;
    if (isOurs()) {
      if (hasShutDown({ record, facts }) || hasFailed({ record, facts })) void this.lookFor(host, facts.uuid);
      return;
    }
    // During a move there are two copies, and that is right: the order comes again, and looks.
    if (this.whereabouts.runOf(lease) === run) return;
    const about = `VM ${vm} of lease ${lease} on node ${host.node}`;
    this.options.warn(`${about} is of no run that goes on: it is removed`);
    void this.lanes
      .take(lease, async (signal) => {
        const found = await host.certain(signal, () => lookAt(host, lease, vm));
        // Another run may have begun here meanwhile.
        if (found?.record.run === run && !isOurs()) await stop(host, { lease, vm, graceMs: 0 }, signal);
      })
      .catch((error: Error) => this.options.warn(`${about} could not be removed: ${error.message}`));
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
        await this.stop(decision, signal);
        return { type: 'VmsStopped', at: this.options.now(), lease, order: id, vms: null };
      case 'ActOrdered': {
        const { act, vms } = decision;
        const meant = vms ?? [1, this.whereabouts.nodesOf(lease).length];
        await actAll(this.placesOf(lease, meant), { lease, order: id, act }, signal);
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
        throw new OrderError('VMs are not carried to other nodes while they run');
      case 'MigrateOrdered':
        await this.moves.carry(order, decision, signal);
        return { type: 'VmsMigrated', at: this.options.now(), lease, order: id, vms: decision.vms };
      default:
        return unreachable(decision);
    }
  }

  private async start(order: Order, { lease, nodes }: StartOrdered, signal: AbortSignal): Promise<void> {
    // 1. Never a second copy: what is left of an earlier run goes first.
    if (this.whereabouts.runOf(lease) !== order.id) await stopAll(this.allOf(lease), lease, 0, signal);
    // 2. All of them, or none.
    this.whereabouts.set(lease, { run: order.id, nodes });
    const places = this.placesOf(lease, [1, size(nodes)]);
    const ready = this.options.readyOf?.(order.terms) ?? null;
    const wantedOf = ({ vm, host }: Place): Wanted => {
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
      };
      return {
        record,
        prepare: (hypervisor, cut) => this.options.maker.prepare(order, record, host, hypervisor, cut),
      };
    };
    await this.networking.during(order, places, signal, async () => {
      await startAll(places, lease, wantedOf, signal);
      // 3. Started is who is of use.
      const { now } = this.options;
      if (ready !== null) await readyAll(places, { lease, run: order.id, ready, now }, signal);
    });
  }

  private async resize({ terms }: Order, decision: ResizeOrdered, signal: AbortSignal): Promise<void> {
    const { lease, order, demands, cold } = decision;
    const { maker, graceMs } = this.options;
    const from = (vm: number) => maker.sizeOf(groupOf(terms, vm).demand);
    const after = sized(terms, demands);
    const to = (vm: number): Size => {
      const size = maker.sizeOf(groupOf(after, vm).demand);
      return groupOf(terms, vm).image === null ? { ...size, diskBytes: 0 } : size; // it has no disk
    };
    const places = this.placesOf(lease, [1, this.whereabouts.nodesOf(lease).length]);
    await resizeAll(places, { lease, order, graceMs: cold === true ? graceMs : null, from, to }, signal);
  }

  private async stop({ lease, cause }: StopOrdered, signal: AbortSignal): Promise<void> {
    const graceMs = cause === 'time-over' ? this.options.graceMs : 0;
    const places = this.allOf(lease);
    const targets = await this.moves.targetsOf(places, lease, signal);
    await stopAll(places, lease, graceMs, signal);
    await stopAll(targets, lease, 0, signal);
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
      const host = this.hosts.get(node);
      return host === undefined ? [] : [{ vm: index + 1, host }];
    });
  }

  private hostsOf(nodes: Runs): Host[] {
    return expand(nodes).map((node) => {
      const host = this.hosts.get(node);
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
      this.listener?.error(error);
      return;
    }
    const { lease } = decision;
    if (decision.type === 'StartOrdered') this.whereabouts.forget(lease);
    this.answered(id, { type: 'OrderFailed', at: this.options.now(), lease, order: id, detail: error.message });
  }

  tell(observation: Observation): void {
    if (this.listener === null) this.unheard.push(observation);
    else this.listener.next(observation);
  }

  /** A VM went off while nobody ordered it: it is started again, or its lease is over. */
  private async lookFor(host: Host, uuid: string): Promise<void> {
    const facts = await host.hypervisor.domain(uuid).catch(() => null);
    const record = facts === null ? null : (known(host, facts)?.record ?? null);
    if (record === null) return;
    const { lease, run } = record;
    await this.lanes
      .take(lease, async (signal) => {
        // What was under way may have been what ended it.
        if (this.whereabouts.runOf(lease) !== run) return;
        const places = this.allOf(lease);
        const found = await Promise.all(
          places.map(({ vm, host: on }) => on.certain(signal, () => lookAt(on, lease, vm))),
        );
        // 1. All guests have shut down: they wanted to.
        const areDone = places.length >= record.vms && found.every((one) => one !== null && hasShutDown(one));
        // 2. Some have failed: each is started again, unless it fails all the time.
        const pauses = found.flatMap((one, index) => {
          if (one === null || !hasFailed(one)) return [];
          return [{ place: places[index]!, pause: this.restarts.pauseAfter(one.facts.uuid, performance.now()) }];
        });
        if (areDone || pauses.some(({ pause }) => pause === null)) {
          if (!areDone) this.options.warn(`lease ${lease}: its VMs fail again and again; it is ended`);
          await stopAll(places, lease, 0, signal);
          await this.networking.end(places, lease, signal);
          this.whereabouts.forget(lease);
          this.tell({ type: 'LeaseEnded', at: this.options.now(), lease, order: run });
          return;
        }
        for (const { place, pause } of pauses) {
          this.options.warn(`VM ${place.vm} of lease ${lease} has failed; it is started again in ${pause} ms`);
          await sleep(pause!, undefined, { signal });
          await restart(place.host, { lease, vm: place.vm, run }, signal);
        }
      })
      .catch((error: Error) => this.options.warn(`lease ${lease}: ${error.message}`));
  }
}
