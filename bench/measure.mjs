// What benchmarks measure by: a command as a whole process, and a reference work that tells how fast this machine is now.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBacklog, writeFlat, writeMulti, writePreempted, writeSynthetic } from './synthetic.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'dist/cli/main.js');

const directory = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

/** What is made for a run, and how. */
const MADE = {
  synthetic: { name: 'trace.swf', write: writeSynthetic },
  flat: { name: 'flat.swf', write: writeFlat },
  wide: { name: 'wide.swf', write: (file, procs) => writeFlat(file, 50_000, 1, procs) },
  backlog: { name: 'backlog.swf', write: writeBacklog },
  preempted: { name: 'preempted.yaml', write: writePreempted },
  multi: { name: 'multi.yaml', write: writeMulti },
  shared: { name: 'shared.yaml', write: (file, nodes) => writeMulti(file, 10_000, 3, nodes) },
  simulated: { name: 'simulated/turns.ndjson.gz', write: simulateLogged },
  log: { name: 'log.ndjson.gz', write: async (file, count) => (await import('./log.mjs')).writeLog(file, count) },
  store: { name: 'log.db', write: async (file, count) => (await import('./log.mjs')).writeStore(file, count) },
};
const MARKS = new RegExp(`^\\{(${Object.keys(MADE).join('|')}):(\\d+)\\}$`);

export function mustBeBuilt() {
  if (existsSync(MAIN)) return;
  console.error('dist/ is missing: run `npm run build` first');
  process.exit(2);
}

/**
 * The command, `runs` times as a process of its own: medians of its seconds, of its peak memory, and of its seconds in units
 * of the reference work, which is done before each run.
 */
export async function measure(name, command, runs) {
  const args = await argumentsOf(command);
  const measured = [];
  let leases = null;
  for (let i = 0; i < runs; i++) {
    const unit = referenceSeconds();
    const begin = process.hrtime.bigint();
    const said = run(name, args);
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    measured.push({ seconds, mebibytes: Math.round(said.peakRssMiB ?? 0), ratio: seconds / unit });
    leases = said.leases ?? null;
  }
  const of = (figure) => median(measured.map((one) => one[figure]));
  return { seconds: of('seconds'), mebibytes: of('mebibytes'), ratio: of('ratio'), leases };
}

/** The command, with what it names made. */
export async function argumentsOf(command) {
  const args = [];
  for (const arg of command) args.push(await resolved(arg));
  return args;
}

/** Runs it, and gives what it says. */
export function run(name, args, options = []) {
  const settings = { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 };
  const done = spawnSync('/usr/bin/env', ['node', ...options, MAIN, ...args], settings);
  if (done.status === 0) return JSON.parse(done.stdout);
  console.error(`${name}: exit ${done.status}\n${done.stderr}`);
  process.exit(1);
}

/** The log of a simulation of so many jobs. */
async function simulateLogged(file, count) {
  const trace = await resolved(`{synthetic:${count}}`);
  run('simulated', ['simulate', trace, '--out', dirname(file), '--log', '-o', 'json']);
}

/** `{synthetic:N}` is a trace of N jobs, `{simulated:N}` the log of its simulation, `{log:N}` a log of N turns, and so on; `{tmp}` a directory that is gone afterwards. */
async function resolved(arg) {
  const [, kind, count] = MARKS.exec(arg) ?? [];
  if (kind === undefined) return arg.replace('{tmp}', directory);
  const file = join(directory, `${count}-${MADE[kind].name}`);
  if (!existsSync(file)) await MADE[kind].write(file, Number(count));
  return file;
}

/**
 * Seconds for a fixed work that a C compiler would make about the same of: jobs that run on a machine and end, in a binary
 * heap of numbers. The least of five, since only what disturbs makes it longer.
 */
export function referenceSeconds() {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const begin = process.hrtime.bigint();
    referenceWork();
    least = Math.min(least, Number(process.hrtime.bigint() - begin) / 1e9);
  }
  return least;
}

const HEAP = new Float64Array(4096);

function referenceWork() {
  let seed = 1;
  let size = 0;
  for (let job = 0; job < 300_000; job++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    const time = job + (seed >>> 16);
    if (size === HEAP.length) size = taken(size);
    let i = size++;
    for (; i > 0 && HEAP[(i - 1) >>> 1] > time; i = (i - 1) >>> 1) HEAP[i] = HEAP[(i - 1) >>> 1];
    HEAP[i] = time;
  }
}

/** Takes the least out of the heap. */
function taken(size) {
  const last = HEAP[size - 1];
  let i = 0;
  for (let child = 1; child < size - 1; child = 2 * i + 1) {
    if (child + 1 < size - 1 && HEAP[child + 1] < HEAP[child]) child++;
    if (HEAP[child] >= last) break;
    HEAP[i] = HEAP[child];
    i = child;
  }
  HEAP[i] = last;
  return size - 1;
}

export function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
