/** What hosts and the VMs on them were seen to use. What could not be seen is null: never 0, which would be idle. */

import type { Instant, LeaseId } from '../engine/index.js';

export interface GpuSample {
  readonly index: number;
  /** From 0, nothing to do, to 1. */
  readonly share: number | null;
  readonly memoryUsedMiB: number | null;
  readonly memoryMiB: number | null;
}

/** By which a VM is reached, and who said so: its host handed it out, or has seen it; or its guest says so. */
export interface FoundAddress {
  readonly mac: string;
  readonly address: string;
  readonly source: 'lease' | 'arp' | 'agent';
}

/** A VM on its way to another host, or its disk to another directory, while it runs. */
export interface MoveProgress {
  readonly what: 'vm' | 'disk';
  readonly doneMiB: number;
  /** As far as is known by now: what is written meanwhile comes on top. */
  readonly totalMiB: number;
}

/** Bytes a second since the sample before. */
export interface Traffic {
  readonly diskRead: number | null;
  readonly diskWritten: number | null;
  readonly netReceived: number | null;
  readonly netSent: number | null;
}

export interface VmSample extends Traffic {
  readonly lease: LeaseId;
  readonly vm: number;
  /** Processors that it kept busy: 1.5 are one and a half. */
  readonly cpus: number | null;
  /** Since it was started here. */
  readonly cpuSeconds: number;
  readonly memoryMiB: number | null;
  /** As its guest says; null: it says nothing. */
  readonly memoryUsedMiB: number | null;
  /** Of its disks on the host. */
  readonly diskAllocatedMiB: number;
  readonly addresses: readonly FoundAddress[];
  /** Null: it stays where it is, or nobody can say. */
  readonly moving: MoveProgress | null;
}

export interface HostSample {
  readonly node: number;
  readonly at: Instant;
  /** Of all its processors: 0, nothing to do, to 1. */
  readonly cpu: number | null;
  readonly memoryMiB: number | null;
  readonly memoryAvailableMiB: number | null;
  /** Of the file system that our files are on. */
  readonly diskMiB: number | null;
  readonly diskAvailableMiB: number | null;
  /** Null: nobody could say. */
  readonly gpus: readonly GpuSample[] | null;
  /** Those of ours that run on it. */
  readonly vms: readonly VmSample[];
}
