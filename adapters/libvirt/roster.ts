/** The nodes of the site as hosts: which there are, which of them answer, and what each has said of itself. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeClass } from '../../engine/index.js';
import { advised } from './advice.js';
import type { HostHealth, HostReality } from '../host-health.js';
import { type Accel, accelerationOf } from './acceleration.js';
import type { Fenced } from './fence.js';
import { OrderError } from './gang.js';
import { type Acceleration, Host } from './host.js';
import { HypervisorError, type Hypervisor } from './hypervisor.js';
import type { Away, Liveness } from './liveness.js';
import { realityOf } from './reality.js';
import { POOL } from './vm.js';
import type { WrittenImages } from './written-images.js';

export interface RosterPorts {
  /** Whose VMs are ours. */
  readonly site: () => string;
  /** The directory on each host that our files are in. */
  readonly directory: string;
  /** Absent: no VM writes its image. */
  readonly written?: WrittenImages;
  /** Under what VMs are to run. */
  readonly accel: Accel;
  /** Nodes that have left the site. */
  readonly gone: ReadonlySet<number>;
  /** Throws a HypervisorError for a URI that may not be used. */
  readonly connect: (uri: string) => Hypervisor;
  readonly liveness: Liveness;
  /** Nodes that the log has as lost: they are, until they answer. */
  readonly away: Away;
  /** Switches a host off; null: nobody can. Resolves with why that is not certain; null: it is off. */
  readonly fence: ((node: Fenced) => Promise<string | null>) | null;
  /** It has been switched off. */
  readonly onFenced: (node: number) => void;
  /**
   * Looks through it, for it answers, for the first time or again. Resolves with what is being removed there. Rejects with
   * a HypervisorError where it cannot be had.
   */
  readonly greet: (host: Host) => Promise<readonly Promise<void>[]>;
  /** It has been looked through. */
  readonly onAnswers: (host: Host) => void;
  /** A VM there, by its domain, has gone off. */
  readonly onOff: (host: Host, uuid: string) => void;
  readonly warn: (message: string) => void;
  readonly onHealth?: (health: HostHealth) => void;
}

const RETRY_MS = 2_000;
const FENCE_AGAIN_MS = 30_000;

export class Roster {
  private readonly hosts = new Map<number, Host>();
  /** As they were when they answered last, by node. */
  private readonly realities = new Map<number, HostReality>();
  private readonly faultsOfKvm = new Map<number, string | null>();
  private readonly names = new Map<number, string>();
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
      this.names.set(node, name);
      return this.join(node, uri.replaceAll('{name}', name));
    });
  }

  /** What is on it is left alone: the node is no longer ours to command. */
  remove(node: number): void {
    const host = this.hosts.get(node);
    this.hosts.delete(node);
    this.realities.delete(node);
    this.faultsOfKvm.delete(node);
    this.ports.liveness.forget(node);
    host?.leave(new OrderError(`node ${node} has left the site`));
    void host?.hypervisor.close();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.ports.liveness.close();
    await Promise.all([...this.hosts.values()].map(({ hypervisor }) => hypervisor.close()));
  }

  /** It is off for certain, as the log has it: nothing is waited for there. Not where it answers, and who said so was wrong. */
  lose(node: number): void {
    const host = this.hosts.get(node);
    if (host === undefined || host.isConnected) return;
    host.lose(new OrderError(`node ${node} is lost`));
    this.ports.liveness.isLost(node);
  }

  /** It has been silent for too long: switched off, where somebody can do that, and else nobody knows what runs there. */
  async fence(node: number): Promise<void> {
    const { fence, warn } = this.ports;
    const host = this.hosts.get(node);
    if (fence === null || host === undefined) return;
    const isDue = (): boolean => !this.isClosed && this.hosts.get(node) === host && !host.isConnected && !host.isLost;
    for (let said = ''; isDue(); ) {
      const fault = await fence({ node, name: this.names.get(node)! });
      if (!isDue()) return;
      if (fault === null) {
        warn(`node ${node} did not answer and has been switched off`);
        this.ports.onFenced(node);
        return this.lose(node);
      }
      if (fault !== said) warn(`node ${node} does not answer and could not be switched off: ${fault}`);
      said = fault;
      this.tellHealth(node, `it does not answer, and could not be switched off: ${fault}`);
      await sleep(FENCE_AGAIN_MS, undefined, { ref: false });
    }
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
    const { directory, site, written = null, warn } = this.ports;
    const host = new Host(node, hypervisor, directory, site, written, warn);
    this.hosts.set(node, host);
    if (this.ports.away.get(node) === 'lost') host.lose(new OrderError(`node ${node} is lost`));
    this.tellHealth(node, 'it has not answered yet');
    let isSaid = false;
    await new Promise<void>((resolve) => {
      hypervisor.listen({
        connected: () => void this.greet(host).then(resolve),
        disconnected: (why) => {
          if (host.isConnected || !isSaid) this.ports.warn(`node ${node} (${uri}) does not answer: ${advised(why)}`);
          isSaid = true;
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
        const wasLost = host.isLost;
        host.return();
        this.accelerate(host);
        const removals = await this.ports.greet(host);
        host.isConnected = true;
        // The log takes one that was lost for empty.
        if (wasLost) await Promise.all(removals);
        this.ports.liveness.answers(host.node);
        this.tellHealth(host.node, null);
        this.ports.onAnswers(host);
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

  /** Found out anew whenever it comes back: it may have been mended meanwhile. Nothing but starts waits for that. */
  private accelerate(host: Host): void {
    const { accel, site, directory, warn } = this.ports;
    const { node, hypervisor } = host;
    const found = accelerationOf(hypervisor, accel, { name: `${site() || 'new'}-${node}`, directory });
    host.acceleration = found;
    const tell = ({ fault }: Acceleration): void => {
      if (this.hosts.get(node) !== host || host.acceleration !== found) return;
      if (fault !== null && fault !== this.faultsOfKvm.get(node)) warn(`node ${node}: ${fault}`);
      this.faultsOfKvm.set(node, fault);
      if (host.isConnected) this.tellHealth(node, null);
    };
    // Where it does not answer any more, it is asked when it does.
    found.then(tell, () => {});
  }

  /** Another node that is this host already. */
  private nodeOf({ uuid }: HostReality, but: number): number | null {
    if (uuid === null) return null;
    for (const [node, known] of this.realities) if (node !== but && known.uuid === uuid) return node;
    return null;
  }

  private tellHealth(node: number, unreachable: string | null): void {
    const why = unreachable === null ? null : advised(unreachable);
    const noKvm = this.faultsOfKvm.get(node) ?? null;
    this.ports.onHealth?.({ node, unreachable: why, reality: this.realities.get(node) ?? null, noKvm });
  }
}
