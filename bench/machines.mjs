#!/usr/bin/env node
// `npm run bench:machines`: how long VMs take on two real hosts in namespaces of this machine, under emulation, over HTTP: until
// they run and are ready, saved, brought back and moved. Before that, orders a second to VMs of libvirt's test driver, and how long the
// event loop stands still meanwhile. `-- --rounds 5`, `--vms 200`, `--json FILE`: as JSON, too. Root, and scripts/install-test-deps.sh.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

const dist = (path) => new URL(`../dist/${path}`, import.meta.url);
const { values: options } = parseArgs({
  options: {
    vms: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
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
const nowhere = () => Promise.reject(new Error('no VM has an image here'));
const START = { nodes: [1, 1], until: 1e15, units: null };
// biome-ignore lint/suspicious/noThenProperty: what follows a stop, as the log has it
const STOP = { until: 0, cause: 'cancelled', then: 'over', reasons: [] };
const NO_WISHES = { network: null, sshKeys: [], userData: null, template: null };

const machine = `node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${loadavg()[0].toFixed(2)}`;
console.log(machine);
const many = await throughput(Number(options.vms));
const hosts = await onHosts(Number(options.rounds));
tell(hosts);
if (options.json !== undefined) {
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(options.json, `${JSON.stringify({ date, machine, many, hosts }, null, 2)}\n`);
}

/** All VMs are started at once, then stopped at once. */
async function throughput(vms) {
  const site = await open();
  const leases = Array.from({ length: vms }, (_, index) => `Lbench${index}`);
  const delay = monitorEventLoopDelay({ resolution: 2 });
  const found = {};
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
    const [p99, max] = [delay.percentile(99), delay.max].map((ns) => Number((ns / 1e6).toFixed(1)));
    const rate = Math.round((vms * 1000) / ms);
    console.log(`${what.padEnd(8)} ${vms} VMs at once: ${rate} orders/s; event loop p99 ${p99} ms, max ${max} ms`);
    found[what] = { vms, ordersPerSecond: rate, loopP99Ms: p99, loopMaxMs: max };
  }
  await site.close();
  return found;
}

/** What is measured on hosts → milliseconds, one a round. The hosts are those of the tests, and so is what runs them. */
async function onHosts(rounds) {
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
  const file = join(directory, 'times.json');
  Object.assign(process.env, { LEASEHOLD_TIMING_ROUNDS: String(rounds), LEASEHOLD_TIMING_RESULTS: file });
  try {
    const include = ['test/timings/real-hosts.ts'];
    const run = await startVitest('test', [], { include, watch: false, hookTimeout: 0, reporters: ['dot'] });
    await run.close();
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function tell(times) {
  console.log(`${''.padEnd(42)} median      least       most`);
  for (const [what, all] of Object.entries(times)) {
    const sorted = all.toSorted((a, b) => a - b);
    const three = [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)];
    console.log(`${what.padEnd(42)} ${three.map((ms) => `${Math.round(ms)} ms`.padEnd(11)).join(' ')}`.trimEnd());
  }
}

/** A cluster of one host, which is none, and how orders are given to it. */
async function open() {
  const waiting = new Map();
  const labels = { uri: 'test:///default' };
  const cluster = await LibvirtCluster.open({
    ...{ site: '00000000000000be', gone: new Set(), runs: new Map(), now: () => Date.now(), connect: connectLibvirt },
    nodes: [{ first: 1, count: 1, capacity: [], exclusive: false, labels, names: null, units: {} }],
    maker: new Maker({
      ...{ resources: [{ name: 'memory', kind: 'amount' }], type: 'test', network: null, wishesOf: () => NO_WISHES },
      place: nowhere,
    }),
    readyOf: () => null,
    ...{ nodeGraceMs: 60_000, fenceCommand: null, away: new Map(), accel: 'tcg' },
    ...{ directory: '/var/lib/leasehold', graceMs: 0, warn: (text) => console.error(text) },
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
