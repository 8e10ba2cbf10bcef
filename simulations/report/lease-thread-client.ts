/**
 * Hands leases to the thread that writes them, in blocks, and waits for it only where it is far behind: a simulation
 * never waits for its files, and no queue grows.
 */

import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { FinishedLease } from './finished-lease.js';
import { BlockWriter, type LeaseBlock } from './lease-block.js';
import type { LeaseFiles } from './lease-writer.js';

/** What the thread begins with: the numbers of its files, of `leases.json` null where it is not wanted, and more. */
export interface LeaseThreadData {
  readonly jobs: number;
  readonly leases: number | null;
  readonly workload: string;
  /** Shared memory: what it has done, and that it may stop. */
  readonly shared: Int32Array;
  readonly port: MessagePort;
}

/** Null: all is written, the disk has it. */
export type ToLeaseThread = LeaseBlock | null;

/** How many messages it has dealt with. */
export const DONE = 0;
/** Not 0: nothing more is to be written. */
export const STOP = 1;

/** Blocks under way, at most. */
const BEHIND_MAX = 8;
/** A disk that takes nothing for so long is taken for dead. */
const PATIENCE_MS = 300_000;

export class LeaseThread implements LeaseFiles {
  private readonly shared = new Int32Array(new SharedArrayBuffer(8));
  private readonly port: MessagePort;
  private readonly worker: Worker;
  private readonly block = new BlockWriter();
  private sent = 0;
  private isOpen = true;

  constructor(thread: URL, given: Pick<LeaseThreadData, 'jobs' | 'leases' | 'workload'>) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const workerData: LeaseThreadData = { ...given, shared: this.shared, port: port2 };
    this.worker = new Worker(thread, { workerData, transferList: [port2], trackUnmanagedFds: false });
    // Nobody waits for it but `finish`.
    this.worker.unref();
    this.port.unref();
  }

  lease(finished: FinishedLease): void {
    if (this.block.add(finished)) return;
    this.send();
    this.block.add(finished);
  }

  finish(): void {
    this.send();
    this.post(null);
    this.waitUntil(this.sent);
    this.end();
  }

  close(): void {
    if (!this.isOpen) return;
    // The numbers of its files may be those of others soon.
    Atomics.store(this.shared, STOP, 1);
    this.post(null);
    try {
      this.waitUntil(this.sent);
    } catch {
      // It failed before: that was told.
    }
    this.end();
  }

  private send(): void {
    // Copied, though it could be handed over: once memory has been, V8 compiles code that uses typed arrays anew, with more checks.
    this.post(this.block.take());
    this.waitUntil(this.sent - BEHIND_MAX);
  }

  private post(message: ToLeaseThread): void {
    this.port.postMessage(message);
    this.sent++;
  }

  /** Throws what went wrong there. */
  private waitUntil(wanted: number): void {
    for (;;) {
      const done = Atomics.load(this.shared, DONE);
      const failed = receiveMessageOnPort(this.port) as { readonly message: Error } | undefined;
      if (failed !== undefined) throw failed.message;
      if (done >= wanted) return;
      if (Atomics.wait(this.shared, DONE, done, PATIENCE_MS) === 'timed-out')
        throw Object.assign(new Error(`nothing could be written for ${PATIENCE_MS / 1000} s`), { code: 'EIO' });
    }
  }

  private end(): void {
    this.isOpen = false;
    this.port.close();
    void this.worker.terminate();
  }
}
