/**
 * What is done to VMs that run, while their lease goes on: rebooted, reset, paused, unpaused. Pausing may be done again;
 * a reboot may not: that it is about to begin is on record before it does, and that it was done afterwards.
 */

import type { Act, LeaseId, OrderId } from '../../engine/index.js';
import { failpoint } from '../failpoint.js';
import { type Place, together } from './gang.js';
import type { Host } from './host.js';
import { type Hypervisor, HypervisorError } from './hypervisor.js';
import { metadataXml } from './metadata.js';
import { isRunning, type Known, lookAt, VmError } from './vm.js';

export interface Acting {
  readonly lease: LeaseId;
  readonly order: OrderId;
  readonly act: Exclude<Act, 'move-disks'>;
}

/** How long an agent may take to say that it is there. */
const PING_S = 5;

const OPPOSITE: { readonly [A in Acting['act']]?: Acting['act'] } = { pause: 'unpause', unpause: 'pause' };

/** Those that were paused run again where others could not be, and the reverse. What was rebooted, was rebooted. */
export async function actAll(places: readonly Place[], acting: Acting, signal: AbortSignal): Promise<void> {
  const changed: Place[] = [];
  const failure = await together(places, async (place) => {
    if (await act(place.host, { ...acting, vm: place.vm }, signal)) changed.push(place);
  });
  if (failure === null) return;
  const back = OPPOSITE[acting.act];
  if (back !== undefined) await together(changed, ({ vm, host }) => act(host, { ...acting, act: back, vm }, signal));
  throw failure;
}

/** Whether it was not so already. */
function act(host: Host, acting: Acting & { readonly vm: number }, signal: AbortSignal): Promise<boolean> {
  const { lease, vm } = acting;
  let changed = false;
  return host.certain(signal, async (hypervisor) => {
    const found = await lookAt(host, lease, vm);
    if (found === null || !isRunning(found)) throw new VmError(`VM ${vm} does not run`);
    if (acting.act === 'reboot' || acting.act === 'reset') return once(hypervisor, found, acting);
    if ((found.facts.state === 'paused') === (acting.act === 'pause')) return changed;
    changed = true; // where the reply is lost, the next look finds it so
    await hypervisor[acting.act](found.facts.uuid);
    return true;
  });
}

/** For the guest it is not the same whether it happens once or twice: where nobody knows, nothing is done. */
async function once(
  hypervisor: Hypervisor,
  { facts, record }: Known,
  { act, order, vm }: Acting & { readonly vm: number },
): Promise<boolean> {
  const { uuid } = facts;
  if (record.reboot?.order === order) {
    if (record.reboot.isDone) return false;
    throw new VmError(`nobody knows whether VM ${vm} has been told to ${act}: look at it, and ask again if need be`);
  }
  const noted = { ...record, reboot: { order, isDone: false } };
  await hypervisor.setMetadata(uuid, metadataXml(noted));
  failpoint('vm-acting');
  if (act === 'reset') await hypervisor.reset(uuid);
  else await askToReboot(hypervisor, uuid);
  failpoint('vm-acted');
  await hypervisor.setMetadata(uuid, metadataXml({ ...noted, reboot: { order, isDone: true } }));
  return true;
}

/** Its agent, where there is one that answers; else as by its power button. */
async function askToReboot(hypervisor: Hypervisor, uuid: string): Promise<void> {
  const hasAgent = await hypervisor.agent(uuid, { execute: 'guest-ping' }, PING_S).then(
    () => true,
    () => false,
  );
  if (!hasAgent) return hypervisor.reboot(uuid, 'acpi');
  try {
    await hypervisor.reboot(uuid, 'agent');
  } catch (error) {
    // It was there, and has been asked: an agent that goes down does not answer.
    if (!(error instanceof HypervisorError) || error.kind === 'failed') throw error;
  }
}
