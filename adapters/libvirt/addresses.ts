/**
 * By which addresses VMs are reached, from whoever knows: the host that handed them out, guest agents, and what the host has
 * seen of its neighbours. What guests say is held within limits, and of their own interfaces only.
 */

import { isIP } from 'node:net';
import type { FoundAddress } from '../host-samples.js';
import { Places } from '../places.js';
import type { Address, AddressSource, Hypervisor } from './hypervisor.js';

/** In this order: who comes first is believed. */
const SOURCES: readonly AddressSource[] = ['lease', 'arp', 'agent'];
const ADDRESSES_MAX = 16;
/** Those that have addresses are asked for again once in so many looks; and so are guests, who have other things to do. */
const LOOKS = 6;
/** Not the first one: its host may know soon. */
const GUEST_LOOK = 2;
/** Guests that say nothing keep those up that do no longer than this many together. */
const AT_ONCE = 4;
const NEVER = new AbortController().signal;

interface Asked {
  found: readonly FoundAddress[];
  looks: number;
  asking: boolean;
}

/** What is known of VMs of one host, from look to look. Nobody waits for guests: what they say is told at the next look. */
export class Addresses {
  private readonly known = new Map<string, Asked>();
  private readonly places = new Places(AT_ONCE);

  constructor(private readonly hypervisor: Pick<Hypervisor, 'addresses'>) {}

  /** By domain, as far as is known; `macs`: of its interfaces. Those that are not named any more are forgotten. */
  of(domains: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly FoundAddress[]> {
    for (const uuid of this.known.keys()) if (!domains.has(uuid)) this.known.delete(uuid);
    for (const [uuid, macs] of domains) this.look(uuid, macs);
    return new Map([...this.known].map(([uuid, { found }]) => [uuid, found]));
  }

  private look(uuid: string, macs: readonly string[]): void {
    const known = this.known.get(uuid) ?? { found: [], looks: 0, asking: false };
    this.known.set(uuid, known);
    const mayAskGuest = known.looks++ % LOOKS === GUEST_LOOK;
    if (known.asking || (known.found.length > 0 && !mayAskGuest)) return;
    known.asking = true;
    const ask = async (): Promise<void> => {
      known.found = await foundBy(this.hypervisor, uuid, macs, mayAskGuest);
    };
    // It never rejects: nobody ends it.
    void this.places.within(NEVER, ask).finally(() => {
      known.asking = false;
    });
  }
}

/** A guest is asked only where its host knows nothing. */
async function foundBy(
  hypervisor: Pick<Hypervisor, 'addresses'>,
  uuid: string,
  macs: readonly string[],
  mayAskGuest: boolean,
): Promise<readonly FoundAddress[]> {
  if (macs.length === 0) return [];
  const found = new Map<string, FoundAddress>();
  for (const source of SOURCES) {
    if (source === 'agent' && (found.size > 0 || !mayAskGuest)) break;
    const told = await hypervisor.addresses(uuid, source).catch(() => []);
    for (const one of usable(told, macs)) if (!found.has(one.address)) found.set(one.address, { ...one, source });
  }
  return [...found.values()].slice(0, ADDRESSES_MAX);
}

/** Of these interfaces, and such that somebody could be reached by them. O(told). */
export function usable(told: readonly Address[], macs: readonly string[]): { mac: string; address: string }[] {
  return told.flatMap(({ mac, address: written }) => {
    const address = written.toLowerCase().replace(/\/\d{1,3}$/, '');
    return macs.includes(mac.toLowerCase()) && isReachable(address) ? [{ mac: mac.toLowerCase(), address }] : [];
  });
}

/** Not a machine itself, not many of them, and not what is known on one link alone. */
export function isReachable(address: string): boolean {
  if (isIP(address) === 4) return !/^(0|127|169\.254|22[4-9]|2[3-5]\d)\./.test(address);
  return isIP(address) === 6 && /^([23]|f[cd])[0-9a-f:]+$/.test(address);
}
