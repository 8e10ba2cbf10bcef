/** The nodes of the site as hosts: which there are, which of them answer, and what each has said of itself. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeClass } from '../../engine/index.js';
import type { HostHealth, HostReality } from '../host-health.js';
import { OrderError } from './gang.js';
import { Host } from './host.js';
import { HypervisorError, type Hypervisor } from './hypervisor.js';
import type { Liveness } from './liveness.js';
import { realityOf } from './reality.js';
import { POOL } from './vm.js';

export interface RosterPorts {
  /** Whose VMs are ours. */
  readonly site: () => string;
  /** The directory on each host that our files are in. */
  readonly directory: string;
  /** Nodes that have left the site. */
  readonly gone: ReadonlySet<number>;
  /** Throws a HypervisorError for a URI that may not be used. */
  readonly connect: (uri: string) => Hypervisor;
  readonly liveness: Liveness;
  /** Looks through it, for it answers, for the first time or again. Rejects with a HypervisorError where it cannot be had. */
  readonly greet: (host: Host) => Promise<void>;
  /** A VM there, by its domain, has gone off. */
  readonly onOff: (host: Host, uuid: string) => void;
  readonly warn: (message: string) => void;
  readonly onHealth?: (health: HostHealth) => void;
}

const RETRY_MS = 2_000;

export class Roster {
  private readonly hosts = new Map<number, Host>();
  /** As they were when they answered last, by node. */
  private readonly realities = new Map<number, HostReality>();
  private isClosed = false;

  constructor(private readonly ports: RosterPorts) {}

  /** Undefined: nothing there is ours to command. */
  get(node: number): Host | undefined {
    return this.hosts.get(node);
  }

  all(): Iterable<Host> {
    return this.hosts.values();
  }

  /** One promise a node: settles when it was looked at for the first time. */
  add(nodes: NodeClass): Promise<void>[] {
    const { uri } = nodes.labels;
    const all = Array.from({ length: nodes.count }, (_, index) => nodes.first + index);
    const numbers = all.filter((node) => !this.ports.gone.has(node));
    for (const node of numbers) this.ports.liveness.isSilent(node);
    if (uri === undefined) {
      this.ports.warn(`nodes ${nodes.first} and on have no label "uri": nothing can be started there`);
      for (const node of numbers) this.tellHealth(node, 'it has no label "uri" that says where its host is');
      return [];
    }
    return numbers.map((node) => {
      const name = nodes.names?.[node - nodes.first] ?? `n${node}`;
      return this.join(node, uri.replaceAll('{name}', name));
    });
  }

  /** What is on it is left alone: the node is no longer ours to command. */
  remove(node: number): void {
    const host = this.hosts.get(node);
    this.hosts.delete(node);
    this.realities.delete(node);
    this.ports.liveness.forget(node);
    host?.leave(new OrderError(`node ${node} has left the site`));
    void host?.hypervisor.close();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.ports.liveness.close();
    await Promise.all([...this.hosts.values()].map(({ hypervisor }) => hypervisor.close()));
  }

  private async join(node: number, uri: string): Promise<void> {
    let hypervisor: Hypervisor;
    try {
      hypervisor = this.ports.connect(uri);
    } catch (error) {
      if (!(error instanceof HypervisorError)) throw error;
      this.ports.warn(`node ${node}: ${error.message}: nothing can be started there`);
      this.tellHealth(node, error.message);
      return;
    }
    const host = new Host(node, hypervisor, this.ports.directory, this.ports.site);
    this.hosts.set(node, host);
    this.tellHealth(node, 'it has not answered yet');
    await new Promise<void>((resolve) => {
      hypervisor.listen({
        connected: () => void this.greet(host).then(resolve),
        disconnected: (why) => {
          if (host.isConnected) this.ports.warn(`node ${node} (${uri}) does not answer: ${why}`);
          host.isConnected = false;
          this.ports.liveness.isSilent(node);
          this.tellHealth(node, why);
        },
        lifecycle: (uuid, event) => {
          if (event === 'stopped' || event === 'crashed') this.ports.onOff(host, uuid);
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
        await this.ports.greet(host);
        host.isConnected = true;
        this.ports.liveness.answers(host.node);
        this.tellHealth(host.node, null);
        return;
      } catch (error) {
        if (!(error instanceof HypervisorError)) throw error;
        if (error.message !== said) this.ports.warn(`node ${host.node}: ${error.message}`);
        said = error.message;
        this.tellHealth(host.node, error.message);
      }
      await sleep(RETRY_MS, undefined, { ref: false });
      if (this.isClosed || this.hosts.get(host.node) !== host) return;
    }
  }

  /** Another node that is this host already. */
  private nodeOf({ uuid }: HostReality, but: number): number | null {
    if (uuid === null) return null;
    for (const [node, known] of this.realities) if (node !== but && known.uuid === uuid) return node;
    return null;
  }

  private tellHealth(node: number, unreachable: string | null): void {
    this.ports.onHealth?.({ node, unreachable, reality: this.realities.get(node) ?? null });
  }
}
