/**
 * A host's hypervisor, as the cluster sees it: what libvirt can do, one call each, in terms of ids, paths and XML. It
 * decides nothing. Every call has a deadline; what became of a call that passed it nobody knows until somebody looks.
 */

import type { DiskFormat } from './names.js';

/** `failed`: it was not done, for certain. `unknown`: nobody said no; it may have been done, or may still be. */
export type HypervisorFailure = 'failed' | 'unknown';

export class HypervisorError extends Error {
  override readonly name = 'HypervisorError';

  constructor(
    readonly kind: HypervisorFailure,
    message: string,
    /** libvirt's number of the error (virErrorNumber); null: it is not libvirt's. */
    readonly code: number | null = null,
  ) {
    super(message);
  }
}

/** libvirt's virDomainState, by name. */
export type DomainState = 'running' | 'blocked' | 'paused' | 'shutting-down' | 'off' | 'crashed' | 'suspended-by-guest';

export interface DomainFacts {
  readonly uuid: string;
  readonly name: string;
  readonly state: DomainState;
  /** Why it is in that state: libvirt's virDomain…Reason. */
  readonly reason: number;
  /** Defined: it stays when it is off. */
  readonly persistent: boolean;
  /** The element of our namespace in its metadata, as libvirt gives it: `<vm …/>`, without the prefix. Null: there is none. */
  readonly metadata: string | null;
}

export interface HostFacts {
  /** The host's own id, whatever URI it is reached by. */
  readonly uuid: string;
  readonly hostname: string;
  readonly cpus: number;
  /** All there is, by virNodeGetMemoryStats where it is to be had: virNodeGetInfo may tell of the first NUMA node only. */
  readonly memoryMiB: number;
  readonly arch: string;
  /** `QEMU`, `TEST`, `Xen`, … */
  readonly driver: string;
  /** Of libvirt and of the hypervisor: major * 1,000,000 + minor * 1,000 + release. */
  readonly libvirtVersion: number;
  readonly hypervisorVersion: number;
  /** Kinds of virtualization that its QEMU offers: `qemu`, `kvm`, … */
  readonly domainTypes: readonly string[];
}

/** What a host does just now. Processor time is counted since it was booted: two looks make a share. Null: not told. */
export interface HostLoad {
  /** Nanoseconds of all processors together: in all, and with nothing to do. */
  readonly cpuTotal: number | null;
  readonly cpuIdle: number | null;
  readonly memoryKiB: number | null;
  /** What could be had at once: free, or only remembered for the case that it is needed again. */
  readonly memoryAvailableKiB: number | null;
}

/** Bytes of the file system that a pool is on. */
export interface PoolSpace {
  readonly capacity: number;
  readonly allocation: number;
  readonly available: number;
}

/** How far a job (save, migration, copy) has come. Bytes. */
export interface JobProgress {
  readonly processed: number;
  readonly remaining: number;
  readonly total: number;
  readonly elapsedMs: number;
  /** How long the VM stood still, or is expected to; null: not known. */
  readonly downtimeMs: number | null;
}

export type CopyProgress = Pick<JobProgress, 'processed' | 'total'>;

export interface MigrateOptions {
  /** The URI by which the source reaches the target's libvirt. */
  readonly to: string;
  /** The VM goes on meanwhile. */
  readonly live: boolean;
  /** The XML for the target, where it is to differ: other paths. */
  readonly xml: string | null;
  /** Disks that are carried along, by target (`vda`); empty: storage is shared. Only what the overlays hold. */
  readonly disks: readonly string[];
  /** Megabytes a second; null: no limit. */
  readonly bandwidth: number | null;
  /** Memory and disks go encrypted, by certificates that both hosts have. */
  readonly tls: boolean;
}

export interface VolumeFacts {
  readonly name: string;
  readonly path: string;
  /** Bytes: as the guest sees it, and on the disk. */
  readonly capacity: number;
  readonly allocation: number;
}

/** Counters since the VM was started. Times in nanoseconds, sizes in bytes; null: not known. */
export interface DomainUsage {
  readonly cpuTime: number;
  /** What the guest has been given, and what of it the guest does not use. */
  readonly memoryKiB: number | null;
  readonly memoryUnusedKiB: number | null;
  readonly diskRead: number;
  readonly diskWritten: number;
  readonly diskAllocated: number;
  readonly netReceived: number;
  readonly netSent: number;
}

export type AddressSource = 'lease' | 'agent' | 'arp';

export interface Address {
  readonly interface: string;
  readonly mac: string;
  readonly address: string;
}

export type LifecycleEvent =
  | 'defined'
  | 'undefined'
  | 'started'
  | 'suspended'
  | 'resumed'
  | 'stopped'
  | 'shutdown'
  | 'pm-suspended'
  | 'crashed';

export interface HypervisorListener {
  lifecycle(uuid: string, event: LifecycleEvent, detail: number): void;
  /** Connected again after it was not: what happened meanwhile nobody has told. Also the first time. */
  connected(): void;
  disconnected(why: string): void;
}

export interface VolumeCopy {
  /** The other's name, and what it must be. */
  readonly from: string;
  readonly format: DiskFormat;
  /** As guests see the new one; at least as large as the other. */
  readonly bytes: number;
}

