/** What a VM uses, and what its guest says of itself: that is read with limits, and believed by nobody. */

import { type Address, type AddressSource, type DomainUsage, HypervisorError } from '../hypervisor.js';
import { eachRecord, STATS_STATE, uuidOf, withDomain } from './domains.js';
import { type Lane, taken } from './lane.js';
import { decode, free, now, type Pointer, pointersAt, textAt } from './library.js';

const ANSWER_MAX = 1024 * 1024;
const COMMAND_MAX = 1024 * 1024;
const TIMEOUT_MAX_S = 3000;
const INTERFACES_MAX = 64;
const ADDRESSES_MAX = 256;
const WORD_MAX = 256;
const SOURCES: Record<AddressSource, number> = { lease: 0, agent: 1, arp: 2 };
/** virDomainStatsTypes: processor, memory, network, disks. */
const STATS = (1 << 1) | (1 << 2) | (1 << 4) | (1 << 5);
/** virDomainState. */
const OFF = 5;

interface Interface {
  readonly name: Pointer | null;
  readonly hwaddr: Pointer | null;
  readonly naddrs: number;
  readonly addrs: Pointer | null;
}

export async function agent(
  lane: Lane,
  within: (ms: number) => void,
  uuid: string,
  command: object,
  timeoutS: number,
): Promise<unknown> {
  const text = JSON.stringify(command);
  if (text.length > COMMAND_MAX) throw new HypervisorError('failed', 'the command for the guest agent is too long');
  const seconds = Math.ceil(Math.min(Math.max(timeoutS, 1), TIMEOUT_MAX_S));
  within((seconds + 10) * 1000);
  const answer = await withDomain(lane, uuid, (found) =>
    lane.pointer('virDomainQemuAgentCommand', found, text, seconds, 0),
  );
  return returned(taken(answer, ANSWER_MAX, 'guest agent'));
}

/** What an answer says it returns. */
function returned(text: string): unknown {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null && 'return' in answer) return answer.return;
  } catch {
    // As when it makes no sense otherwise.
  }
  throw new HypervisorError('failed', 'the guest agent answered with something that is no answer');
}

export async function addresses(lane: Lane, uuid: string, source: AddressSource): Promise<readonly Address[]> {
  const list: [Pointer | null] = [null];
  const count = await withDomain(lane, uuid, (found) =>
    lane.status('virDomainInterfaceAddresses', found, list, SOURCES[source], 0),
  );
  if (list[0] === null) return [];
  const all = pointersAt(list[0], count);
  const found = all.slice(0, INTERFACES_MAX).flatMap(addressesOf);
  for (const one of all) now('virDomainInterfaceFree', one);
  free(list[0]);
  return found.slice(0, ADDRESSES_MAX);
}

function addressesOf(pointer: Pointer): Address[] {
  const { name, hwaddr, naddrs, addrs } = decode<Interface>(pointer, 'Interface');
  if (addrs === null) return [];
  return Array.from({ length: Math.min(naddrs, ADDRESSES_MAX) }, (_, i) => ({
    interface: word(name),
    mac: word(hwaddr).toLowerCase(),
    address: word(decode<{ addr: Pointer | null }>(addrs, 'InterfaceAddress', i).addr),
  }));
}

function word(pointer: Pointer | null): string {
  return pointer === null ? '' : (textAt(pointer, WORD_MAX) ?? '');
}

export async function usage(lane: Lane, uuid: string): Promise<DomainUsage> {
  const all = new Map<string, number>();
  await withDomain(lane, uuid, (found) =>
    eachRecord(
      lane,
      STATS,
      async (_, numbers) => {
        for (const [name, value] of numbers) all.set(name, value);
      },
      found,
    ),
  );
  return usageIn(all);
}

export async function usages(lane: Lane): Promise<readonly (DomainUsage & { readonly uuid: string })[]> {
  const all: (DomainUsage & { readonly uuid: string })[] = [];
  await eachRecord(lane, STATS | STATS_STATE, async (domain, numbers) => {
    if (numbers.get('state.state') !== OFF) all.push({ uuid: uuidOf(domain), ...usageIn(numbers) });
  });
  return all.sort((a, b) => (a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0));
}

function usageIn(numbers: ReadonlyMap<string, number>): DomainUsage {
  const sum = (part: RegExp) => [...numbers].reduce((total, [name, value]) => total + (part.test(name) ? value : 0), 0);
  return {
    cpuTime: numbers.get('cpu.time') ?? 0,
    memoryKiB: numbers.get('balloon.current') ?? null,
    memoryUnusedKiB: numbers.get('balloon.unused') ?? null,
    diskRead: sum(/^block\.\d+\.rd\.bytes$/),
    diskWritten: sum(/^block\.\d+\.wr\.bytes$/),
    diskAllocated: sum(/^block\.\d+\.allocation$/),
    netReceived: sum(/^net\.\d+\.rx\.bytes$/),
    netSent: sum(/^net\.\d+\.tx\.bytes$/),
  };
}
