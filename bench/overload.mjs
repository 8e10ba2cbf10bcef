#!/usr/bin/env node
// `node bench/overload.mjs --seconds 10`: how much gets done when five times as much is asked for as can be done, and whether
// the service still says how it is. The load is made on the same machine, and takes its part of it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';

const TIMES = 5;
/** More than the service takes at once. */
const CONNECTIONS = 1_000;
const PROBE_MS = 50;

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const seconds = Number(options.seconds);
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'leasehold-overload-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

// 1. What it can do.
const service = await started();
const request = {
  url: `${service.url}/v1/leases`,
  method: 'POST',
  headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
  body: JSON.stringify({ vms: 1, resources: { cpu: 1 }, duration: 'PT20S' }),
};
await load({ ...request, connections: 50, duration: 2 });
const peak = await load({ ...request, connections: 50, duration: seconds });
const able = peak['2xx'] / peak.duration;

// 2. Five times as much; meanwhile somebody asks how it is.
const probes = [];
const probing = setInterval(() => void probe(), PROBE_MS);
const beyond = await load({
  ...request,
  connections: CONNECTIONS,
  overallRate: Math.round(able * TIMES),
  duration: seconds,
});
clearInterval(probing);
const done = beyond['2xx'] / beyond.duration;
probes.sort((a, b) => a - b);
const p99 = probes[Math.floor(probes.length * 0.99)];
console.log(
  `at its best ${Math.round(able)}/s; asked for ${TIMES} times as much ${Math.round(done)}/s get done ` +
    `(${Math.round((100 * done) / able)} %), ${beyond['5xx']} are told to come again, ${beyond['4xx']} refused, ` +
    `${beyond.errors} errors; /livez p99 ${Math.round(p99)} ms of ${probes.length}`,
);
service.process.kill('SIGTERM');

async function probe() {
  const began = performance.now();
  const reply = await fetch(`${service.url}/livez`).catch(() => null);
  probes.push(reply?.status === 200 ? performance.now() - began : Number.POSITIVE_INFINITY);
}

function load(settings) {
  return new Promise((resolve, reject) => {
    // In a thread of its own: the probes are not to wait for it.
    autocannon({ ...settings, workers: 1 }, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

async function started() {
  const data = join(directory, 'data');
  const args = ['serve', '--port', '0', '--rate-limit', '1000000', '--data-dir', data];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Leasehold is at (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    return { url, process: child, token: readFileSync(join(data, 'admin.token'), 'utf8').trim() };
  }
}
