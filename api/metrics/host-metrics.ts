/** Hosts and their GPUs as metrics, as they were seen last: what could not be seen is absent. */

import type { HostSample } from '../../adapters/host-samples.js';
import type { Hosts } from '../hosts/hosts.js';
import type { Looks } from './state-gauges.js';

const MIB = 1024 * 1024;
/** More hosts make a scrape too large. */
const HOSTS_MAX = 2_000;

export function hostMetrics(looks: Looks, hosts: Hosts): void {
  looks.gauge('host_up', 'Whether the host behind a node answers.', ['node'], (one) => {
    for (const { node, unreachable } of first(hosts.all())) one.set({ node }, unreachable === null ? 1 : 0);
  });
  const ofHosts = (name: string, help: string, value: (sample: HostSample) => number | null): void =>
    looks.gauge(name, help, ['node'], (one) => {
      for (const sample of first(hosts.fresh())) {
        const seen = value(sample);
        if (seen !== null) one.set({ node: sample.node }, seen);
      }
    });
  const bytes = (mebi: number | null) => (mebi === null ? null : mebi * MIB);
  ofHosts('host_cpu_usage_ratio', 'Which share of its processors was busy.', ({ cpu }) => cpu);
  ofHosts('host_memory_bytes', 'Memory of the host.', ({ memoryMiB }) => bytes(memoryMiB));
  ofHosts('host_memory_available_bytes', 'What of it could be had.', (one) => bytes(one.memoryAvailableMiB));
  ofHosts('host_disk_bytes', 'The file system that files of VMs are on.', ({ diskMiB }) => bytes(diskMiB));
  ofHosts('host_disk_available_bytes', 'What of it is free.', ({ diskAvailableMiB }) => bytes(diskAvailableMiB));
  ofHosts('host_vms', 'VMs of leases that run on the host.', ({ vms }) => vms.length);
  const traffic = (of: 'netReceived' | 'netSent' | 'diskRead' | 'diskWritten') => (sample: HostSample) =>
    sample.vms.reduce((sum, vm) => sum + (vm[of] ?? 0), 0);
  const second = 'of its VMs in a second, bytes.';
  ofHosts('host_vm_net_received_bytes_per_second', `Received: ${second}`, traffic('netReceived'));
  ofHosts('host_vm_net_sent_bytes_per_second', `Sent: ${second}`, traffic('netSent'));
  ofHosts('host_vm_disk_read_bytes_per_second', `Read: ${second}`, traffic('diskRead'));
  ofHosts('host_vm_disk_written_bytes_per_second', `Written: ${second}`, traffic('diskWritten'));
  looks.gauge('host_gpu_usage_ratio', 'Which share of a GPU was busy.', ['node', 'gpu'], (one) => {
    for (const { node, gpus } of first(hosts.fresh()))
      for (const { index, share } of gpus ?? []) if (share !== null) one.set({ node, gpu: index }, share);
  });
  looks.gauge('host_gpu_memory_used_bytes', 'Memory of a GPU in use.', ['node', 'gpu'], (one) => {
    for (const { node, gpus } of first(hosts.fresh()))
      for (const { index, memoryUsedMiB } of gpus ?? [])
        if (memoryUsedMiB !== null) one.set({ node, gpu: index }, memoryUsedMiB * MIB);
  });
}

function first<T>(all: Iterable<T>): T[] {
  return [...all].slice(0, HOSTS_MAX);
}
