/** Orders that bring VMs of a lease to other hosts: which go where, and where they are afterwards. */

import type { LeaseId, NodeClass, Order, Runs } from '../../engine/index.js';
import { expand } from '../../engine/index.js';
import { OrderError, type Place } from './gang.js';
import type { Host } from './host.js';
import { groupOf, type Maker } from './machine.js';
import { migrateAll } from './migrate.js';
import { carryAll, type Move, type MoveOrder, type MoveWay } from './move.js';
import type { Networking } from './networking.js';
import { mayShareDisk, type Reach, reachOf, shareFiles } from './reach.js';
import { isRunning, lookAt } from './vm.js';
import type { Whereabouts } from './whereabouts.js';

export interface MovesPorts {
  readonly whereabouts: Whereabouts;
  /** Undefined: nothing there is ours to command. */
  readonly hostOf: (node: number) => Host | undefined;
  readonly hosts: () => Iterable<Host>;
  /** The node's labels as they are now; undefined: as they were when it joined. */
  readonly labelsOf?: (node: number) => NodeClass['labels'] | undefined;
  readonly maker: Pick<Maker, 'place'>;
  readonly networking: Networking;
  readonly way: MoveWay;
  readonly tell: (message: string) => void;
}

/** What orders to move say. */
interface Wanted {
  readonly lease: LeaseId;
  readonly vms: Runs;
  /** Of the whole lease. */
  readonly nodes: Runs;
}

const UNREACHED: Reach = { uri: null, storage: null, directories: new Map() };

export class Moves {
  /** What each node's labels said to the others when it joined. */
  private readonly known = new Map<number, { readonly name: string; readonly labels: NodeClass['labels'] }>();

  constructor(private readonly ports: MovesPorts) {}

  learn({ first, count, names, labels }: NodeClass): void {
    for (let node = first; node < first + count; node++)
      this.known.set(node, { name: names?.[node - first] ?? `n${node}`, labels });
  }

  /** These VMs, which are saved, lie on the nodes of the order when it resolves. */
  async carry(order: Order, { lease, vms, nodes }: Wanted, signal: AbortSignal): Promise<void> {
    const { whereabouts } = this.ports;
    const moves = this.movesOf({ lease, vms, nodes });
    const real = await Promise.all(moves.map((move) => this.fromWhereItIs(move, lease, signal)));
    const away = real.filter(({ host, to }) => host !== to);
    for (const { vm, to } of away) await this.ports.networking.receive(to, order, vm, signal);
    await carryAll(away, this.orderOf(order, lease), signal);
    whereabouts.move(lease, vms, nodes);
    await this.haveLeft(away, lease, signal);
  }

  /** These VMs, which run, run on the nodes of the order when it resolves. */
  async migrate(order: Order, wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { lease } = wanted;
    const moves = this.movesOf(wanted).filter(({ host, to }) => host !== to);
    for (const { vm, to } of moves) await this.ports.networking.receive(to, order, vm, signal);
    await migrateAll(
      moves,
      this.orderOf(order, lease),
      ({ vm, host, to }, job) => {
        this.ports.whereabouts.moveOne(lease, vm, to.node);
        const still = job?.downtimeMs == null ? '' : `; it stood still for ${job.downtimeMs} ms`;
        const took = job === null ? '' : ` after ${(job.elapsedMs / 1000).toFixed(1)} s`;
        this.ports.tell(
          `VM ${vm} of lease ${lease} has moved from node ${host.node} to node ${to.node}${took}${still}`,
        );
      },
      signal,
    );
    await this.haveLeft(moves, lease, signal);
  }

  /** Whether the directory of our files is the same on both. */
  share(one: Host, other: Host): boolean {
    return shareFiles(this.reachOf(one), this.reachOf(other));
  }

  /** Whether a disk in this directory may be the same on both. */
  mayShareDisk(one: Host, other: Host, place: string | undefined): boolean {
    return mayShareDisk(this.reachOf(one), this.reachOf(other), place);
  }

  /** Hosts that these VMs were on their way to. One that does not answer is looked through when it does. */
  async targetsOf(places: readonly Place[], lease: LeaseId, signal: AbortSignal): Promise<Place[]> {
    const found = await Promise.all(
      places.map(async ({ vm, host }) => {
        const one = await host.certain(signal, () => lookAt(host, lease, vm));
        const target = one?.record.moving === undefined ? undefined : this.ports.hostOf(one.record.moving.to);
        return target?.isConnected === true && target !== host ? [{ vm, host: target }] : [];
      }),
    );
    return found.flat();
  }

  /** Of hosts that VMs were on their way to: those on which they run by now, and no longer where they come from. */
  async arrivedAmong(
    targets: readonly Place[],
    places: readonly Place[],
    lease: LeaseId,
    signal: AbortSignal,
  ): Promise<Place[]> {
    const runs = async (vm: number, host: Host): Promise<boolean> => {
      const found = await host.certain(signal, () => lookAt(host, lease, vm));
      return found !== null && isRunning(found);
    };
    const all = await Promise.all(
      targets.map(async (target) => {
        const source = places.find(({ vm }) => vm === target.vm)!;
        return !(await runs(source.vm, source.host)) && (await runs(target.vm, target.host)) ? [target] : [];
      }),
    );
    return all.flat();
  }

  private async haveLeft(moves: readonly Move[], lease: LeaseId, signal: AbortSignal): Promise<void> {
    const { whereabouts, networking } = this.ports;
    for (const { vm, host } of moves)
      await networking.leave(host, lease, [vm], !whereabouts.nodesOf(lease).includes(host.node), signal);
  }

  private movesOf({ lease, vms, nodes }: Wanted): Move[] {
    const from = this.ports.whereabouts.nodesOf(lease);
    const to = expand(nodes);
    return expand(vms).map((vm) => {
      const [source, target] = [this.hostAt(from[vm - 1]), this.hostAt(to[vm - 1])];
      return { vm, host: source, to: target };
    });
  }

  private hostAt(node: number | undefined): Host {
    const host = node === undefined ? undefined : this.ports.hostOf(node);
    if (host === undefined) throw new OrderError(node === undefined ? 'it has no VMs' : `node ${node} is not there`);
    return host;
  }

  /**
   * On shared storage a lease is planned to resume on other nodes, and is still defined where it was saved: whoever was
   * started anew in between has only heard of the plan.
   */
  private async fromWhereItIs(move: Move, lease: LeaseId, signal: AbortSignal): Promise<Move> {
    const { vm, host } = move;
    if (host !== move.to || (await host.certain(signal, () => lookAt(host, lease, vm))) !== null) return move;
    const run = this.ports.whereabouts.runOf(lease);
    for (const other of this.ports.hosts()) {
      if (other === host || !other.isConnected) continue;
      const found = await other.certain(signal, () => lookAt(other, lease, vm));
      if (found !== null && found.record.run === run && found.record.saved !== null) return { ...move, host: other };
    }
    return move;
  }

  private reachOf({ node }: Host): Reach {
    const known = this.known.get(node);
    if (known === undefined) return UNREACHED;
    return reachOf(this.ports.labelsOf?.(node) ?? known.labels, known.name);
  }

  private orderOf(order: Order, lease: LeaseId): MoveOrder {
    const { id, terms } = order;
    const base: MoveOrder['base'] = async (vm, hypervisor, signal) => {
      const { image } = groupOf(terms, vm);
      return image === null ? null : this.ports.maker.place(hypervisor, image, signal);
    };
    return { lease, order: id, base, reachOf: (host) => this.reachOf(host), way: this.ports.way };
  }
}
