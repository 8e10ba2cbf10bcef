/**
 * Networks as libvirt is told of them. libvirt's own (NAT, isolated) are of one host: it routes, answers DHCP and knows
 * names. A bridge is the site's: what is behind it may span hosts, and who hands out addresses there is its own affair.
 */

import { isDeepStrictEqual } from 'node:util';
import type { LeaseId } from '../../engine/index.js';
import { BRIDGE, MAC, NETWORK, VLAN } from './domain-rules.js';
import { checkAgainst, rule, several, WORD, words, YES_NO } from './grammar.js';
import { METADATA_PREFIX, SITE } from './metadata.js';
import { LEASE_ID } from './names.js';
import { formatAddress, gatewayOf, parseAddress, type Subnet } from './pools.js';
import { element, readXml, writeXml, type XmlElement, XmlError } from './xml.js';

/** A VM on a network, for DHCP and DNS. */
export interface NetworkHost {
  readonly mac: string;
  readonly address: string;
  /** `lqezv-1`: found under this name by the others. */
  readonly name: string;
}

/** What marks a network as ours. */
export interface NetworkMark {
  /** Whose it is: by which log. */
  readonly site: string;
  /** What it was registered as. */
  readonly network: string;
  /** The lease that has it to itself; null: it is there for all. */
  readonly lease: LeaseId | null;
}

/** A network that libvirt makes on a host. */
export interface MadeNetwork {
  readonly name: string;
  /** The same for the same network, so that it may be defined again. */
  readonly uuid: string;
  readonly mark: NetworkMark;
  /** Its interface on the host: Linux takes 15 letters. */
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
export function madeNetworkXml({ name, uuid, mark, bridge, reach, subnet, hosts }: MadeNetwork): string {
  const address = { address: formatAddress(gatewayOf(subnet)), prefix: subnet.prefix };
  return checked(
    element('network', {}, [
      element('name', {}, name),
      element('uuid', {}, uuid),
      element('metadata', {}, [markElement(mark)]),
      reach === 'nat' ? element('forward', { mode: 'nat' }) : null,
      element('bridge', { name: bridge, stp: 'on', delay: 0 }),
      // Names that are not known here are nobody else's business.
      element('domain', { name: DNS_DOMAIN, localOnly: 'yes' }),
      element('dns', { forwardPlainNames: 'no' }),
      element('ip', address, [hosts.length === 0 ? null : element('dhcp', {}, hosts.map(hostElement))]),
    ]),
  );
}

const MARK = `${METADATA_PREFIX}:network`;
const MARK_NAMESPACE = 'urn:leasehold:network:1';

function markElement({ site, network, lease }: NetworkMark): XmlElement {
  const own = lease === null ? {} : { lease };
  return element(MARK, { [`xmlns:${METADATA_PREFIX}`]: MARK_NAMESPACE, site, name: network, ...own });
}

/** Null: it is not ours, whatever it is called. */
function markIn(network: XmlElement): NetworkMark | null {
  const metadata = network.children.find(({ name }) => name === 'metadata');
  const mark = metadata?.children.find(({ name }) => name === MARK);
  if (mark === undefined || mark.attributes[`xmlns:${METADATA_PREFIX}`] !== MARK_NAMESPACE) return null;
  const { site = '', name = '', lease = null } = mark.attributes;
  if (!SITE.test(site) || !NETWORK.test(name) || (lease !== null && !LEASE_ID.test(lease))) return null;
  return { site, network: name, lease };
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
  /** Null: it is not ours. */
  readonly mark: NetworkMark | null;
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
    mark: markIn(network),
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

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const IP = /^(\d{1,3}\.){3}\d{1,3}$/;
const HOST_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const HOST = several(65_536, { attributes: { mac: MAC, name: HOST_NAME, ip: IP } });

const RULES = rule({
  children: {
    name: rule({ text: NETWORK }),
    uuid: rule({ text: UUID }),
    metadata: rule({
      children: {
        [MARK]: rule({
          attributes: {
            [`xmlns:${METADATA_PREFIX}`]: words(MARK_NAMESPACE),
            site: SITE,
            name: NETWORK,
            lease: LEASE_ID,
          },
        }),
      },
    }),
    forward: rule({ attributes: { mode: words('nat', 'bridge') } }),
    bridge: rule({ attributes: { name: BRIDGE, stp: words('on'), delay: words('0') } }),
    domain: rule({ attributes: { name: WORD, localOnly: YES_NO } }),
    dns: rule({ attributes: { forwardPlainNames: YES_NO } }),
    virtualport: rule({ attributes: { type: words('openvswitch') } }),
    vlan: rule({ children: { tag: rule({ attributes: { id: VLAN } }) } }),
    ip: rule({
      attributes: { address: IP, prefix: /^([89]|[12]\d|30)$/ },
      children: { dhcp: rule({ children: { host: HOST } }) },
    }),
  },
});
