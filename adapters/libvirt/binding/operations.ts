/** Each call, by the functions that do it. */

import type { Hypervisor } from '../hypervisor.js';
import type { CallName } from './calls.js';
import * as domains from './domains.js';
import { addresses, agent, usage, usages } from './guests.js';
import { host, hostLoad } from './host.js';
import * as jobs from './jobs.js';
import type { Lane } from './lane.js';
import * as networks from './networks.js';
import * as storage from './storage.js';

interface To {
  readonly lane: Lane;
  readonly within: jobs.Within;
}

export const OPERATIONS: {
  readonly [Name in CallName]: (to: To, ...args: Parameters<Hypervisor[Name]>) => ReturnType<Hypervisor[Name]>;
} = {
  host: ({ lane }) => host(lane),
  hostLoad: ({ lane }) => hostLoad(lane),
  domains: ({ lane }) => domains.domains(lane),
  domain: ({ lane }, ...args) => domains.domain(lane, ...args),
  xml: ({ lane }, ...args) => domains.xml(lane, ...args),
  define: ({ lane }, ...args) => domains.define(lane, ...args),
  undefine: ({ lane }, ...args) => domains.undefine(lane, ...args),
  startTransient: ({ lane }, ...args) => domains.startTransient(lane, ...args),
  setMetadata: ({ lane }, ...args) => domains.setMetadata(lane, ...args),
  start: ({ lane }, ...args) => domains.start(lane, ...args),
  shutdown: ({ lane }, ...args) => domains.shutdown(lane, ...args),
  reboot: ({ lane }, ...args) => domains.reboot(lane, ...args),
  reset: ({ lane }, ...args) => domains.reset(lane, ...args),
  destroy: ({ lane }, ...args) => domains.destroy(lane, ...args),
  pause: ({ lane }, ...args) => domains.pause(lane, ...args),
  unpause: ({ lane }, ...args) => domains.unpause(lane, ...args),
  save: ({ lane, within }, ...args) => jobs.save(lane, within, ...args),
  restore: ({ lane, within }, ...args) => jobs.restore(lane, within, ...args),
  migrate: ({ lane }, ...args) => jobs.migrate(lane, ...args),
  job: ({ lane }, ...args) => jobs.job(lane, ...args),
  finishedJob: ({ lane }, ...args) => jobs.finishedJob(lane, ...args),
  copies: ({ lane }, ...args) => jobs.copies(lane, ...args),
  abortJob: ({ lane }, ...args) => jobs.abortJob(lane, ...args),
  moveDisk: ({ lane, within }, ...args) => jobs.moveDisk(lane, within, ...args),
  setVcpus: ({ lane }, ...args) => domains.setVcpus(lane, ...args),
  setMemory: ({ lane }, ...args) => domains.setMemory(lane, ...args),
  diskSize: ({ lane }, ...args) => domains.diskSize(lane, ...args),
  resizeDisk: ({ lane }, ...args) => domains.resizeDisk(lane, ...args),
  agent: ({ lane, within }, ...args) => agent(lane, within, ...args),
  addresses: ({ lane }, ...args) => addresses(lane, ...args),
  usage: ({ lane }, ...args) => usage(lane, ...args),
  usages: ({ lane }) => usages(lane),
  networks: ({ lane }) => networks.networks(lane),
  startNetwork: ({ lane }, ...args) => networks.startNetwork(lane, ...args),
  removeNetwork: ({ lane }, ...args) => networks.removeNetwork(lane, ...args),
  network: ({ lane }, ...args) => networks.network(lane, ...args),
  updateNetworkHost: ({ lane }, ...args) => networks.updateNetworkHost(lane, ...args),
  ensurePool: ({ lane }, ...args) => storage.ensurePool(lane, ...args),
  poolSpace: ({ lane }, ...args) => storage.poolSpace(lane, ...args),
  volumes: ({ lane }, ...args) => storage.volumes(lane, ...args),
  createVolume: ({ lane }, ...args) => storage.createVolume(lane, ...args),
  copyVolume: ({ lane }, ...args) => storage.copyVolume(lane, ...args),
  deleteVolume: ({ lane }, ...args) => storage.deleteVolume(lane, ...args),
  upload: ({ lane, within }, ...args) => storage.upload(lane, within, ...args),
  download: ({ lane, within }, ...args) => storage.download(lane, within, ...args),
  digest: ({ lane, within }, ...args) => storage.digest(lane, within, ...args),
};
