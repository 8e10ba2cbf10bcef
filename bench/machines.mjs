#!/usr/bin/env node
// `npm run bench:machines`: orders a second to VMs of libvirt's test driver, and how long the event loop stands still meanwhile.
// `-- --uri qemu:///system` also starts, suspends and resumes VMs on a host, one at a time: they are of 64 MiB, nothing is
// booted in them, and they are gone afterwards. `--vms 200 --rounds 5 --type qemu --vm-dir /var/lib/leasehold`.
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const dist = (path) => new URL(`../dist/${path}`, import.meta.url);
const { values: options } = parseArgs({
  options: {
    vms: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    uri: { type: 'string' },
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
const { Maker } = await import(dist('adapters/libvirt/machine.js'));

const MEMORY_MIB = 64;
const START = { nodes: [1, 1], until: 1e15, units: null };
// biome-ignore lint/suspicious/noThenProperty: what follows a stop, as the log has it
const STOP = { until: 0, cause: 'cancelled', then: 'over', reasons: [] };
const NO_WISHES = { network: null, sshKeys: [], userData: null, template: null };

console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${loadavg()[0].toFixed(2)}`);
await throughput(Number(options.vms));
if (options.uri !== undefined) await latency(options.uri, Number(options.rounds));

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
  for (const [what, all] of Object.entries(times)) {
    all.sort((a, b) => a - b);
    const [median, most] = [all[Math.floor(all.length / 2)], all.at(-1)].map((ms) => Math.round(ms));
    console.log(`${what.padEnd(8)} one VM of ${MEMORY_MIB} MiB: median ${median} ms, most ${most} ms of ${all.length}`);
  }
  await site.close();
}

/** A cluster of one host, and how orders are given to it. */
async function open(uri, type) {
  const waiting = new Map();
  const cluster = await LibvirtCluster.open({
    ...{ site: '00000000000000be', gone: new Set(), runs: new Map(), now: () => Date.now(), connect: connectLibvirt },
    nodes: [{ first: 1, count: 1, capacity: [], exclusive: false, labels: { uri }, names: null, units: {} }],
    maker: new Maker({
      ...{ resources: [{ name: 'memory', kind: 'amount' }], type, network: null, wishesOf: () => NO_WISHES },
      place: () => Promise.reject(new Error('no VM has an image here')),
    }),
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
    const groups = [{ name: null, vms: 1, demand: [MEMORY_MIB], image: null }];
    const decision = { type, order: id, lease, deadline: null, after: [], ...more };
    const done = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    cluster.enact({ id, epoch: 1, issued: 0, decision, terms: { groups } });
    return done;
  };
  return { give, close: () => cluster.close() };
}
