/** What the service and the process beside it say to each other, and how long each call may take. */

import type { Hypervisor, HypervisorFailure, LifecycleEvent } from '../hypervisor.js';

/** What of a hypervisor is a call to libvirt. */
export type CallName = Exclude<keyof Hypervisor, 'uri' | 'listen' | 'close'>;

export interface CallKind {
  /** Something is different when it has been done: of some errors it is open whether it was. */
  readonly changes: boolean;
  /** What may hold its connection to libvirt: most are quick; some take seconds, or a guest's time; some move gigabytes. */
  readonly pace: 'quick' | 'slow' | 'guest' | 'long';
  /** From when it is asked until it is given up. A long call tells a nearer deadline once it has begun. */
  readonly ms: number;
}

const S = 1000;
const read = (ms = 10 * S): CallKind => ({ changes: false, pace: 'quick', ms });
const change = (ms = 10 * S): CallKind => ({ changes: true, pace: 'quick', ms });
const slow = (kind: CallKind): CallKind => ({ ...kind, pace: 'slow' });
const guest = (kind: CallKind): CallKind => ({ ...kind, pace: 'guest' });
const long = (kind: CallKind): CallKind => ({ ...kind, pace: 'long', ms: 6 * 3600 * S });

export const CALLS: { readonly [Name in CallName]: CallKind } = {
  host: read(),
  hostLoad: read(),
  domains: read(),
  domain: read(),
  xml: read(),
  define: change(),
  undefine: change(),
  startTransient: slow(change(60 * S)),
  setMetadata: change(),
  start: slow(change(60 * S)),
  shutdown: guest(change(15 * S)),
  // libvirt itself waits for a minute until the guest goes down.
  reboot: guest(change(75 * S)),
  reset: change(),
  // A QEMU that waits for a disk ends late: libvirt itself waits for up to half a minute.
  destroy: slow(change(45 * S)),
  pause: change(),
  unpause: change(),
  save: long(change()),
  restore: long(change()),
  migrate: long(change()),
  job: read(),
  finishedJob: read(),
  copies: read(),
  abortJob: change(),
  moveDisk: long(change()),
  setVcpus: change(),
  setMemory: change(),
  diskSize: read(),
  resizeDisk: change(),
  agent: guest(change(60 * S)),
  addresses: guest(read(15 * S)),
  usage: read(),
  usages: read(),
  networks: read(),
  startNetwork: slow(change(30 * S)),
  removeNetwork: slow(change(30 * S)),
  network: read(),
  updateNetworkHost: change(),
  ensurePool: slow(change(30 * S)),
  poolSpace: slow(read(60 * S)),
  volumes: slow(read(60 * S)),
  createVolume: slow(change(60 * S)),
  copyVolume: long(change()),
  deleteVolume: slow(change(60 * S)),
  upload: long(change()),
  download: long(read()),
  digest: long(read()),
};

export const CALL_NAMES = Object.keys(CALLS) as readonly CallName[];

/** To the process beside. Instants are of the system’s monotonic clock, which is the same for both. */
export type ToWorker =
  | {
      readonly type: 'call';
      readonly ticket: number;
      readonly name: CallName;
      readonly args: readonly unknown[];
      /** Not begun any more from then on: who asked has looked by then what became of it. */
      readonly until: number;
    }
  | { readonly type: 'ping' };

export type FromWorker =
  | { readonly type: 'opened' }
  | { readonly type: 'over'; readonly why: string }
  | { readonly type: 'answer'; readonly ticket: number; readonly value: unknown }
  | {
      readonly type: 'failure';
      readonly ticket: number;
      readonly kind: HypervisorFailure;
      readonly message: string;
      readonly code: number | null;
    }
  /** The call may take so long from now. */
  | { readonly type: 'within'; readonly ticket: number; readonly ms: number }
  | { readonly type: 'pong' }
  | { readonly type: 'lifecycle'; readonly uuid: string; readonly event: LifecycleEvent; readonly detail: number };

/** Milliseconds of the monotonic clock, the same in every process of this machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** What another program said, as a part of a message: on one line, without control characters, cut. */
export function legible(text: string, max = 1000): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return clean.length > max ? `${clean.slice(0, max)}…` : clean;
}
