/** The hosts behind the nodes: how they are, as the loop told last, and what is there where somebody wants to register one. */

import type { FoundHost, HostHealth, HostReality, HostVerdict } from '../../adapters/host-health.js';
import type { HostSample } from '../../adapters/host-samples.js';
import { formatInstant } from '../formats.js';
import type { FromLoop } from '../loop-messages.js';
import { Problem } from '../problems.js';
import type { Condition } from '../schemas/cluster.js';
import type { HostsPort } from './hosts-port.js';
import { Samples } from './samples.js';

/** A look takes a process of its own. */
const LOOKS_MAX = 4;
/** A sample is told of as a metric for so many rounds. */
const FRESH_ROUNDS = 3;

const NO_HOSTS =
  'is for services with real hosts, and the nodes of this one are simulated: start another with --cluster libvirt and a --data-dir of its own, or leave the URI out and say what the node has';

export interface HostsOptions {
  /** Asks a host what it has; null: nodes are simulated. */
  readonly look: ((uri: string, prepare: boolean) => Promise<HostVerdict>) | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The node has left the site. */
  readonly isGone: (node: number) => boolean;
  /** How often hosts are looked at. */
  readonly monitorMs: number;
}

interface Known extends HostHealth {
  /** Since when it answers, or does not. */
  readonly since: number;
}

export class Hosts implements HostsPort {
  private readonly known = new Map<number, Known>();
  private looks = 0;
  readonly samples = new Samples();

  constructor(private readonly options: HostsOptions) {}

  hear(message: FromLoop): void {
    if (message.type === 'host') this.healthIs(message.health);
    if (message.type === 'sample') this.samples.add(message.sample);
    // Who does not lead hears of no host.
    if (message.type !== 'role' || message.role !== 'follower') return;
    this.known.clear();
    this.samples.clear();
  }

  get whyNoSamples(): string {
    if (this.options.look === null) return 'nodes are simulated here, and nothing of them is measured';
    return 'nothing was seen of it: it does not run just now, or its host has not answered';
  }

  /** Those of nodes of the site. */
  all(): HostHealth[] {
    return [...this.known.values()].filter(({ node }) => !this.options.isGone(node));
  }

  /** The last sample of each host that is seen as often as it should. */
  fresh(): HostSample[] {
    const since = this.options.now() - FRESH_ROUNDS * this.options.monitorMs;
    return [...this.samples.newest()].filter(({ node, at }) => at >= since && !this.options.isGone(node));
  }

  private healthIs(health: HostHealth): void {
    const before = this.known.get(health.node);
    const isSame = before !== undefined && (before.unreachable === null) === (health.unreachable === null);
    this.known.set(health.node, { ...health, since: isSame ? before.since : this.options.now() });
  }

  conditionsOf(node: number, capacity: Readonly<Record<string, number>>): readonly Condition[] {
    const known = this.known.get(node);
    if (known === undefined) return [];
    const { unreachable, reality, noKvm } = known;
    const since = formatInstant(known.since);
    const conditions: Condition[] = [];
    if (unreachable !== null) conditions.push({ type: 'unreachable', detail: unreachable, since });
    const beyond = reality === null ? [] : excessesOf(capacity, reality);
    if (beyond.length > 0) conditions.push({ type: 'capacity-beyond-host', detail: beyond.join('; '), since });
    if (noKvm !== null) conditions.push({ type: 'no-kvm', detail: noKvm, since });
    return conditions;
  }

  nodesOf(uuid: string): readonly number[] {
    return [...this.known.values()].filter(({ reality }) => reality?.uuid === uuid).map(({ node }) => node);
  }

  async look(uri: string, prepare: boolean): Promise<FoundHost> {
    const { look } = this.options;
    if (look === null)
      throw new Problem('request-invalid', `/uri ${NO_HOSTS}`, [{ pointer: '/uri', detail: NO_HOSTS }]);
    if (this.looks >= LOOKS_MAX) throw new Problem('busy', `${LOOKS_MAX} hosts are being looked at already`);
    this.looks++;
    const verdict = await look(uri, prepare).finally(() => this.looks--);
    if (verdict.ok) return verdict.host;
    const { at, detail } = verdict;
    if (at === 'uri') throw new Problem('request-invalid', `/uri: ${detail}`, [{ pointer: '/uri', detail }]);
    throw new Problem('host-unreachable', `nothing was registered, since the host cannot be had: ${detail}`);
  }
}

/** By how much the site says more than there is. */
export function excessesOf(
  capacity: Readonly<Record<string, number>>,
  { cpus, memoryMiB, diskMiB }: HostReality,
): string[] {
  const real = { cpu: cpus, memoryMiB, diskMiB };
  return Object.entries(real).flatMap(([name, amount]) =>
    amount !== null && (capacity[name] ?? 0) > amount
      ? [`${name} is ${capacity[name]}, and the host has ${amount}`]
      : [],
  );
}
