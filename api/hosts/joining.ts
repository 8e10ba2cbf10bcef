/** A host that joins as a node: what may be leased of it follows from what is there. */

import type { FoundHost } from '../../adapters/host-health.js';
import type { StateView } from '../../engine/index.js';
import { writtenName } from '../../simulations/amounts.js';
import type { FollowerView } from '../follower.js';
import type { Faults } from '../lease-request.js';
import { numbersOf } from '../node-names.js';
import { NODE_NAME, type NodeRequest } from '../schemas/node-request.js';
import type { HostsPort } from './hosts-port.js';
import { excessesOf } from './hosts.js';

/** In labels: how the service reaches the host, and which one it is whatever the URI. */
export const URI_LABEL = 'uri';
export const UUID_LABEL = 'host-uuid';
/** What the host itself needs, unless somebody says otherwise. */
const RESERVE = { memoryMiB: 1024 };

export interface Joining {
  readonly count: 1;
  readonly capacity: NodeRequest['capacity'] & object;
  readonly labels: Record<string, string>;
  readonly names?: string[];
}

/** What the request leaves to the host; faults go to `faults`. */
export function ofHost(body: NodeRequest, host: FoundHost, follower: FollowerView, faults: Faults): Joining {
  const { uri = '', count = 1, names = [], labels = {} } = body;
  if (count !== 1) faults.add('/count', 'must be 1: a URI is one host');
  if (names.length > 1) faults.add('/names', 'must be one: a URI is one host');
  for (const label of [URI_LABEL, UUID_LABEL])
    if (Object.hasOwn(labels, label)) faults.add(`/labels/${label}`, 'is set by the service where a URI is given');
  const capacity = { ...left(host, body, follower.state, faults), ...body.capacity };
  for (const excess of excessesOf(capacity, host))
    faults.add('/capacity', `${excess}; more may be leased by the policy’s overcommit, not by a larger node`);
  const uuid = host.uuid === null ? {} : { [UUID_LABEL]: host.uuid };
  const name = names[0] ?? nameOf(host, follower);
  return {
    count: 1,
    capacity,
    labels: { ...labels, [URI_LABEL]: uri, ...uuid },
    ...(name === null ? {} : { names: [name] }),
  };
}

/** Of what the site counts: all there is, but for what the host keeps. */
function left(
  { cpus, memoryMiB, leasableDiskMiB }: FoundHost,
  { reserve = {}, capacity: given }: NodeRequest,
  { resources }: StateView,
  faults: Faults,
): Record<string, number> {
  const real: Readonly<Record<string, number>> = { cpu: cpus, memoryMiB, diskMiB: leasableDiskMiB ?? 0 };
  const kept: Readonly<Record<string, number | undefined>> = { ...RESERVE, ...reserve };
  const capacity: Record<string, number> = {};
  for (const { name } of resources) {
    const written = writtenName(name);
    const all = real[written];
    if (all === undefined) continue;
    capacity[written] = Math.max(0, all - (kept[written] ?? 0));
    if (all > 0 && capacity[written] === 0 && !Object.hasOwn(given ?? {}, written))
      faults.add(`/reserve/${written}`, `keeps all for the host: it has ${all}, and ${kept[written]} are kept`);
  }
  for (const written of Object.keys(reserve))
    if (capacity[written] === undefined) faults.add(`/reserve/${written}`, 'is nothing that the host tells of');
  return capacity;
}

/** What it calls itself, where no node is called so and it can be a name. */
function nameOf({ hostname }: FoundHost, { nodeClasses }: FollowerView): string | null {
  if (!NODE_NAME.test(hostname) || /^n\d+$/.test(hostname)) return null;
  const [known] = numbersOf(nodeClasses, [hostname]);
  return typeof known === 'number' || !known!.startsWith('there is no') ? null : hostname;
}

/** The node that this host is already; null: none. O(nodes). */
export function nodeOfHost({ uuid }: FoundHost, state: StateView, hosts: HostsPort): number | null {
  if (uuid === null) return null;
  const isThere = (node: number) => state.nodeStatus.get(node) !== 'gone';
  const told = hosts.nodesOf(uuid).find(isThere);
  if (told !== undefined) return told;
  for (let node = 1; node < state.nextNode; node++)
    if (isThere(node) && state.pools[state.poolOf[node]!]!.labels[UUID_LABEL] === uuid) return node;
  return null;
}
