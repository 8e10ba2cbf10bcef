#!/usr/bin/env node
// `node bench/streams.mjs --clients 1000 --seconds 20`: what followers of the events cost: memory and lateness, where a tenth of
// them reads nothing, beside the same load without anybody following. The clients are on the same machine.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Leases a second; each makes two turns or three, now and when it is over. */
const RATE = 80;
const STALLED_EACH = 10;
const SAMPLE_MS = 500;

const { values: options } = parseArgs({
  options: { clients: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '20' } },
});
const clients = Number(options.clients);
const seconds = Number(options.seconds);
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

const alone = await measured(0);
console.log(`nobody follows: ${shown(alone)}`);
const followed = await measured(clients);
console.log(`${clients} follow, a tenth of them reads nothing: ${shown(followed)}`);
console.log(
  `they add ${Math.round(followed.most - alone.most)} MiB at most; turns arrive after ${Math.round(followed.p50)} ms ` +
    `(p99 ${Math.round(followed.p99)} ms); ${followed.lost} were missed`,
);

/** Memory in MiB, and how long after its lease was asked for a turn arrives, in ms. */
async function measured(count) {
  const directory = mkdtempSync(join(tmpdir(), 'leasehold-streams-'));
  const service = await started(directory);
  try {
    // 1. Something to get warm, then those who follow.
    await load(service, 5);
    const before = service.memory();
    const followers = await Promise.all(
      Array.from({ length: count }, (_, i) => follow(service, i % STALLED_EACH === 0)),
    );
    const opened = service.memory();
    // 2. Leases, one after another.
    let most = opened;
    const sampling = setInterval(() => {
      most = Math.max(most, service.memory());
    }, SAMPLE_MS);
    await load(service, seconds);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    clearInterval(sampling);
    // 3. What those got who read.
    const reading = followers.filter(({ stalled }) => !stalled);
    const late = reading.flatMap(({ late }) => late).sort((a, b) => a - b);
    const lost = reading.reduce((sum, { gaps }) => sum + gaps, 0);
    for (const { request } of followers) request.destroy();
    const at = (share) => late[Math.floor(late.length * share)] ?? 0;
    return { before, opened, most, p50: at(0.5), p99: at(0.99), lost };
  } finally {
    service.process.kill('SIGTERM');
    await new Promise((resolve) => service.process.once('exit', resolve));
    rmSync(directory, { recursive: true, force: true });
  }
}

function shown({ before, opened, most }) {
  return `${Math.round(before)} MiB before, ${Math.round(opened)} MiB open, ${Math.round(most)} MiB at most under ${RATE} leases/s`;
}

/** A turn's time is that of its first event: on this machine both clocks are one. */
function follow({ url, token }, stalled) {
  return new Promise((resolve, reject) => {
    const follower = { stalled, late: [], gaps: 0, request: null };
    let last = null;
    let rest = '';
    follower.request = get(
      `${url}/v1/events`,
      { agent: new Agent(), headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' } },
      (answer) => {
        resolve(follower);
        if (stalled) return answer.pause();
        answer.setEncoding('utf8').on('data', (text) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop();
          for (const line of lines) {
            if (!line.startsWith('data: {')) continue;
            const { number, now } = JSON.parse(line.slice(6));
            if (last !== null && number !== last + 1) follower.gaps++;
            last = number;
            follower.late.push(Date.now() - now);
          }
        });
      },
    );
    follower.request.on('error', reject);
  });
}

async function load({ url, token }, duration) {
  const begin = performance.now();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ vms: 1, resources: { cpu: 1 }, duration: 'PT1S' });
  const all = [];
  for (let sent = 0; sent < RATE * duration; sent++) {
    const due = begin + (sent * 1000) / RATE;
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, 1));
    all.push(fetch(`${url}/v1/leases`, { method: 'POST', headers, body }).then((answer) => answer.arrayBuffer()));
  }
  await Promise.all(all);
}

async function started(directory) {
  const site = ['--data-dir', directory, '--nodes', '64x cpu=8,memory=32GiB'];
  const args = ['serve', '--port', '0', ...site];
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Leasehold is at (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024;
    return { url, process: child, token: readFileSync(join(directory, 'admin.token'), 'utf8').trim(), memory };
  }
  throw new Error('the service did not start');
}
