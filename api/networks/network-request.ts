/** From a request to register a network to what is kept of it. */

import { addressesOf, gatewayOf, parseAddress, parseSubnet, type Subnet } from '../../adapters/libvirt/pools.js';
import type { Notes } from '../access/tokens.js';
import type { NetworkRequest } from '../schemas/network.js';
import { networkNames, type NetworkNote, networkNote, OWN_PREFIX, subnetOf } from './network-notes.js';

interface FaultList {
  add(pointer: string, detail: string): void;
}

/** Of hosts' own networks: nothing that is somewhere else already. */
const PRIVATE: readonly Subnet[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((text) => parseSubnet(text)!);
const LARGEST = 12;

export function noteOf(
  body: NetworkRequest,
  notes: Notes,
  made: Pick<NetworkNote, 'created' | 'by'>,
  faults: FaultList,
): NetworkNote {
  const { kind, bridge = null, openVswitch = false, vlan = null, gateway = null, nameservers = [] } = body;
  const range = body.range ?? null;
  if (kind === 'bridge') {
    if (bridge === null) faults.add('/bridge', 'is missing: the bridge that is on every host');
  } else {
    if (range === null) faults.add('/range', 'is missing: what VMs have their addresses of');
    for (const member of ['bridge', 'openVswitch', 'vlan', 'gateway', 'nameservers'] as const)
      if (body[member] !== undefined) faults.add(`/${member}`, 'is of bridges only');
  }
  const subnet = range === null ? null : rangeIn(body, range, notes, faults);
  if (subnet === null && kind === 'bridge' && range === null)
    for (const member of ['gateway', 'nameservers'] as const)
      if (body[member] !== undefined) faults.add(`/${member}`, 'goes with a range: others tell VMs of it here');
  if (gateway !== null && subnet !== null && !isOf(subnet, gateway))
    faults.add('/gateway', 'is not an address in the range');
  for (const [i, server] of nameservers.entries())
    if (parseAddress(server) === null) faults.add(`/nameservers/${i}`, 'is not an IPv4 address');
  return { kind, range, bridge, openVswitch, vlan, gateway, nameservers, ...made };
}

/** Null: it is at fault. */
function rangeIn({ kind }: NetworkRequest, range: string, notes: Notes, faults: FaultList): Subnet | null {
  const fault = (detail: string): null => {
    faults.add('/range', detail);
    return null;
  };
  const subnet = parseSubnet(range);
  if (subnet === null) return fault('is not an IPv4 subnet from /8 to /30, as in 10.77.0.0/24, without bits of hosts');
  if (subnet.prefix < LARGEST) return fault(`is too large: /${LARGEST} is the largest`);
  if (kind === 'own' && subnet.prefix > OWN_PREFIX)
    return fault(`is too small: each lease has a /${OWN_PREFIX} of it to itself`);
  if (kind !== 'bridge' && !PRIVATE.some((whole) => overlap(whole, subnet)))
    return fault('is not private: 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16 are');
  for (const name of networkNames(notes)) {
    const other = subnetOf(networkNote(notes, name)!);
    if (other !== null && overlap(other, subnet)) return fault(`overlaps that of the network ${name}`);
  }
  return subnet;
}

function isOf(subnet: Subnet, text: string): boolean {
  const address = parseAddress(text);
  return address !== null && address >= gatewayOf(subnet) && address <= addressesOf(subnet).last;
}

function overlap(a: Subnet, b: Subnet): boolean {
  const end = ({ address, prefix }: Subnet) => address + 2 ** (32 - prefix);
  return a.address < end(b) && b.address < end(a);
}
