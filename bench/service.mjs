#!/usr/bin/env node
// `npm run bench:service`: the real service under load, over HTTP and with a token; every lease is durable before its answer.
// `-- --seconds 60 --connections 50 --only creates,reads --store URL`. Prints how long the disk takes to sync: no figure of
// the writes means much without it. The load is made on the same machine, and takes its part of it.
import { spawn } from 'node:child_process';
import { existsSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';

/** What is asked, in this order: a request, or one that is made anew each time, and at which rate (null: as fast as it goes). */
const PHASES = {
  creates: { rate: null, request: () => submit({ duration: 'PT20S' }) },
  'creates, 1,000/s offered': { rate: 1000, request: () => submit({ duration: 'PT20S' }) },
  reads: { rate: null, request: async () => ({ path: `/v1/leases/${(await ask(submit({ duration: 'PT8H' }))).id}` }) },
  'lists of 100': { rate: null, request: () => ({ path: '/v1/leases?page_size=100' }) },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist/cli/main.js');
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    connections: { type: 'string', default: '50' },
    only: { type: 'string' },
    nodes: { type: 'string', default: '8x cpu=8,memory=32GiB,disk=500GiB' },
    store: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const wanted = options.only?.split(',').map((name) => name.trim()) ?? Object.keys(PHASES);
const unknown = wanted.filter((name) => !Object.hasOwn(PHASES, name));
if (unknown.length > 0 || !existsSync(main)) {
  console.error(unknown.length > 0 ? `--only: ${Object.keys(PHASES).join(' | ')}` : 'run `npm run build` first');
  process.exit(2);
}
const directory = mkdtempSync(join(options.dir, 'leasehold-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

// 1. What the disk can do.
const sync = syncTimes(join(directory, 'sync'));
console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${loadavg()[0].toFixed(2)}`);
console.log(`the disk syncs in ${sync.median.toFixed(2)} ms (p99 ${sync.p99.toFixed(2)} ms)`);

// 2. The service, and for each phase a moment to get warm, then the load.
const service = await started();
const headers = { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' };
for (const name of wanted) {
  const { rate, request } = PHASES[name];
  const { path, ...what } = await request();
  const settings = {
    ...what,
    headers,
    url: `${service.url}${path}`,
    connections: Number(options.connections),
    ...(rate === null ? {} : { overallRate: rate }),
  };
  await load({ ...settings, duration: 3 });
  const { latency, requests, duration, non2xx, errors } = await load({
    ...settings,
    duration: Number(options.seconds),
  });
  console.log(
    `${name.padEnd(26)} ${String(Math.round(requests.average)).padStart(6)}/s over ${Math.round(duration)} s at ` +
      `${options.connections} connections: p50 ${latency.p50} ms, p99 ${latency.p99} ms, p99.9 ${latency.p99_9} ms; ` +
      `${non2xx} refused, ${errors} errors; ${service.memory()} MiB at most`,
  );
}
service.process.kill('SIGTERM');

function submit(terms) {
  const body = JSON.stringify({ vms: 1, resources: { cpu: 1, memoryMiB: 512 }, ...terms });
  return { method: 'POST', path: '/v1/leases', body };
}

async function ask({ method, path, body }) {
  return (await fetch(`${service.url}${path}`, { method, headers, body })).json();
}

function load(settings) {
  return new Promise((resolve, reject) => {
    autocannon(settings, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

async function started() {
  const data = join(directory, 'data');
  const store = options.store === undefined ? [] : ['--store', options.store];
  const site = ['--data-dir', data, '--nodes', options.nodes];
  const args = ['serve', '--port', '0', '--rate-limit', '1000000', ...site, ...store];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.once('exit', (code) => {
    if (code !== 0) process.exit(code ?? 1);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Leasehold is at (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    const memory = () =>
      Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024);
    return { url, process: child, token: readFileSync(join(data, 'admin.token'), 'utf8').trim(), memory };
  }
}

function syncTimes(path) {
  const file = openSync(path, 'w');
  const times = [];
  for (let i = 0; i < 300; i++) {
    writeSync(file, Buffer.alloc(4096, i));
    const begin = performance.now();
    fdatasyncSync(file);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  return { median: times[150], p99: times[297] };
}
