#!/usr/bin/env node
// `npm run bench`: whole processes, median of five, each figure beside its budget. `-- kth blue` runs only those whose
// name begins so; `-- --runs 1` is quick. Exits 1 when a figure is over its budget.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeSynthetic } from './synthetic.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist/cli/main.js');
const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const runs = Number(values.runs);
if (!existsSync(main)) {
  console.error('dist/ is missing: run `npm run build` first');
  process.exit(2);
}
const { budgets } = JSON.parse(readFileSync(join(root, 'bench/budgets.json'), 'utf8'));
const directory = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

/** What is made for a run, and how. */
const MADE = {
  synthetic: { name: 'trace.swf', write: writeSynthetic },
  log: { name: 'log.ndjson.gz', write: async (file, count) => (await import('./log.mjs')).writeLog(file, count) },
  store: { name: 'log.db', write: async (file, count) => (await import('./log.mjs')).writeStore(file, count) },
};

const wanted = budgets.filter(
  ({ name }) => positionals.length === 0 || positionals.some((prefix) => name.startsWith(prefix)),
);
console.log(
  `node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${loadavg()[0].toFixed(2)}, median of ${runs}`,
);
console.log(row(['', 'seconds', 'budget', 'MiB', 'budget', 'leases/s']));
let over = 0;
for (const budget of wanted) {
  const measured = await measure(budget);
  const late =
    measured.seconds > budget.seconds || (budget.mebibytes !== null && measured.mebibytes > budget.mebibytes);
  if (late) over++;
  console.log(
    row([
      budget.name,
      measured.seconds.toFixed(2),
      budget.seconds.toFixed(1),
      String(measured.mebibytes),
      budget.mebibytes === null ? '–' : String(budget.mebibytes),
      measured.leases === null ? '–' : String(Math.round(measured.leases / measured.seconds)),
    ]) + (late ? '  OVER' : ''),
  );
}
process.exit(over === 0 ? 0 : 1);

/** The command of a budget, `runs` times: median seconds, median of the peak memory. */
async function measure(budget) {
  const args = [];
  for (const arg of budget.command) args.push(await resolved(arg));
  const seconds = [];
  const memory = [];
  let leases = null;
  for (let i = 0; i < runs; i++) {
    const begin = process.hrtime.bigint();
    const done = spawnSync('/usr/bin/env', ['node', main, ...args], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    seconds.push(Number(process.hrtime.bigint() - begin) / 1e9);
    if (done.status !== 0) {
      console.error(`${budget.name}: exit ${done.status}\n${done.stderr}`);
      process.exit(1);
    }
    const said = JSON.parse(done.stdout);
    memory.push(Math.round(said.peakRssMiB ?? 0));
    leases = said.leases ?? null;
  }
  return { seconds: median(seconds), mebibytes: median(memory), leases };
}

/** `{synthetic:N}` is a trace of N jobs, `{log:N}` and `{store:N}` a log of N turns, `{tmp}` a directory that is gone afterwards. */
async function resolved(arg) {
  const [, kind, count] = /^\{(synthetic|log|store):(\d+)\}$/.exec(arg) ?? [];
  if (kind === undefined) return arg.replace('{tmp}', directory);
  const file = join(directory, `${count}-${MADE[kind].name}`);
  if (!existsSync(file)) await MADE[kind].write(file, Number(count));
  return file;
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function row([name, ...cells]) {
  return name.padEnd(34) + cells.map((cell) => cell.padStart(9)).join('');
}