export interface Hypervisor {
  readonly uri: string;
  /** Tells of each once, in order; in place of any earlier listener. */
  listen(listener: HypervisorListener): void;
  host(): Promise<HostFacts>;
  hostLoad(): Promise<HostLoad>;

  domains(): Promise<readonly DomainFacts[]>;
  /** Null: there is none. */
  domain(uuid: string): Promise<DomainFacts | null>;
  /** The XML as it is now. */
  xml(uuid: string, which: 'live' | 'defined' | 'migratable'): Promise<string>;
  define(xml: string): Promise<void>;
  undefine(uuid: string): Promise<void>;
  /** Starts what is defined nowhere: it is gone when it ends, and ends when we are gone. */
  startTransient(xml: string): Promise<void>;
  /** The element of our namespace, with prefix and namespace or without. */
  setMetadata(uuid: string, metadata: string): Promise<void>;

  /** Starts what is defined and off. Never from an image that libvirt has saved by itself. */
  start(uuid: string): Promise<void>;
  /** Asks the guest; that it has been asked is all that is certain. */
  shutdown(uuid: string, by: 'agent' | 'acpi'): Promise<void>;
  /** As `shutdown`. An agent that was asked may take a minute, or never answer. */
  reboot(uuid: string, by: 'agent' | 'acpi'): Promise<void>;
  /** As by a reset button: the guest is not asked. */
  reset(uuid: string): Promise<void>;
  /** Ends it at once. */
  destroy(uuid: string): Promise<void>;
  pause(uuid: string): Promise<void>;
  unpause(uuid: string): Promise<void>;
  /** Saves memory into a file on the host; then it is off. */
  save(uuid: string, path: string): Promise<void>;
  /** Runs on from a saved file. `xml`: in place of that in the file. */
  restore(path: string, xml: string | null, paused: boolean): Promise<void>;
  migrate(uuid: string, options: MigrateOptions): Promise<void>;
  /** Null: there is no job. */
  job(uuid: string): Promise<JobProgress | null>;
  /** The job that was done last, where libvirt still knows: a migration is told of where the VM is now. */
  finishedJob(uuid: string): Promise<JobProgress | null>;
  /** How far copies of its disks have come; null: none is being copied. */
  copies(uuid: string): Promise<CopyProgress | null>;
  /** Also the copy of a disk. The VM goes on as before. */
  abortJob(uuid: string): Promise<void>;
  /** Copies a disk while it is used, and goes on from the copy. `xml`: the new `<disk>`, whose file is not there yet. `bandwidth` as of migrations. */
  moveDisk(uuid: string, disk: string, xml: string, bandwidth?: number | null): Promise<void>;
  setVcpus(uuid: string, vcpus: number): Promise<void>;
  setMemory(uuid: string, mib: number): Promise<void>;
  /** Of the disk with this target, as the guest sees it, of a VM that runs; null: there is no such disk. */
  diskSize(uuid: string, disk: string): Promise<number | null>;
  /** Of a VM that runs: its guest is told. */
  resizeDisk(uuid: string, disk: string, bytes: number): Promise<void>;

  /** One command of the QEMU guest agent, and its answer: hostile until checked. */
  agent(uuid: string, command: object, timeoutS: number): Promise<unknown>;
  addresses(uuid: string, source: AddressSource): Promise<readonly Address[]>;
  usage(uuid: string): Promise<DomainUsage>;
  /** Of all that run, by UUID. What a job keeps from being read is null, or 0. */
  usages(): Promise<readonly (DomainUsage & { readonly uuid: string })[]>;

  /** Names of networks that are defined or active. */
  networks(): Promise<readonly { readonly name: string; readonly active: boolean }[]>;
  /** Defines and starts it; it may be there already. */
  startNetwork(xml: string): Promise<void>;
  /** Stops and undefines it; it may be gone already. */
  removeNetwork(name: string): Promise<void>;
  /** The network's own XML; null: there is none. */
  network(name: string): Promise<string | null>;
  /** Adds, changes or removes a DHCP host entry of a network. */
  updateNetworkHost(name: string, change: 'add' | 'remove', hostXml: string): Promise<void>;

  /** A directory pool at `path`, which is made; it may be there already. */
  ensurePool(name: string, path: string): Promise<void>;
  /** Null: there is no such pool. */
  poolSpace(name: string): Promise<PoolSpace | null>;
  /** After a refresh: what others have put there counts too. */
  volumes(pool: string): Promise<readonly VolumeFacts[]>;
  createVolume(pool: string, xml: string): Promise<void>;
  /** A new volume with what another of the pool holds; the rest of it is empty. */
  copyVolume(pool: string, xml: string, copy: VolumeCopy): Promise<void>;
  /** It may be gone already. */
  deleteVolume(pool: string, name: string): Promise<void>;
  /** Fills a volume that is there from a file of this machine. */
  upload(pool: string, name: string, file: string): Promise<void>;
  /** Writes what a volume holds into a file of this machine. */
  download(pool: string, name: string, file: string): Promise<void>;
  /** SHA-256 and length of what a volume holds, read through libvirt. */
  digest(pool: string, name: string): Promise<{ readonly sha256: string; readonly bytes: number }>;

  /** No more calls; those under way are left to themselves. */
  close(): Promise<void>;
}
