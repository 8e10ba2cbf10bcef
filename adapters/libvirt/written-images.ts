/** Images that are written, as whoever makes VMs knows them: of two disks that began with one, the later run's becomes it. */

import type { LeaseId, OrderId } from '../../engine/index.js';

/** A VM of a run. */
export interface WritingVm {
  readonly lease: LeaseId;
  readonly vm: number;
  readonly run: OrderId;
}

export interface WrittenImages {
  /** What the VM writes is to be in the image, where that is one that is written. Durable when it resolves. Throws a VmError. */
  claim(image: string, vm: WritingVm, signal: AbortSignal): Promise<void>;
  /** The run of the VM whose disk is to become an image; null: none. */
  runOf(lease: LeaseId, vm: number): OrderId | null;
  /** Resolves when the VM's disk on this host, which nobody writes any more, is in its image. Rejects as the signal says. */
  keep(vm: WritingVm, uri: string, signal: AbortSignal): Promise<void>;
}
