/**
 * Networks of the site on hosts: made when the first VM of ours needs them, with an entry for each VM in DHCP and DNS. Those
 * that we have made say so in their metadata, and only they are touched.
 */

import { createHash } from 'node:crypto';
import type { LeaseId, Terms } from '../../engine/index.js';
import { Places } from '../places.js';
import type { Nic } from './domain-xml.js';
import type { Hypervisor } from './hypervisor.js';
import { hostName, leaseNetwork, macAddress, nameBasedUuid } from './names.js';
import { type MadeNetwork, madeNetworkXml, type NetworkHost, networkHostXml, readNetwork } from './networks.js';
import { formatAddress, type Subnet } from './pools.js';
import type { SeedNetwork } from './seed.js';
import { VmError } from './vm.js';

/** As it was registered. */
export interface SiteNetwork {
  readonly name: string;
  /** `own`: each lease has one to itself. `bridge`: it is there already, and not ours. */
  readonly kind: 'nat' | 'isolated' | 'own' | 'bridge';
  /** What its VMs have their addresses of; null: others hand them out. */
  readonly subnet: Subnet | null;
  readonly bridge: string | null;
  readonly openVswitch: boolean;
  readonly vlan: number | null;
  readonly gateway: string | null;
  readonly nameservers: readonly string[];
}

/** What a lease has of it. */
export interface LeaseNetwork {
  readonly network: SiteNetwork;
  readonly lease: LeaseId;
  /** That of the network, or of the lease alone; null: others hand out addresses. */
  readonly subnet: Subnet | null;
  /** Places in the subnet, of each VM in turn. */
  readonly hosts: readonly number[];
}

/** Which networks leases have, as the log says. */
export interface NetworksPort {
  /** Null: none that was registered, or no addresses of it yet. `terms`: as an order has them; null: they do not matter. */
  of(lease: LeaseId, terms: Terms | null): LeaseNetwork | null;
  /** Its VMs have their addresses, for certain. Throws a VmError where there are none. */
  assign(lease: LeaseId, terms: Terms, vms: number, signal: AbortSignal): Promise<void>;
  /** None of its VMs is there any more. Throws a VmError where that could not be kept. */
  release(lease: LeaseId): Promise<void>;
  /** Those that have addresses. */
  leases(): readonly LeaseId[];
  isRegistered(network: string): boolean;
}

/** Locally administered; the address follows, so that no two are alike while no two addresses are. */
const MAC_PREFIX = '02:4c';
const PREFIX = 'leasehold.';

/** By which VM `vm` is known on its network. */
export function macOn({ lease, subnet, hosts }: LeaseNetwork, vm: number): string {
  const host = hosts[vm - 1];
  if (subnet === null || host === undefined) return macAddress(lease, vm);
  const digits = (subnet.address + host).toString(16).padStart(8, '0');
  return `${MAC_PREFIX}:${digits.replace(/..(?=.)/g, '$&:')}`;
}

export function nicOn(of: LeaseNetwork, vm: number): Nic {
  const { kind, bridge, openVswitch, vlan } = of.network;
  const mac = macOn(of, vm);
  if (kind === 'bridge') return { mac, to: { kind, bridge: bridge ?? '', openVswitch, vlan } };
  return { mac, to: { kind: 'network', network: nameOnHosts(of) } };
}

/** Where nobody answers DHCP the guest is told its address before it starts; null: it has to ask. */
export function seedNetworkOn(of: LeaseNetwork, vm: number): SeedNetwork | null {
  const { kind, gateway, nameservers } = of.network;
  const address = addressOn(of, vm);
  if (kind !== 'bridge' || address === null) return null;
  return { nics: [{ mac: macOn(of, vm), address: `${address}/${of.subnet!.prefix}`, gateway, nameservers }] };
}

export function addressOn({ subnet, hosts }: LeaseNetwork, vm: number): string | null {
  const host = hosts[vm - 1];
  return subnet === null || host === undefined ? null : formatAddress(subnet.address + host);
}

