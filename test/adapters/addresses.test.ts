/** How VMs are reached: who is asked, what is believed, and that a guest that says nothing, or much, is no trouble. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Addresses, isReachable, usable } from '../../adapters/libvirt/addresses.js';
import { type Address, type AddressSource, HypervisorError } from '../../adapters/libvirt/hypervisor.js';
import { eventually } from '../support/eventually.js';

const MAC = '02:11:22:33:44:55';
const OTHER = '02:66:77:88:99:aa';
const told = (address: string, mac = MAC): Address => ({ interface: 'eth0', mac, address });

type Told = Partial<Record<AddressSource, readonly Address[] | Promise<readonly Address[]>>>;

/** A host whose sources say this; those that are not named cannot be asked. Counts how often each is asked. */
class Sources {
  readonly asked: AddressSource[] = [];

  constructor(private told: Told) {}

  async addresses(_: string, source: AddressSource): Promise<readonly Address[]> {
    this.asked.push(source);
    const found = this.told[source];
    if (found === undefined) throw new HypervisorError('failed', 'it cannot be asked');
    return found;
  }

  say(now: Told): void {
    this.told = now;
  }
}

const ONE = new Map([['u1', [MAC]]]);
const seenBy = (addresses: Addresses) => () => addresses.of(ONE).get('u1');

describe('of a VM', () => {
  it('its host is asked first, and the guest only where that knows nothing', async () => {
    const sources = new Sources({ lease: [told('10.0.0.5')], arp: [told('10.0.0.5'), told('10.0.0.6')] });
    const addresses = new Addresses(sources);
    expect(addresses.of(ONE).get('u1')).toEqual([]);
    await eventually(seenBy(addresses)).toEqual([
      { mac: MAC, address: '10.0.0.5', source: 'lease' },
      { mac: MAC, address: '10.0.0.6', source: 'arp' },
    ]);
    expect(sources.asked).not.toContain('agent');
    const guest = new Sources({ agent: [told('127.0.0.1'), told('10.0.0.7'), told('10.0.0.8', OTHER)] });
    await eventually(seenBy(new Addresses(guest))).toEqual([{ mac: MAC, address: '10.0.0.7', source: 'agent' }]);
  });

  it('what was found is asked for again now and then', async () => {
    const sources = new Sources({ lease: [told('10.0.0.5')] });
    const addresses = new Addresses(sources);
    await eventually(seenBy(addresses)).toHaveLength(1);
    sources.say({ lease: [told('10.0.0.9')] });
    await eventually(seenBy(addresses)).toEqual([{ mac: MAC, address: '10.0.0.9', source: 'lease' }]);
    // A VM that is not there any more is forgotten.
    expect(addresses.of(new Map()).size).toBe(0);
    expect(addresses.of(ONE).get('u1')).toEqual([]);
  });

  it('whose guest never answers, nobody waits', async () => {
    const sources = new Sources({ agent: new Promise(() => {}) });
    const addresses = new Addresses(sources);
    await eventually(() => {
      expect(addresses.of(ONE).get('u1')).toEqual([]);
      return sources.asked.includes('agent');
    }).toBe(true);
    for (let look = 0; look < 20; look++) addresses.of(ONE);
    expect(sources.asked.filter((source) => source === 'agent')).toHaveLength(1);
  });

  it('that says gigabytes, little is kept', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => told(`10.1.${i >> 8}.${i & 255}`));
    await eventually(seenBy(new Addresses(new Sources({ agent: many })))).toHaveLength(16);
  });
});

const hostile = fc.oneof(
  fc.string(),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('fe80::1%eth0', '::ffff:10.0.0.1', '10.0.0.1/33', '010.0.0.1', "10.0.0.1'; rm -rf /", '10.0.0.1\n'),
);

it('what guests say is an address of theirs, or nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ interface: fc.string(), mac: fc.constantFrom(MAC, OTHER), address: hostile })),
      (all) => {
        for (const { mac, address } of usable(all, [MAC])) {
          expect(mac).toBe(MAC);
          expect(address).toMatch(/^[0-9a-f.:]{2,39}$/);
          expect(isReachable(address)).toBe(true);
        }
      },
    ),
  );
});
