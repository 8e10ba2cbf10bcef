/** Images that are written: whose disk becomes which one, as the log has it before the disk is made, and before it goes. */

import { setTimeout as pause } from 'node:timers/promises';
import { VmError } from '../../adapters/libvirt/vm.js';
import type { WritingVm, WrittenImages } from '../../adapters/libvirt/written-images.js';
import type { LeaseId, OrderId, StateView } from '../../engine/index.js';
import {
  imageNote,
  type ImageNote,
  type ImageUse,
  imageOfKey,
  keyOfImage,
  readImage,
  unpinned,
  writtenImage,
} from './image-notes.js';

export interface NotedImagesOptions {
  /** As it is just now. */
  readonly state: () => Pick<StateView, 'notes' | 'leases'>;
  /** Resolves when it is durable; false: it is not what was expected. */
  readonly keep: (note: { key: string; value: string | null; expected: string | null }) => Promise<boolean>;
  readonly warn: (message: string) => void;
}

/** How often it is looked whether the log has it. */
const LOOK_MS = 250;

export class NotedImages implements WrittenImages {
  constructor(private readonly options: NotedImagesOptions) {}

  async claim(image: string, { lease, vm, run }: WritingVm, signal: AbortSignal): Promise<void> {
    const name = unpinned(image)?.name;
    if (name === undefined) return;
    await this.change(name, signal, (note) => {
      if (note === null || note.persistent !== true) return 'done';
      const { use } = note;
      if (use?.lease === lease && use.vm === vm && use.run === run) return 'done';
      if (use?.save !== undefined) return 'wait';
      if (use !== undefined && use.lease !== lease && this.options.state().leases.has(use.lease))
        throw new VmError(`the image ${name} is written by lease ${use.lease}`);
      if (use !== undefined)
        this.options.warn(
          `the disk of VM ${use.vm} of lease ${use.lease} (run ${use.run}) is out of reach: what it wrote is not in the image ${name}`,
        );
      return { ...note, use: { lease, vm, run } };
    });
  }

  runOf(lease: LeaseId, vm: number): OrderId | null {
    return this.useOf(lease, vm)?.use.run ?? null;
  }

  async keep({ lease, vm, run }: WritingVm, uri: string, signal: AbortSignal): Promise<void> {
    const name = this.useOf(lease, vm)?.name;
    if (name === undefined) return;
    await this.change(name, signal, (note) => {
      const use = note?.use;
      // It is in the image, or another one is.
      if (note === null || use === undefined || use.lease !== lease || use.vm !== vm || use.run !== run) return 'done';
      if (use.save?.uri === uri) return 'wait';
      return { ...note, use: { lease, vm, run, save: { uri } } };
    });
  }

  /** O(notes). */
  private useOf(lease: LeaseId, vm: number): { readonly name: string; readonly use: ImageUse } | null {
    for (const [key, text] of this.options.state().notes) {
      const name = imageOfKey(key);
      const use = name === null ? undefined : readImage(text).use;
      if (name !== null && use?.lease === lease && use.vm === vm) return { name, use };
    }
    return null;
  }

  /** Resolves when `change` finds nothing to do. Others may change it at the same time, or nobody may lead just now. */
  private async change(
    name: string,
    signal: AbortSignal,
    change: (note: ImageNote | null) => ImageNote | 'wait' | 'done',
  ): Promise<void> {
    const key = keyOfImage(name);
    for (;;) {
      signal.throwIfAborted();
      const { notes } = this.options.state();
      const expected = notes.get(key) ?? null;
      const wanted = change(imageNote(notes, name));
      if (wanted === 'done') return;
      const isKept =
        wanted !== 'wait' &&
        (await this.options.keep({ key, value: writtenImage(wanted), expected }).catch(() => false));
      if (!isKept) await pause(LOOK_MS, undefined, { signal });
    }
  }
}
