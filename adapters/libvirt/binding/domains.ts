/** Domains: listed, defined, started and ended. */

import type { DomainFacts, DomainState } from '../hypervisor.js';
import { FAULT, type Lane, unless, using } from './lane.js';
import { decode, free, now, type Pointer, pointersAt, textAt } from './library.js';
import { numbersIn } from './typed-params.js';

const NAMESPACE = 'urn:leasehold:domain:1';
const PREFIXED = /^<leasehold:vm xmlns:leasehold=(["'])urn:leasehold:domain:1\1/;
const METADATA_ELEMENT = 2;
const METADATA_MAX = 16 * 1024;
export const XML_MAX = 1024 * 1024;
const NAME_MAX = 4096;
const DOMAINS_MAX = 4096;
const AFFECT = { live: 1, defined: 2 } as const;
export const STATS_STATE = 1;
/** What takes a lock that a job may hold is left out: a list waits for nobody. */
const STATS_WITHOUT_WAITING = 1 << 29;
const LIST_PERSISTENT = 1 << 2;
const SHOWN = { live: 0, defined: 2, migratable: 8 } as const;
const AUTODESTROY = 1 << 1;
const FORCE_BOOT = 1 << 3;
const BESIDE = { all: 1 | 2 | 4 | 16, everyDriver: 1 | 2 } as const;
/** virDomainBlockInfo: capacity, allocation and physical size. */
const BLOCK_INFO_LENGTH = 24;
const BLOCK_RESIZE_BYTES = 1;
const BY = { acpi: 1, agent: 2 } as const;

/** virDomainState. */
const STATES: readonly DomainState[] = [
  'running',
  'running',
  'blocked',
  'paused',
  'shutting-down',
  'off',
  'crashed',
  'suspended-by-guest',
];

interface StatsRecord {
  readonly dom: Pointer;
  readonly params: Pointer;
  readonly nparams: number;
}

/** All of them. Two questions, and one more for each domain. */
export async function domains(lane: Lane): Promise<readonly DomainFacts[]> {
  const persistent = new Set<string>();
  await eachDomain(lane, LIST_PERSISTENT, async (domain) => void persistent.add(uuidOf(domain)));
  const facts: DomainFacts[] = [];
  await eachRecord(lane, STATS_STATE, async (domain, numbers) => {
    const metadata = await unless([FAULT.noDomain], undefined, () => metadataOf(lane, domain));
    if (metadata === undefined) return;
    const uuid = uuidOf(domain);
    facts.push({
      uuid,
      name: nameOf(domain),
      state: stateOf(numbers.get('state.state') ?? 0),
      reason: numbers.get('state.reason') ?? 0,
      persistent: persistent.has(uuid),
      metadata,
    });
  });
  return facts.sort((a, b) => (a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0));
}

export async function domain(lane: Lane, uuid: string): Promise<DomainFacts | null> {
  return unless([FAULT.noDomain], null, () =>
    withDomain(lane, uuid, async (found) => {
      const state: [number] = [0];
      const reason: [number] = [0];
      await lane.status('virDomainGetState', found, state, reason, 0);
      return {
        uuid: uuidOf(found),
        name: nameOf(found),
        state: stateOf(state[0]),
        reason: reason[0],
        persistent: (await lane.status('virDomainIsPersistent', found)) === 1,
        metadata: await metadataOf(lane, found),
      };
    }),
  );
}

export function xml(lane: Lane, uuid: string, which: keyof typeof SHOWN): Promise<string> {
  return withDomain(lane, uuid, (found) => lane.text(XML_MAX, 'virDomainGetXMLDesc', found, SHOWN[which]));
}

export async function define(lane: Lane, definition: string): Promise<void> {
  now('virDomainFree', await lane.pointer('virDomainDefineXML', lane.connection, definition));
}

/** It is ended with the connection. */
export async function startTransient(lane: Lane, definition: string): Promise<void> {
  now('virDomainFree', await lane.pointer('virDomainCreateXML', lane.connection, definition, AUTODESTROY));
}

/** With what libvirt keeps beside it: saved images, snapshots, checkpoints, NVRAM. */
export async function undefine(lane: Lane, uuid: string): Promise<void> {
  await withDomain(lane, uuid, async (found) => {
    const all = () => done(lane, 'virDomainUndefineFlags', found, BESIDE.all);
    if (!(await unless([FAULT.invalidArgument], false, all)))
      await lane.status('virDomainUndefineFlags', found, BESIDE.everyDriver);
  });
}

/** Where it is now, and where it will be when it is started again. */
export async function setMetadata(lane: Lane, uuid: string, metadata: string): Promise<void> {
  // libvirt adds prefix and namespace, and refuses an element that has them already.
  const element = metadata.replace(PREFIXED, '<vm').replace('</leasehold:vm>', '</vm>');
  await withDomain(lane, uuid, async (found) => {
    const about = [element, 'leasehold', NAMESPACE] as const;
    for (const where of await affected(lane, found))
      await lane.status('virDomainSetMetadata', found, METADATA_ELEMENT, ...about, where);
  });
}

export async function start(lane: Lane, uuid: string): Promise<void> {
  await withDomain(lane, uuid, async (found) => {
    const forced = () => done(lane, 'virDomainCreateWithFlags', found, FORCE_BOOT);
    if (await unless([FAULT.invalidArgument], false, forced)) return;
    // Some drivers cannot be told to leave a saved image aside: it is removed.
    if ((await lane.status('virDomainHasManagedSaveImage', found, 0)) === 1)
      await lane.status('virDomainManagedSaveRemove', found, 0);
    await lane.status('virDomainCreateWithFlags', found, 0);
  });
}

export async function shutdown(lane: Lane, uuid: string, by: keyof typeof BY): Promise<void> {
  await withDomain(lane, uuid, async (found) => {
    const asked = () => done(lane, 'virDomainShutdownFlags', found, BY[by]);
    // Drivers that know one way only take no flags.
    if (by === 'agent' || !(await unless([FAULT.invalidArgument], false, asked)))
      await lane.status('virDomainShutdownFlags', found, by === 'agent' ? BY.agent : 0);
  });
}

export async function reboot(lane: Lane, uuid: string, by: keyof typeof BY): Promise<void> {
  await withDomain(lane, uuid, async (found) => {
    const asked = () => done(lane, 'virDomainReboot', found, BY[by]);
    if (by === 'agent' || !(await unless([FAULT.invalidArgument], false, asked)))
      await lane.status('virDomainReboot', found, by === 'agent' ? BY.agent : 0);
  });
}

export async function reset(lane: Lane, uuid: string): Promise<void> {
  await withDomain(lane, uuid, (found) => lane.status('virDomainReset', found, 0));
}

export async function destroy(lane: Lane, uuid: string): Promise<void> {
  await withDomain(lane, uuid, (found) => lane.status('virDomainDestroy', found));
}

export async function pause(lane: Lane, uuid: string): Promise<void> {
  await withDomain(lane, uuid, (found) => lane.status('virDomainSuspend', found));
}

export async function unpause(lane: Lane, uuid: string): Promise<void> {
  await withDomain(lane, uuid, (found) => lane.status('virDomainResume', found));
}

export async function setVcpus(lane: Lane, uuid: string, vcpus: number): Promise<void> {
  await withDomain(lane, uuid, async (found) => {
    for (const where of await affected(lane, found)) await lane.status('virDomainSetVcpusFlags', found, vcpus, where);
  });
}

export async function setMemory(lane: Lane, uuid: string, mib: number): Promise<void> {
  await withDomain(lane, uuid, async (found) => {
    for (const where of await affected(lane, found))
      await lane.status('virDomainSetMemoryFlags', found, mib * 1024, where);
  });
}

export async function diskSize(lane: Lane, uuid: string, disk: string): Promise<number | null> {
  return withDomain(lane, uuid, (found) =>
    unless([FAULT.invalidArgument], null, async () => {
      const info = Buffer.alloc(BLOCK_INFO_LENGTH);
      await lane.status('virDomainGetBlockInfo', found, disk, info, 0);
      return Number(info.readBigUInt64LE(0));
    }),
  );
}

export async function resizeDisk(lane: Lane, uuid: string, disk: string, bytes: number): Promise<void> {
  await withDomain(lane, uuid, (found) => lane.status('virDomainBlockResize', found, disk, bytes, BLOCK_RESIZE_BYTES));
}

/** Runs with the domain of that id; LibvirtError where there is none. */
export async function withDomain<T>(lane: Lane, uuid: string, work: (domain: Pointer) => Promise<T>): Promise<T> {
  const found = await lane.pointer('virDomainLookupByUUIDString', lane.connection, uuid);
  return using(found, 'virDomainFree', work);
}

export function uuidOf(domain: Pointer): string {
  const text = Buffer.alloc(37);
  now('virDomainGetUUIDString', domain, text);
  return text.toString('latin1', 0, 36);
}

/** What a change is to hold for: the VM that runs, what is defined, or both. One at a time: not every driver takes both. */
async function affected(lane: Lane, domain: Pointer): Promise<readonly number[]> {
  const live = (await lane.status('virDomainIsActive', domain)) === 1 ? [AFFECT.live] : [];
  const defined = (await lane.status('virDomainIsPersistent', domain)) === 1 ? [AFFECT.defined] : [];
  return [...live, ...defined];
}

/** Statistics of all domains, or of one: for each its numbers by name. */
export async function eachRecord(
  lane: Lane,
  stats: number,
  work: (domain: Pointer, numbers: Map<string, number>) => Promise<void>,
  only: Pointer | null = null,
): Promise<void> {
  const list: [Pointer | null] = [null];
  const count =
    only === null
      ? await lane.status('virConnectGetAllDomainStats', lane.connection, stats, list, STATS_WITHOUT_WAITING)
      : await lane.status('virDomainListGetStats', [only, null], stats, list, STATS_WITHOUT_WAITING);
  if (list[0] === null) return;
  try {
    atMost(count, DOMAINS_MAX, 'domains');
    for (const record of pointersAt(list[0], count)) {
      const { dom, params, nparams } = decode<StatsRecord>(record, 'StatsRecord');
      await work(dom, numbersIn(params, nparams));
    }
  } finally {
    now('virDomainStatsRecordListFree', list[0]);
  }
}

async function eachDomain(lane: Lane, flags: number, work: (domain: Pointer) => Promise<void>): Promise<void> {
  await eachOf(lane, 'virDomainFree', DOMAINS_MAX, ['virConnectListAllDomains', lane.connection], flags, work);
}

/** Runs with each object of a list, and lets go of all of them. */
export async function eachOf(
  lane: Lane,
  release: `vir${string}Free`,
  max: number,
  [name, of]: readonly [string, Pointer],
  flags: number,
  work: (one: Pointer) => Promise<void>,
): Promise<void> {
  const list: [Pointer | null] = [null];
  const count = await lane.status(name, of, list, flags);
  if (list[0] === null) return;
  const all = pointersAt(list[0], count);
  try {
    atMost(count, max, name);
    for (const one of all) await work(one);
  } finally {
    for (const one of all) now(release, one);
    free(list[0]);
  }
}

function atMost(count: number, max: number, what: string): void {
  if (count > max) throw new Error(`${what}: the host tells of ${count}, more than the ${max} that are read`);
}

async function done(lane: Lane, name: string, ...args: (Pointer | number)[]): Promise<true> {
  await lane.status(name, ...args);
  return true;
}

async function metadataOf(lane: Lane, domain: Pointer): Promise<string | null> {
  const about = [METADATA_ELEMENT, NAMESPACE, 0] as const;
  const text = await unless([FAULT.noMetadata], null, () => lane.pointer('virDomainGetMetadata', domain, ...about));
  if (text === null) return null;
  // We write less than that: what is longer is not ours, and keeps nobody from seeing the others.
  const metadata = textAt(text, METADATA_MAX);
  free(text);
  return metadata;
}

function nameOf(domain: Pointer): string {
  return textAt(now<Pointer>('virDomainGetName', domain), NAME_MAX) ?? '';
}

function stateOf(number: number): DomainState {
  return STATES[number] ?? 'running';
}
