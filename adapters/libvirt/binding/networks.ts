/** Networks of a host. */

import { eachOf, XML_MAX } from './domains.js';
import { FAULT, type Lane, unless, using } from './lane.js';
import { now, type Pointer, textAt } from './library.js';

const NETWORKS_MAX = 4096;
const NAME_MAX = 4096;
const UPDATE = { remove: 2, add: 3 } as const;
const DHCP_HOST = 4;
const WHEREVER = -1;
const AFFECT = { live: 1, defined: 2 } as const;

export async function networks(lane: Lane): Promise<readonly { readonly name: string; readonly active: boolean }[]> {
  const found: { name: string; active: boolean }[] = [];
  const all = ['virConnectListAllNetworks', lane.connection] as const;
  await eachOf(lane, 'virNetworkFree', NETWORKS_MAX, all, 0, async (one) => {
    const name = textAt(now<Pointer>('virNetworkGetName', one), NAME_MAX) ?? '';
    found.push({ name, active: (await lane.status('virNetworkIsActive', one)) === 1 });
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export async function startNetwork(lane: Lane, xml: string): Promise<void> {
  // libvirt makes up another id for each definition without one, and then takes the name for another's.
  const [, name = ''] = /<name>([^<>]{1,255})<\/name>/.exec(xml) ?? [];
  const there = await unless([FAULT.noNetwork], null, () => networkNamed(lane, name));
  const found = there ?? (await lane.pointer('virNetworkDefineXML', lane.connection, xml));
  await using(found, 'virNetworkFree', async (one) => {
    if (there === null) await lane.status('virNetworkSetAutostart', one, 1); // its VMs come back with the host
    if ((await lane.status('virNetworkIsActive', one)) === 0) await lane.status('virNetworkCreate', one);
  });
}

export async function removeNetwork(lane: Lane, name: string): Promise<void> {
  await unless([FAULT.noNetwork], undefined, () =>
    withNetwork(lane, name, async (one) => {
      const persistent = (await lane.status('virNetworkIsPersistent', one)) === 1;
      if ((await lane.status('virNetworkIsActive', one)) === 1) await lane.status('virNetworkDestroy', one);
      if (persistent) await lane.status('virNetworkUndefine', one);
    }),
  );
}

export function network(lane: Lane, name: string): Promise<string | null> {
  return unless([FAULT.noNetwork], null, () =>
    withNetwork(lane, name, (one) => lane.text(XML_MAX, 'virNetworkGetXMLDesc', one, 0)),
  );
}

export async function updateNetworkHost(
  lane: Lane,
  name: string,
  change: keyof typeof UPDATE,
  hostXml: string,
): Promise<void> {
  await withNetwork(lane, name, async (one) => {
    const live = (await lane.status('virNetworkIsActive', one)) === 1 ? AFFECT.live : 0;
    const defined = (await lane.status('virNetworkIsPersistent', one)) === 1 ? AFFECT.defined : 0;
    await lane.status('virNetworkUpdate', one, UPDATE[change], DHCP_HOST, WHEREVER, hostXml, live | defined);
  });
}

async function withNetwork<T>(lane: Lane, name: string, work: (network: Pointer) => Promise<T>): Promise<T> {
  return using(await networkNamed(lane, name), 'virNetworkFree', work);
}

function networkNamed(lane: Lane, name: string): Promise<Pointer> {
  return lane.pointer('virNetworkLookupByName', lane.connection, name);
}
