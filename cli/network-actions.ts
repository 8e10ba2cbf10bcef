/** What `leasehold network …` does. */

import type { NetworkView } from './api.js';
import { Client } from './client.js';
import type { RemoteOptions } from './options.js';
import { type Column, printList, printOne } from './output.js';

export interface AddOptions extends RemoteOptions {
  readonly kind: NetworkView['kind'];
  readonly range?: string;
  readonly bridge?: string;
  readonly openVswitch?: boolean;
  readonly vlan?: number;
  readonly gateway?: string;
  readonly nameserver?: readonly string[];
}

export async function add(name: string, options: AddOptions): Promise<void> {
  const { kind, range, bridge, openVswitch, vlan, gateway, nameserver } = options;
  const body = {
    ...{ name, kind },
    ...(range === undefined ? {} : { range }),
    ...(bridge === undefined ? {} : { bridge }),
    ...(openVswitch === undefined ? {} : { openVswitch }),
    ...(vlan === undefined ? {} : { vlan }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(nameserver === undefined ? {} : { nameservers: nameserver }),
  };
  const answer = await new Client(options).ask('post', '/v1/networks', { body });
  await printOne<NetworkView>(answer.body, NETWORK, options);
}

export async function list(options: RemoteOptions): Promise<void> {
  const networks: NetworkView[] = [];
  for await (const one of new Client(options).all('/v1/networks', { query: { page_size: 1000 } })) networks.push(one);
  await printList(networks, NETWORK, options);
}

export async function show(name: string, options: RemoteOptions): Promise<void> {
  const { body } = await new Client(options).ask('get', '/v1/networks/{name}', { path: { name } });
  await printOne<NetworkView>(body, NETWORK, options);
}

export async function remove(name: string, options: RemoteOptions): Promise<void> {
  const { body } = await new Client(options).ask('delete', '/v1/networks/{name}', { path: { name } });
  await printOne<NetworkView>(body, NETWORK, options);
}

const NETWORK: readonly Column<NetworkView>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'range', value: ({ range }) => range },
  { title: 'bridge', value: ({ bridge }) => bridge },
  { title: 'vlan', value: ({ vlan }) => vlan },
  { title: 'used', value: ({ used, room }) => (room === null ? null : `${used}/${room}`) },
  { title: 'leases', value: ({ leases }) => leases },
  { title: 'gateway', value: ({ gateway }) => gateway, wide: true },
  { title: 'nameservers', value: ({ nameservers }) => nameservers.join(', ') || null, wide: true },
  { title: 'created', value: ({ created }) => created, as: 'time', wide: true },
  { title: 'by', value: ({ by }) => by, wide: true },
];
