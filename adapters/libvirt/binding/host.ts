/** What a host is, and how busy it is. */

import type { HostFacts, HostLoad } from '../hypervisor.js';
import { readXml, type XmlElement } from '../xml.js';
import { FAULT, type Lane, unless } from './lane.js';
import { type Count, decode, free, room, textAt } from './library.js';

const CAPABILITIES_MAX = 8 * 1024 * 1024;
const NAME_MAX = 256;
/** Cells of memory, or processors. */
const ALL = -1;
const STATS_MAX = 64;

interface NodeInfo {
  readonly memory: Count;
  readonly cpus: number;
}

export async function host(lane: Lane): Promise<HostFacts> {
  const node: Partial<NodeInfo> = {};
  await lane.status('virNodeGetInfo', lane.connection, node);
  const memoryKiB = (await statsOf(lane, 'virNodeGetMemoryStats')).get('total') ?? Number(node.memory);
  const type = textAt(await lane.pointer('virConnectGetType', lane.connection), NAME_MAX) ?? '';
  const hostname = await lane.text(NAME_MAX, 'virConnectGetHostname', lane.connection);
  const capabilities = capabilitiesIn(await lane.text(CAPABILITIES_MAX, 'virConnectGetCapabilities', lane.connection));
  return {
    // Only the drivers of tests have none.
    uuid: capabilities.uuid ?? '00000000-0000-0000-0000-000000000000',
    hostname,
    cpus: Number(node.cpus),
    memoryMiB: Math.floor(memoryKiB / 1024),
    arch: capabilities.arch,
    driver: type,
    libvirtVersion: await versionOf(lane, 'virConnectGetLibVersion'),
    hypervisorVersion: await versionOf(lane, 'virConnectGetVersion'),
    domainTypes: capabilities.domainTypes,
  };
}

/** Not every driver tells all of it. */
export async function hostLoad(lane: Lane): Promise<HostLoad> {
  const cpu = await statsOf(lane, 'virNodeGetCPUStats');
  const memory = await statsOf(lane, 'virNodeGetMemoryStats');
  const idle = cpu.get('idle');
  const unused = memory.get('free');
  // What waits for a disk leaves its processor to others.
  const cpuIdle = idle === undefined ? null : idle + (cpu.get('iowait') ?? 0);
  const busy = (cpu.get('kernel') ?? 0) + (cpu.get('user') ?? 0) + (cpu.get('intr') ?? 0);
  return {
    cpuTotal: cpuIdle === null ? null : cpuIdle + busy,
    cpuIdle,
    memoryKiB: memory.get('total') ?? null,
    memoryAvailableKiB:
      unused === undefined ? null : unused + (memory.get('buffers') ?? 0) + (memory.get('cached') ?? 0),
  };
}

/** Of all of the host; nothing where its driver does not tell. */
async function statsOf(
  lane: Lane,
  name: 'virNodeGetCPUStats' | 'virNodeGetMemoryStats',
): Promise<ReadonlyMap<string, number>> {
  return unless([FAULT.noSupport], new Map<string, number>(), async () => {
    const count: [number] = [0];
    await lane.status(name, lane.connection, ALL, null, count, 0);
    const wanted = Math.min(count[0], STATS_MAX);
    const found = new Map<string, number>();
    if (wanted === 0) return found;
    const stats = room('NodeStat', wanted);
    try {
      const given: [number] = [wanted];
      await lane.status(name, lane.connection, ALL, stats, given, 0);
      for (let i = 0; i < Math.min(wanted, given[0]); i++) {
        const { field, value } = decode<{ field: string; value: Count }>(stats, 'NodeStat', i);
        found.set(field, Number(value));
      }
      return found;
    } finally {
      free(stats);
    }
  });
}

async function versionOf(lane: Lane, name: string): Promise<number> {
  const version: [Count] = [0];
  await lane.status(name, lane.connection, version);
  return Number(version[0]);
}

/** Of the capabilities: the host's own id and architecture, and what it can run of that architecture. */
function capabilitiesIn(xml: string): { uuid: string | null; arch: string; domainTypes: readonly string[] } {
  const capabilities = readXml(xml, CAPABILITIES_MAX);
  const host = child(capabilities, 'host');
  const arch = textOf(child(child(host, 'cpu'), 'arch')) ?? '';
  const guests = capabilities.children.filter(({ name }) => name === 'guest').map((guest) => child(guest, 'arch'));
  const types = guests
    .filter((guest) => guest?.attributes.name === arch)
    .flatMap((guest) => guest?.children.filter(({ name }) => name === 'domain') ?? [])
    .flatMap(({ attributes }) => attributes.type ?? []);
  const domainTypes = [...new Set(types)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { uuid: textOf(child(host, 'uuid')), arch, domainTypes };
}

function child(parent: XmlElement | null, wanted: string): XmlElement | null {
  return parent?.children.find(({ name }) => name === wanted) ?? null;
}

function textOf(element: XmlElement | null): string | null {
  return element?.text.slice(0, NAME_MAX) ?? null;
}
