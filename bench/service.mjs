#!/usr/bin/env node
// `npm run bench:service`: the real service under load, over HTTP and with a token; every lease is durable before its answer.
// `-- --seconds 60 --connections 50 --only creates,reads --store URL`. Prints how long the disk takes to sync: no figure of
// the writes means much without it. The load is made on the same machine, and takes its part of it.
import { spawn } from 'node:child_process';
import { existsSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';

/** What is asked, in this order: a request, or one that is made anew each time, and at which rate (null: as fast as it goes). */
const PHASES = {
  creates: { rate: null, request: () => submit({ duration: 'PT20S' }) },
  'creates at 3000/s': { rate: 3000, request: () => submit({ duration: 'PT20S' }) },
  'creates at 1000/s': { rate: 1000, request: () => submit({ duration: 'PT20S' }) },
  'creates beside what-ifs': { rate: 1000, request: () => submit({ duration: 'PT20S' }), beside: whatIfs },
  'creates at 10000 waiting': { rate: 1000, request: () => behind(10_000, impatient()) },
  quotes: { rate: null, request: () => behind(10_000, { ...submit({ duration: 'PT1H' }), path: '/v1/quotes' }) },
  'creates beside quotes': { rate: 1000, request: () => behind(10_000, impatient()), beside: quotes },
  reads: { rate: null, request: async () => ({ path: `/v1/leases/${(await ask(submit({ duration: 'PT8H' }))).id}` }) },
  'reads beside re-plans': { rate: 500, request: reserved, beside: replans },
  'lists of 100': { rate: null, request: async () => ({ path: await among(500, '/v1/leases?page_size=100') }) },
};

/** So many times each, where there are two to be compared. */
const TURNS = 5;

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

// 2. For each phase a service of its own, a moment to get warm, then the load; where something else is done beside it, with
//    that and without it in turn, since the machine is never the same twice.
let service = null;
let headers = {};
for (const [index, name] of wanted.entries()) {
  service = await started(join(directory, `data-${index}`));
  headers = { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' };
  const { rate, request: make, beside } = PHASES[name];
  const { path, ...what } = await make();
  const connections = Number(options.connections);
  const settings = { ...what, headers, url: `${service.url}${path}`, connections, rate };
  await load({ ...settings, duration: 3 });
  const seconds = Number(options.seconds);
  if (beside === undefined) report(name, [await measured(settings, seconds)]);
  else {
    const alone = [];
    const both = [];
    for (let turn = 0; turn < TURNS; turn++) {
      alone.push(await measured(settings, seconds / TURNS));
      both.push(await measured(settings, seconds / TURNS, beside));
    }
    report(name.replace(/ beside.*/, ' alone'), alone);
    report(name, both);
  }
  console.log(`${''.padEnd(27)}${service.memory()} MiB at most`);
  service.process.kill('SIGTERM');
  await new Promise((resolve) => service.process.once('exit', resolve));
}

/** The load for so long, and what it took of the processors; `beside` goes on meanwhile. */
async function measured(settings, duration, beside) {
  const ending = new AbortController();
  const other = beside?.(ending.signal);
  const before = service.cpuSeconds();
  const result = await load({ ...settings, duration });
  const cpu = service.cpuSeconds() - before;
  ending.abort();
  await other;
  return { ...result, cpu };
}

/** Of several, the median of each figure. */
function report(name, results) {
  const median = (of) => results.map(of).sort((a, b) => a - b)[results.length >> 1];
  const sum = (of) => results.map(of).reduce((a, b) => a + b, 0);
  const at = (part) => `${median(({ latency }) => latency[part])} ms`;
  console.log(
    `${name.padEnd(26)} ${String(Math.round(median(({ requests }) => requests.average))).padStart(6)}/s over ` +
      `${Math.round(sum(({ duration }) => duration))} s at ${options.connections} connections: ` +
      `p50 ${at('p50')}, p99 ${at('p99')}, p99.9 ${at('p99_9')}; ` +
      `${sum(({ non2xx }) => non2xx)} refused, ${sum(({ errors }) => errors)} errors; ` +
      `${Math.round((sum(({ cpu }) => cpu) * 1e6) / sum(({ requests }) => requests.total))} µs of processor each`,
  );
}

/** One after another, of all that waits and with a node less. */
async function whatIfs(signal) {
  const what = { method: 'POST', path: '/v1/whatifs', body: JSON.stringify({ nodes: { drain: [1] } }) };
  let count = 0;
  while (!signal.aborted) {
    const { id } = await ask(what);
    for (let state = 'running'; state !== 'done' && !signal.aborted; count += state === 'done' ? 1 : 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      ({ state } = await ask({ method: 'GET', path: `/v1/whatifs/${id}` }));
      if (state === 'failed') throw new Error('a what-if has failed');
    }
  }
  console.log(`${count} what-ifs were done beside:`);
}

/** A read, once 10,000 leases have a reservation each. */
async function reserved() {
  await ask({ method: 'POST', path: '/v1/policies', body: JSON.stringify({ backfilling: 'conservative' }) });
  await behind(10_000, null);
  const { items } = await ask({ method: 'GET', path: '/v1/leases?page_size=1' });
  return { path: `/v1/leases/${items[0].id}` };
}

/** A node is drained, and restored, one after the other: with each, all that is reserved is planned anew. */
async function replans(signal) {
  const times = [];
  while (!signal.aborted || times.length % 2 === 1) {
    const begin = performance.now();
    const path = `/v1/nodes/1/${times.length % 2 === 0 ? 'drain' : 'restore'}`;
    const { code } = await ask({ method: 'POST', path, body: '{}' });
    if (code !== undefined) throw new Error(`a node is neither drained nor restored: ${code}`);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  console.log(`${times.length} re-plans were made beside, in ${Math.round(times[times.length >> 1])} ms (median):`);
}

/** 200 of them a second. */
async function quotes(signal) {
  const { path: _, ...what } = { ...submit({ duration: 'PT1H' }), headers };
  const settings = { ...what, url: `${service.url}/v1/quotes`, connections: 20, rate: 200, duration: Infinity };
  const { latency, requests, non2xx } = await offered(settings, signal);
  console.log(
    `${Math.round(requests.average)} quotes a second were given beside: ` +
      `p50 ${latency.p50} ms, p99 ${latency.p99} ms; ${non2xx} refused`,
  );
}

function submit(terms) {
  const body = JSON.stringify({ vms: 1, resources: { cpu: 1, memoryMiB: 512 }, ...terms });
  return { method: 'POST', path: '/v1/leases', body };
}

/** Gives up soon, so that the queue stays as long as it is. */
function impatient() {
  const soon = () => new Date(Date.now() + 2_000).toISOString();
  const body = () => submit({ duration: 'PT20S', start: { kind: 'best-effort', before: soon() } }).body;
  return { ...submit({}), body };
}

/** The request, once so many leases wait. */
async function behind(count, what) {
  const { path, ...lease } = { ...submit({ duration: 'PT8H' }), headers };
  await load({ ...lease, url: `${service.url}${path}`, connections: 50, rate: null, amount: count });
  return what;
}

/** The path, once there are so many leases. */
async function among(count, path) {
  for (let i = 0; i < count; i++) await ask(submit({ duration: 'PT8H' }));
  return path;
}

async function ask({ method, path, body }) {
  return (await fetch(`${service.url}${path}`, { method, headers, body })).json();
}

function load(settings) {
  if (settings.rate !== null) return offered(settings);
  return new Promise((resolve, reject) => {
    autocannon(settings, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

/**
 * So many a second, evenly, whether or not earlier ones have been answered: what waits for a connection counts, from the
 * moment at which it should have been sent. `body` may be a function. Answers in autocannon's shape.
 */
async function offered({ url, method = 'GET', headers, body, connections, duration, rate }, signal = undefined) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times = [];
  const counts = { non2xx: 0, errors: 0 };
  const begin = performance.now();
  const one = (due) =>
    new Promise((resolve) => {
      const sent = request(url, { method, headers, agent }, (answer) => {
        answer.resume().on('end', () => {
          times.push(performance.now() - due);
          if (answer.statusCode >= 300) counts.non2xx++;
          resolve();
        });
      });
      sent.on('error', () => {
        counts.errors++;
        resolve();
      });
      sent.end(typeof body === 'function' ? body() : body);
    });
  const all = [];
  while (all.length < rate * duration && signal?.aborted !== true) {
    const due = begin + (all.length * 1000) / rate;
    if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, 1));
    else all.push(one(due));
  }
  await Promise.all(all);
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share) => Math.round(times[Math.floor(times.length * share)] * 10) / 10;
  const seconds = (performance.now() - begin) / 1000;
  return {
    ...counts,
    latency: { p50: at(0.5), p99: at(0.99), p99_9: at(0.999) },
    requests: { average: times.length / seconds, total: times.length },
    duration: seconds,
  };
}

async function started(data) {
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
    // In hundredths of a second, of all its threads; the name in brackets may hold anything.
    const cpuSeconds = () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) / 100;
    };
    const token = readFileSync(join(data, 'admin.token'), 'utf8').trim();
    return { url, process: child, token, memory, cpuSeconds };
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