/** What it is called on every host. A name of ours has no dot in it where it is of a lease alone. */
export function nameOnHosts({ network: { kind, name }, lease }: Pick<LeaseNetwork, 'network' | 'lease'>): string {
  return kind === 'own' ? leaseNetwork(lease) : `${PREFIX}${name}`;
}

/** One change of the networks of a host at a time: what is looked at stays as it is until it was changed. */
const turns = new WeakMap<object, Places>();

function inTurn<T>(hypervisor: Networks, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const places = turns.get(hypervisor) ?? new Places(1);
  turns.set(hypervisor, places);
  return places.within(signal, work);
}

export type Networks = Pick<
  Hypervisor,
  'networks' | 'network' | 'startNetwork' | 'removeNetwork' | 'updateNetworkHost'
>;

/** The network is on this host, and knows this VM. May be done again. */
export async function join(
  hypervisor: Networks,
  site: string,
  of: LeaseNetwork,
  vm: number,
  signal: AbortSignal,
): Promise<void> {
  if (of.network.kind === 'bridge') return;
  const made = madeFor(site, of);
  const host: NetworkHost = { mac: macOn(of, vm), address: addressOn(of, vm)!, name: hostName(of.lease, vm) };
  await inTurn(hypervisor, signal, async () => {
    const xml = await hypervisor.network(made.name);
    const found = xml === null ? null : readNetwork(xml);
    if (found !== null && found.mark?.site !== site)
      throw new VmError(`the network ${made.name} of the host is not ours`);
    await hypervisor.startNetwork(madeNetworkXml(made));
    const known = found?.hosts ?? [];
    if (known.some((one) => isSame(one, host))) return;
    // Left behind by one that is gone: addresses are given to one VM at a time.
    for (const old of known)
      if (old.mac === host.mac || old.address === host.address || old.name === host.name)
        await hypervisor.updateNetworkHost(made.name, 'remove', networkHostXml(old));
    await hypervisor.updateNetworkHost(made.name, 'add', networkHostXml(host));
  });
}

/** What the host had for the lease on this network is gone. May be done again. */
export async function part(
  hypervisor: Networks,
  site: string,
  of: LeaseNetwork,
  vms: readonly number[],
  isLast: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (of.network.kind === 'bridge') return;
  const name = nameOnHosts(of);
  await inTurn(hypervisor, signal, async () => {
    const xml = await hypervisor.network(name);
    const found = xml === null ? null : readNetwork(xml);
    if (found === null || found.mark?.site !== site) return;
    if (of.network.kind === 'own' && isLast) return hypervisor.removeNetwork(name);
    // By name: their addresses may be those of others by now.
    const ours = new Set(vms.map((vm) => hostName(of.lease, vm)));
    for (const old of found.hosts)
      if (ours.has(old.name)) await hypervisor.updateNetworkHost(name, 'remove', networkHostXml(old));
  });
}

/** Removes networks of ours that nobody has a use for. `isWanted`: by what it was made for. */
export async function sweepNetworks(
  hypervisor: Networks,
  site: string,
  isWanted: (network: string, lease: LeaseId | null) => boolean,
  signal: AbortSignal,
): Promise<void> {
  await inTurn(hypervisor, signal, async () => {
    for (const { name } of await hypervisor.networks()) {
      if (!name.startsWith('leasehold')) continue;
      const xml = await hypervisor.network(name);
      const mark = xml === null ? null : readNetwork(xml).mark;
      if (mark === null || mark.site !== site || isWanted(mark.network, mark.lease)) continue;
      await hypervisor.removeNetwork(name);
    }
  });
}

function madeFor(site: string, of: LeaseNetwork): MadeNetwork {
  const { network, lease, subnet } = of;
  const name = nameOnHosts(of);
  return {
    name,
    uuid: nameBasedUuid(`${site}/${name}`),
    mark: { site, network: network.name, lease: network.kind === 'own' ? lease : null },
    bridge: `lh${createHash('sha256').update(name).digest('hex').slice(0, 12)}`,
    reach: network.kind === 'nat' ? 'nat' : 'isolated',
    subnet: subnet!,
    hosts: [],
  };
}

function isSame(a: NetworkHost, b: NetworkHost): boolean {
  return a.mac === b.mac && a.address === b.address && a.name === b.name;
}
