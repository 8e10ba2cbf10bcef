#!/usr/bin/env node
// `npm run bench:service`: the real service under load: leases are asked for over HTTP, each durable before its answer.
// `-- --seconds 60 --connections 50 --store URL`. Prints how long the disk takes to sync: no figure means much without it.
import { spawn } from 'node:child_process';
import { existsSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist/cli/main.js');
const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    connections: { type: 'string', default: '50' },
    nodes: { type: 'string', default: '1000x cpu=64,memory=256GiB' },
    store: { type: 'string' },
    dir: { type: 'string', default: tmpdir() },
  },
});
if (!existsSync(main)) {
  console.error('dist/ is missing: run `npm run build` first');
  process.exit(2);
}
const directory = mkdtempSync(join(options.dir, 'leasehold-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

// 1. What the disk can do.
const sync = syncTimes(join(directory, 'sync'));
console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${loadavg()[0].toFixed(2)}`);
console.log(`the disk syncs in ${sync.median.toFixed(2)} ms (p99 ${sync.p99.toFixed(2)} ms)`);

// 2. The service, and a moment for it to get warm.
const service = await started();
const request = {
  url: `${service.url}/v1/leases`,
  method: 'POST',
  headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
  body: JSON.stringify({ vms: 1, resources: { cpu: 1, memoryMiB: 512 }, duration: 'PT20S' }),
  connections: Number(options.connections),
};
await load({ ...request, duration: 3 });

// 3. The load: leases of 20 s, so that all kinds of turns are taken: starts, ends, and requests.
const found = await load({ ...request, duration: Number(options.seconds) });
const { latency, requests } = found;
console.log(
  `${Math.round(requests.average)} leases/s at ${options.connections} connections over ${found.duration} s: ` +
    `p50 ${latency.p50} ms, p99 ${latency.p99} ms, p99.9 ${latency.p99_9} ms; ${found.non2xx} refused, ${found.errors} errors`,
);
console.log(`the service holds ${service.memory()} MiB after ${requests.total} leases`);
service.process.kill('SIGTERM');

function load(settings) {
  return new Promise((resolve, reject) => {
    autocannon(settings, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

async function started() {
  const data = join(directory, 'data');
  const store = options.store === undefined ? [] : ['--store', options.store];
  const args = [
    'serve',
    '--port',
    '0',
    '--data-dir',
    data,
    '--nodes',
    options.nodes,
    '--rate-limit',
    '1000000',
    ...store,
  ];
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
