/**
 * Networks as libvirt is told of them. libvirt's own (NAT, isolated) are of one host: it routes, answers DHCP and knows
 * names. A bridge is the site's: what is behind it may span hosts, and who hands out addresses there is its own affair.
 */

import { isDeepStrictEqual } from 'node:util';
import { BRIDGE, MAC, NETWORK, VLAN } from './domain-rules.js';
import { checkAgainst, rule, several, WORD, words, YES_NO } from './grammar.js';
import { formatAddress, gatewayOf, parseAddress, type Subnet } from './pools.js';
import { element, readXml, writeXml, type XmlElement, XmlError } from './xml.js';

/** A VM on a network, for DHCP and DNS. */
export interface NetworkHost {
  readonly mac: string;
  readonly address: string;
  /** `lqezv-1`: found under this name by the others. */
  readonly name: string;
}

/** A network that libvirt makes on a host. */
export interface MadeNetwork {
  readonly name: string;
  /** Its interface on the host. */
  readonly bridge: string;
  /** `nat`: VMs reach what the host reaches. `isolated`: each other, and the host. */
  readonly reach: 'nat' | 'isolated';
  readonly subnet: Subnet;
  readonly hosts: readonly NetworkHost[];
}

/**
 * With DHCP for exactly these hosts (no range: strangers get no address that one of ours may be given), and DNS for their
 * names. Throws an XmlError that says which value is not accepted.
 */
export function madeNetworkXml({ name, bridge, reach, subnet, hosts }: MadeNetwork): string {
  const address = { address: formatAddress(gatewayOf(subnet)), prefix: subnet.prefix };
  return checked(
    element('network', {}, [
      element('name', {}, name),
      reach === 'nat' ? element('forward', { mode: 'nat' }) : null,
      element('bridge', { name: bridge, stp: 'on', delay: 0 }),
      // Names that are not known here are nobody else's business.
      element('domain', { name: DNS_DOMAIN, localOnly: 'yes' }),
      element('ip', address, [hosts.length === 0 ? null : element('dhcp', {}, hosts.map(hostElement))]),
    ]),
  );
}

export const DNS_DOMAIN = 'leasehold.internal';

/** A bridge that is there already, as a network of libvirt's; `vlan`: its VMs are in this VLAN (1 to 4094). */
export interface BridgeNetwork {
  readonly name: string;
  readonly bridge: string;
  /** It is one of Open vSwitch. VLANs need that, or libvirt 11. */
  readonly openVswitch: boolean;
  readonly vlan: number | null;
}

/** Throws an XmlError that says which value is not accepted. */
export function bridgeNetworkXml({ name, bridge, openVswitch, vlan }: BridgeNetwork): string {
  return checked(
    element('network', {}, [
      element('name', {}, name),
      element('forward', { mode: 'bridge' }),
      element('bridge', { name: bridge }),
      openVswitch ? element('virtualport', { type: 'openvswitch' }) : null,
      vlan === null ? null : element('vlan', {}, [element('tag', { id: vlan })]),
    ]),
  );
}

/** One DHCP entry, for a network that is there. Throws an XmlError that says which value is not accepted. */
export function networkHostXml(host: NetworkHost): string {
  const entry = hostElement(host);
  const xml = writeXml(entry).trimEnd();
  checkAgainst(HOST, entry);
  return xml;
}

function hostElement({ mac, address, name }: NetworkHost): XmlElement {
  return element('host', { mac, name, ip: address });
}

/** What is in use on a network, from its XML: all that its addresses and MACs may not be taken for again. */
export interface NetworkInUse {
  readonly name: string;
  readonly subnets: readonly Subnet[];
  readonly hosts: readonly NetworkHost[];
}

/** Also networks that others have made. Throws an XmlError where it is not the XML of a network. */
export function readNetwork(xml: string): NetworkInUse {
  const network = readXml(xml);
  if (network.name !== 'network') throw new XmlError(`<${network.name.slice(0, 40)}> is not a network`);
  const all = (children: readonly XmlElement[], name: string) => children.filter((child) => child.name === name);
  const ips = all(network.children, 'ip');
  const entries = ips.flatMap(({ children }) => all(children, 'dhcp')).flatMap(({ children }) => all(children, 'host'));
  return {
    name: network.children.find(({ name }) => name === 'name')?.text ?? '',
    subnets: ips.flatMap(({ attributes }) => subnetOf(attributes)),
    hosts: entries.flatMap(({ attributes: { mac, ip, name = '' } }) =>
      mac === undefined || ip === undefined ? [] : [{ mac: mac.toLowerCase(), address: ip, name }],
    ),
  };
}

/** libvirt keeps what it was told: a prefix or a mask. Empty: IPv6. */
function subnetOf({
  address: written = '',
  netmask = '',
  prefix: bits = '32',
}: XmlElement['attributes']): readonly Subnet[] {
  const address = parseAddress(written);
  if (address === null) return [];
  const mask = parseAddress(netmask);
  const prefix = mask === null ? Number(bits) : 32 - Math.log2(2 ** 32 - mask);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > 32) return [];
  return [{ address: address - (address % 2 ** (32 - prefix)), prefix }];
}

function checked(network: XmlElement): string {
  const xml = writeXml(network);
  const read = readXml(xml);
  if (!isDeepStrictEqual(read, network)) throw new XmlError('what was written reads otherwise; this is a defect');
  checkAgainst(RULES, read);
  return xml;
}

const IP = /^(\d{1,3}\.){3}\d{1,3}$/;
const HOST_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const HOST = several(65_536, { attributes: { mac: MAC, name: HOST_NAME, ip: IP } });

const RULES = rule({
  children: {
    name: rule({ text: NETWORK }),
    forward: rule({ attributes: { mode: words('nat', 'bridge') } }),
    bridge: rule({ attributes: { name: BRIDGE, stp: words('on'), delay: words('0') } }),
    domain: rule({ attributes: { name: WORD, localOnly: YES_NO } }),
    virtualport: rule({ attributes: { type: words('openvswitch') } }),
    vlan: rule({ children: { tag: rule({ attributes: { id: VLAN } }) } }),
    ip: rule({
      attributes: { address: IP, prefix: /^([89]|[12]\d|30)$/ },
      children: { dhcp: rule({ children: { host: HOST } }) },
    }),
  },
});
