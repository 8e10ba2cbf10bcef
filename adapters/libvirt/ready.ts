/**
 * When a VM that was started is of use: when its agent answers, it calls, or somebody listens at a port of it, as its user has said.
 * Until when it must be is on record with the domain, so that whoever comes next goes on waiting for no longer than that.
 */

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant, LeaseId, OrderId } from '../../engine/index.js';
import { failpoint } from '../failpoint.js';
import type { Readiness } from '../machine-wishes.js';
import { isReachable } from './addresses.js';
import type { Call } from '../callback.js';
import { giveUpAll, type KeptDisks, type Place, together } from './gang.js';
import type { Host } from './host.js';
import { type AddressSource, type Hypervisor, HypervisorError } from './hypervisor.js';
import { metadataXml, type VmRecord } from './metadata.js';
import { isRunning, type Known, lookAt, VmError } from './vm.js';

export interface Awaited {
  readonly lease: LeaseId;
  /** The start order. */
  readonly run: OrderId;
  readonly ready: Readiness;
  readonly kept: KeptDisks;
  readonly now: () => Instant;
  readonly warn: (message: string) => void;
}

const EVERY_MS = 1_000;
const PING_S = 5;
const CONNECT_MS = 3_000;
/** What the host knows. What a guest says of itself might be the address of somebody else. */
const SOURCES: readonly AddressSource[] = ['lease', 'arp'];
const ADDRESSES_MAX = 8;

/** What has come of the VMs of a lease so far. */
interface Progress {
  ready: number;
  /** When the last of them became ready; null: none has. */
  at: Instant | null;
}

/** Enough VMs are ready when it resolves; the others are left as they are. Where too few are in time all are removed. */
export async function readyAll(places: readonly Place[], awaited: Awaited, signal: AbortSignal): Promise<void> {
  const progress: Progress = { ready: 0, at: null };
  const { lease, ready, warn } = awaited;
  let failure = await together(places, ({ vm, host }) => becomeReady(host, vm, awaited, progress, signal));
  if (failure !== null && progress.ready >= (ready.atLeast ?? places.length)) {
    warn(`lease ${lease} begins with ${progress.ready} of its ${places.length} VMs ready: ${failure.message}`);
    failure = await together(places, ({ vm, host }) => isAwaitedNoMore(host, vm, awaited, signal));
  }
  if (failure === null) return;
  await giveUpAll(places, lease, awaited.kept, signal);
  throw failure;
}

async function becomeReady(
  host: Host,
  vm: number,
  awaited: Awaited,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { ready, now } = awaited;
  const mustBe = (end: (record: VmRecord) => Instant | null) =>
    marking(host, signal, async (hypervisor) => {
      const { facts, record } = await booting(host, vm, awaited);
      const until = end(record);
      if (until !== null && until !== record.booting)
        await hypervisor.setMetadata(facts.uuid, metadataXml({ ...record, booting: until }));
      return until;
    });
  // 1. Until when: as was said at first, whoever waited then.
  let until = await mustBe((record) => (record.booting === 0 ? now() + ready.timeoutMs : (record.booting ?? null)));
  if (until !== null) failpoint('vm-booting');
  // 2. Asked again and again, while it runs. Another that became ready shows that it goes on, though slowly: there is time again.
  while (until !== null) {
    const found = await host.certain(signal, () => booting(host, vm, awaited));
    const why = await whyNot(host.hypervisor, found, ready);
    if (why === null) break;
    const later: Instant = progress.at === null ? 0 : progress.at + ready.timeoutMs;
    if (later > until) until = await mustBe((record) => (record.booting === undefined ? null : later));
    else if (now() >= until) throw new VmError(`VM ${vm} was not ready in ${ready.timeoutMs / 1000} s: ${why}`);
    else await sleep(Math.max(1, Math.min(EVERY_MS, until - now())), undefined, { signal });
  }
  // 3. From now on it is, also for those who only look.
  await isAwaitedNoMore(host, vm, awaited, signal);
  progress.ready++;
  progress.at = now();
}

/** What is on record of its start goes: it is ready, or the lease begins without that. */
function isAwaitedNoMore(host: Host, vm: number, { lease, run }: Awaited, signal: AbortSignal): Promise<void> {
  return marking(host, signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null || found.record.run !== run) throw new VmError(`VM ${vm} has ended before it was ready`);
    const { booting: _, callback: __, ...known } = found.record;
    if (found.record.booting === undefined && found.record.callback === undefined) return;
    await hypervisor.setMetadata(found.facts.uuid, metadataXml(known));
  });
}

/** A VM has called. False: it is not the one that is waited for there. */
export function hearCall(host: Host, { lease, vm, digest }: Call, signal: AbortSignal): Promise<boolean> {
  return marking(host, signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null || found.record.callback !== digest || !isRunning(found)) return false;
    // The digest stays: who was not answered asks again.
    const { booting, ...known } = found.record;
    if (booting !== undefined) await hypervisor.setMetadata(found.facts.uuid, metadataXml(known));
    return true;
  });
}

function marking<T>(host: Host, signal: AbortSignal, work: (hypervisor: Hypervisor) => Promise<T>): Promise<T> {
  return host.marks.within(signal, () => host.certain(signal, work));
}

/** The VM of this run, which runs. Throws a VmError where it does not. */
async function booting(host: Host, vm: number, { lease, run }: Awaited): Promise<Known> {
  const found = await lookAt(host, lease, vm);
  if (found === null || found.record.run !== run || !isRunning(found))
    throw new VmError(`VM ${vm} has ended before it was ready`);
  return found;
}

/** Why it is not ready; null: it is. Never rejects: what is no answer in time is no answer. */
async function whyNot(hypervisor: Hypervisor, { facts, record }: Known, { probe }: Readiness): Promise<string | null> {
  const { uuid } = facts;
  if (probe === 'callback') return record.booting === undefined ? null : 'it has not called';
  try {
    if (probe === 'agent') {
      await hypervisor.agent(uuid, { execute: 'guest-ping' }, PING_S);
      return null;
    }
    const addresses = await addressesOf(hypervisor, uuid);
    for (const address of addresses) if (await listens(address, probe.tcp)) return null;
    const where =
      addresses.length === 0 ? 'its host knows no address of it' : `it was asked at ${addresses.join(', ')}`;
    return `nobody listens at its TCP port ${probe.tcp} (${where})`;
  } catch (error) {
    if (!(error instanceof HypervisorError)) throw error;
    // Libvirt tells a guest that has no agent, or has not got that far, from one whose agent is silent.
    return `its agent does not answer (${error.message})`;
  }
}

async function addressesOf(hypervisor: Hypervisor, uuid: string): Promise<string[]> {
  const found = new Set<string>();
  for (const source of SOURCES)
    for (const { address } of await hypervisor.addresses(uuid, source).catch(() => []))
      if (isReachable(address)) found.add(address);
  return [...found].slice(0, ADDRESSES_MAX);
}

/** Whether somebody accepts a connection there. Nothing is sent, and nothing is read. */
export function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
