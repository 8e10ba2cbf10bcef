#!/usr/bin/env node
// `npm run bench:machines`: orders a second to VMs of libvirt's test driver, and how long the event loop stands still meanwhile.
// `-- --uri qemu:///system` also starts, suspends and resumes VMs on a host, one at a time: they are of 64 MiB, nothing is
// booted in them, and they are gone afterwards. With `--image /srv/tiny.qcow2` (on the host; its guest has an agent) also how long
// one takes until its agent answers, after its start and after a reset. `--vms 200 --rounds 5 --type qemu --vm-dir /var/lib/leasehold`.
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const dist = (path) => new URL(`../dist/${path}`, import.meta.url);
const { values: options } = parseArgs({
  options: {
    vms: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    uri: { type: 'string' },
    image: { type: 'string' },
    type: { type: 'string', default: 'qemu' },
    'vm-dir': { type: 'string', default: '/var/lib/leasehold' },
  },
});
if (!existsSync(fileURLToPath(dist('adapters/libvirt/cluster.js')))) {
  console.error('run `npm run build` first');
  process.exit(2);
}
const { connectLibvirt } = await import(dist('adapters/libvirt/binding/libvirt.js'));
const { LibvirtCluster } = await import(dist('adapters/libvirt/cluster.js'));
const { domainUuid } = await import(dist('adapters/libvirt/names.js'));
const { Maker } = await import(dist('adapters/libvirt/machine.js'));

const MEMORY_MIB = 64;
/** Less does not suffice for a guest to boot. */
const GUEST_MIB = 128;
const nowhere = () => Promise.reject(new Error('no VM has an image here'));
const START = { nodes: [1, 1], until: 1e15, units: null };
// biome-ignore lint/suspicious/noThenProperty: what follows a stop, as the log has it
const STOP = { until: 0, cause: 'cancelled', then: 'over', reasons: [] };
const NO_WISHES = { network: null, sshKeys: [], userData: null, template: null };

