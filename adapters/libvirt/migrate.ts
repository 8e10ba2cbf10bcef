/**
 * VMs moved from host to host while they run: the libvirt of one host talks to that of the other. Where they share no
 * files, the disk goes along, over the image that the other host has got before. At no time do two copies run.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseId } from '../../engine/index.js';
import { failpoint } from '../failpoint.js';
import { diskTarget, needsImage } from './domain-xml.js';
import { poolAt } from './disk-pools.js';
import { OrderError } from './gang.js';
import { HypervisorError, type JobProgress } from './hypervisor.js';
import { diskXml } from './machine.js';
import type { VmRecord } from './metadata.js';
import { carryFile, filesToCarry, leave, type Move, type MoveOrder, receive, setOut, settle, stay } from './move.js';
import { domainUuid, isMemory } from './names.js';
import { faultOfReach } from './reach.js';
import { isRunning, lookAt, VmError } from './vm.js';

/** `job`: how it went; null: nobody knows any more. */
export type Arrived = (move: Move, job: JobProgress | null) => void;

const LOOK_MS = 500;

/** One after another. Where one cannot be moved it runs on where it was, and those before it go back. */
export async function migrateAll(
  moves: readonly Move[],
  order: MoveOrder,
  arrived: Arrived,
  signal: AbortSignal,
): Promise<void> {
  const done: Move[] = [];
  for (const move of moves) {
    const failure = await attempted(() => migrate(move, order, arrived, signal));
    if (failure === null) {
      done.push(move);
      continue;
    }
    const stranded: number[] = [];
    for (const { vm, host, to } of done.reverse())
      if ((await attempted(() => migrate({ vm, host: to, to: host }, order, arrived, signal))) !== null)
        stranded.push(vm);
    const rest = stranded.length === 0 ? '' : `; VMs ${stranded.join(', ')} could not be brought back`;
    throw new OrderError(`VM ${move.vm} on node ${move.host.node}: ${failure.message}${rest}`);
  }
}

async function migrate(move: Move, order: MoveOrder, arrived: Arrived, signal: AbortSignal): Promise<void> {
  let failure: Error | null = null;
  for (;;) {
    signal.throwIfAborted();
    const where = await whereIs(move, order.lease, signal);
    if (where === 'there') return arrive(move, order, arrived, signal);
    if (where === 'under-way') await sleep(LOOK_MS, undefined, { signal });
    else if (where === 'nowhere' || failure !== null) {
      await stay(move, order, signal);
      throw failure ?? new VmError(`VM ${move.vm} does not run`);
    } else failure = await attempted(() => send(move, order, signal));
  }
}

/** The host that it comes from is asked first: as long as it runs there and no job is under way, it is nowhere else. */
async function whereIs({ vm, host, to }: Move, lease: LeaseId, signal: AbortSignal) {
  const uuid = domainUuid(lease, vm);
  const here = await host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null || !isRunning(found)) return null;
    return (await hypervisor.job(uuid)) === null ? 'here' : 'under-way';
  });
  if (here !== null) return here;
  const found = await to.certain(signal, () => lookAt(to, lease, vm));
  return found !== null && isRunning(found) ? 'there' : 'nowhere';
}

/** What became of it whoever looks finds out. */
async function send(move: Move, order: MoveOrder, signal: AbortSignal): Promise<void> {
  const { host, to, vm } = move;
  const reach = order.reachOf(to);
  const fault = faultOfReach(reach);
  if (fault !== null) throw new VmError(`node ${to.node} cannot be reached from node ${host.node}: ${fault}`);
  const { xml, record } = await setOut(move, order, (_, isOn) => isOn, signal);
  const disks = await makeRoom(move, order, { xml, record }, signal);
  failpoint('vm-moving');
  signal.throwIfAborted();
  const uuid = domainUuid(order.lease, vm);
  const abort = (): void => void host.hypervisor.abortJob(uuid).catch(() => {});
  signal.addEventListener('abort', abort, { once: true });
  try {
    const options = { to: reach.uri!, live: true, xml: null, disks, ...order.way };
    await host.hypervisor.migrate(uuid, options);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const DISK = /-disk(\d{1,2})\.qcow2$/;

/** What it needs on the other host is there. Resolves with the disks that go along: those there are as they were in the beginning. */
async function makeRoom(
  move: Move,
  order: MoveOrder,
  { xml, record }: { readonly xml: string; readonly record: VmRecord },
  signal: AbortSignal,
): Promise<string[]> {
  const { vm, host, to } = move;
  const image = await receive(move, order, xml, signal);
  const disks: string[] = [];
  for (const { name, capacity, place } of await filesToCarry(move, order, record, signal)) {
    const [, disk] = DISK.exec(name) ?? [];
    if (disk === undefined) {
      if (!isMemory(name)) await carryFile(move, name, null, signal);
      continue;
    }
    // Asked of the VM as it runs: the definition does not say any more once the disk has moved.
    const isOver = needsImage(await host.certain(signal, (one) => one.xml(domainUuid(order.lease, vm), 'live')));
    if (isOver && image === null) throw new VmError(`nobody knows what ${name} of VM ${vm} is over`);
    const over = isOver && image?.isCd !== true ? image : null;
    await to.certain(signal, async (hypervisor) => {
      const pool = await poolAt(hypervisor, place);
      await hypervisor.deleteVolume(pool, name);
      await hypervisor.createVolume(pool, diskXml(name, capacity, over));
    });
    disks.push(diskTarget(Number(disk)));
  }
  return disks;
}

async function arrive(move: Move, order: MoveOrder, arrived: Arrived, signal: AbortSignal): Promise<void> {
  const { vm, to } = move;
  const { lease } = order;
  failpoint('vm-moved');
  const job = await to.certain(signal, async (hypervisor) => {
    const found = await lookAt(to, lease, vm);
    if (found === null) throw new VmError(`VM ${vm} is not there`);
    await settle(hypervisor, { ...found.record, moved: order.order }, found.record.order);
    return hypervisor.finishedJob(domainUuid(lease, vm)).catch(() => null);
  });
  // A second copy that cannot be removed now is one that whoever looks through that host removes.
  await attempted(() => leave(move, order, signal));
  arrived(move, job);
}

/** What was refused; null: it was done. Rejects as the signal says. */
async function attempted(work: () => Promise<unknown>): Promise<Error | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof VmError || error instanceof HypervisorError) return error;
    throw error;
  }
}
