/** From two looks at a host to what was used in between. */

import type { FoundAddress, HostSample, MoveProgress, Traffic, VmSample } from '../host-samples.js';
import type { LocalFigures } from './local.js';

/** Counters of a VM, as its host keeps them since it was started. Nanoseconds, bytes. */
export interface VmCounters {
  readonly lease: string;
  readonly vm: number;
  readonly uuid: string;
  readonly cpuTime: number;
  readonly memoryKiB: number | null;
  readonly memoryUnusedKiB: number | null;
  readonly diskRead: number;
  readonly diskWritten: number;
  readonly diskAllocated: number;
  readonly netReceived: number;
  readonly netSent: number;
  readonly addresses: readonly FoundAddress[];
  readonly moving: MoveProgress | null;
}

export interface Look {
  readonly load: {
    readonly cpuTotal: number | null;
    readonly cpuIdle: number | null;
    readonly memoryKiB: number | null;
    readonly memoryAvailableKiB: number | null;
  };
  /** Bytes; null: it was not looked at, or there is none. */
  readonly space: { readonly capacity: number; readonly available: number } | null;
  readonly vms: readonly VmCounters[];
}

const MIB = 1024 * 1024;

/** `before`: the look `elapsedMs` earlier; null: there was none. O(VMs). */
export function sampleOf(
  look: Look,
  before: Look | null,
  elapsedMs: number,
  local: LocalFigures | null,
): Omit<HostSample, 'node' | 'at'> {
  const { load, space } = look;
  const earlier = new Map(before?.vms.map((vm) => [vm.uuid, vm]));
  return {
    cpu: before === null ? null : busyShare(before.load, load),
    memoryMiB: mebi(load.memoryKiB),
    memoryAvailableMiB: local?.memoryAvailableMiB ?? mebi(load.memoryAvailableKiB),
    diskMiB: space === null ? null : Math.floor(space.capacity / MIB),
    diskAvailableMiB: space === null ? null : Math.floor(space.available / MIB),
    gpus: local?.gpus ?? null,
    vms: look.vms.map((vm) => vmSample(vm, earlier.get(vm.uuid) ?? null, elapsedMs)),
  };
}

/** Null: the counters say nothing, or were begun anew. */
function busyShare(before: Look['load'], after: Look['load']): number | null {
  if (before.cpuTotal === null || before.cpuIdle === null || after.cpuTotal === null || after.cpuIdle === null)
    return null;
  const total = after.cpuTotal - before.cpuTotal;
  const idle = after.cpuIdle - before.cpuIdle;
  return total > 0 && idle >= 0 ? Math.min(1, Math.max(0, 1 - idle / total)) : null;
}

function vmSample(vm: VmCounters, before: VmCounters | null, elapsedMs: number): VmSample {
  const { memoryKiB, memoryUnusedKiB } = vm;
  // A smaller counter is one of another run.
  const isSame = before !== null && elapsedMs > 0 && before.cpuTime <= vm.cpuTime;
  const rate = (of: 'cpuTime' | keyof Traffic): number | null =>
    isSame && vm[of] >= before[of] ? ((vm[of] - before[of]) * 1000) / elapsedMs : null;
  const whole = (of: keyof Traffic): number | null => {
    const perSecond = rate(of);
    return perSecond === null ? null : Math.round(perSecond);
  };
  const cpus = rate('cpuTime');
  return {
    lease: vm.lease,
    vm: vm.vm,
    cpus: cpus === null ? null : cpus / 1e9,
    cpuSeconds: vm.cpuTime / 1e9,
    memoryMiB: mebi(memoryKiB),
    memoryUsedMiB:
      memoryKiB === null || memoryUnusedKiB === null ? null : mebi(Math.max(0, memoryKiB - memoryUnusedKiB)),
    diskAllocatedMiB: Math.ceil(vm.diskAllocated / MIB),
    diskRead: whole('diskRead'),
    diskWritten: whole('diskWritten'),
    netReceived: whole('netReceived'),
    netSent: whole('netSent'),
    addresses: vm.addresses,
    moving: vm.moving,
  };
}

function mebi(kibi: number | null): number | null {
  return kibi === null ? null : Math.floor(kibi / 1024);
}