console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${loadavg()[0].toFixed(2)}`);
await throughput(Number(options.vms));
if (options.uri !== undefined) await latency(options.uri, Number(options.rounds));
if (options.image !== undefined) await readiness(options.uri, options.image, Number(options.rounds));

/** All VMs are started at once, then stopped at once. */
async function throughput(vms) {
  const site = await open('test:///default', 'test');
  const leases = Array.from({ length: vms }, (_, index) => `Lbench${index}`);
  const delay = monitorEventLoopDelay({ resolution: 2 });
  for (const [what, give] of [
    ['start', (lease) => site.give(lease, 'StartOrdered', START)],
    ['stop', (lease) => site.give(lease, 'StopOrdered', STOP)],
  ]) {
    delay.reset();
    delay.enable();
    const began = performance.now();
    await Promise.all(leases.map(give));
    const ms = performance.now() - began;
    delay.disable();
    const [p99, max] = [delay.percentile(99), delay.max].map((ns) => (ns / 1e6).toFixed(1));
    const rate = Math.round((vms * 1000) / ms);
    console.log(`${what.padEnd(8)} ${vms} VMs at once: ${rate} orders/s; event loop p99 ${p99} ms, max ${max} ms`);
  }
  await site.close();
}

/** One VM after another, each through its whole life. */
async function latency(uri, rounds) {
  const site = await open(uri, options.type);
  const times = { start: [], suspend: [], resume: [], stop: [] };
  for (let round = 0; round < rounds; round++) {
    const lease = `Lbench${process.pid}x${round}`;
    for (const [what, type, more] of [
      ['start', 'StartOrdered', START],
      ['suspend', 'SuspendOrdered', { vms: [1, 1], until: 0 }],
      ['resume', 'ResumeOrdered', { vms: [1, 1], nodes: [1, 1], until: 0, units: null }],
      ['stop', 'StopOrdered', STOP],
    ]) {
      const began = performance.now();
      await site.give(lease, type, more);
      times[what].push(performance.now() - began);
    }
  }
  tell(times, MEMORY_MIB);
  await site.close();
}

/** One VM after another, each until its agent answers, which it does again after a reset. */
async function readiness(uri, image, rounds) {
  const ready = { probe: 'agent', timeoutMs: 600_000 };
  const place = async () => ({ path: image, format: 'qcow2', bytes: 1, kernel: null });
  const site = await open(uri, options.type, { memoryMiB: GUEST_MIB, image: 'guest', place, ready });
  const hypervisor = connectLibvirt(uri);
  const times = { ready: [], reset: [] };
  for (let round = 0; round < rounds; round++) {
    const lease = `Lready${process.pid}x${round}`;
    const began = performance.now();
    await site.give(lease, 'StartOrdered', START);
    times.ready.push(performance.now() - began);
    const boot = await bootOf(hypervisor, lease);
    const again = performance.now();
    await site.give(lease, 'ActOrdered', { act: 'reset', vms: null });
    for (let now = boot; now === boot || now === null; now = await bootOf(hypervisor, lease)) await sleep(100);
    times.reset.push(performance.now() - again);
    await site.give(lease, 'StopOrdered', STOP);
  }
  tell(times, GUEST_MIB);
  await hypervisor.close();
  await site.close();
}

/** Another one after each boot; null: its agent does not answer. */
async function bootOf(hypervisor, lease) {
  const ask = (execute, args) => hypervisor.agent(domainUuid(lease, 1), { execute, arguments: args }, 1);
  try {
    const handle = await ask('guest-file-open', { path: '/proc/sys/kernel/random/boot_id', mode: 'r' });
    return (await ask('guest-file-read', { handle, count: 64 }))['buf-b64'];
  } catch {
    return null;
  }
}

function tell(times, memoryMiB) {
  for (const [what, all] of Object.entries(times)) {
    all.sort((a, b) => a - b);
    const [median, most] = [all[Math.floor(all.length / 2)], all.at(-1)].map((ms) => Math.round(ms));
    console.log(`${what.padEnd(8)} one VM of ${memoryMiB} MiB: median ${median} ms, most ${most} ms of ${all.length}`);
  }
}

/** A cluster of one host, and how orders are given to it. */
async function open(uri, type, { memoryMiB = MEMORY_MIB, image = null, place = nowhere, ready = null } = {}) {
  const waiting = new Map();
  const cluster = await LibvirtCluster.open({
    ...{ site: '00000000000000be', gone: new Set(), runs: new Map(), now: () => Date.now(), connect: connectLibvirt },
    nodes: [{ first: 1, count: 1, capacity: [], exclusive: false, labels: { uri }, names: null, units: {} }],
    maker: new Maker({
      ...{ resources: [{ name: 'memory', kind: 'amount' }], type, network: null, wishesOf: () => NO_WISHES },
      place,
    }),
    readyOf: () => ready,
    ...{ nodeGraceMs: 60_000, fenceCommand: null, away: new Map(), accel: type === 'kvm' ? 'kvm' : 'tcg' },
    ...{ directory: options['vm-dir'], graceMs: 0, warn: (text) => console.error(text) },
  });
  cluster.listen({
    next: (observation) => {
      const { resolve, reject } = waiting.get(observation.order);
      if (observation.type === 'OrderFailed') reject(new Error(observation.detail));
      else resolve();
    },
    error: (error) => {
      throw error;
    },
  });
  let turn = 0;
  const give = (lease, type, more) => {
    const id = `${++turn}.0`;
    const groups = [{ name: null, vms: 1, demand: [memoryMiB], image }];
    const decision = { type, order: id, lease, deadline: null, after: [], ...more };
    const done = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    cluster.enact({ id, epoch: 1, issued: 0, decision, terms: { groups } });
    return done;
  };
  return { give, close: () => cluster.close() };
}
