#!/usr/bin/env node
// `npm run bench`: whole processes, median of five, each figure beside its target. `-- kth blue`: those whose name begins so;
// `--long`: those that take minutes instead, once each. `--runs 1` is quick; `--cpu-prof` says where the time goes. `--check` (`npm run bench:check`) fails where the ratio to the
// reference work is more than a fifth above the one noted. `--note "why"` notes what was measured, in bench/budgets.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, mustBeBuilt, profile, ROOT } from './measure.mjs';

const { values, positionals } = parseArgs({
  options: {
    runs: { type: 'string' },
    long: { type: 'boolean', default: false },
    'cpu-prof': { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    note: { type: 'string' },
  },
  allowPositionals: true,
});
const RUNS = Number(values.runs ?? (values.long ? 1 : 5));
const FILE = join(ROOT, 'bench/budgets.json');
/** What a ratio may be above the one noted. */
const MARGIN = 0.2;

mustBeBuilt();
const book = JSON.parse(readFileSync(FILE, 'utf8'));
const wanted = book.budgets.filter(({ name, long }) =>
  positionals.length === 0 ? (long ?? false) === values.long : positionals.some((prefix) => name.startsWith(prefix)),
);
process.exit(values['cpu-prof'] ? await showProfiles() : await showFigures());

async function showProfiles() {
  for (const { name, command } of wanted) {
    const { path, functions } = await profile(name, command, join(ROOT, 'results/profiles'));
    console.log(`${name}: ${path}`);
    for (const [share, place] of functions.slice(0, 25))
      console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${place}`);
  }
  return 0;
}

async function showFigures() {
  const machine = `node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}`;
  console.log(`${machine}, load ${loadavg()[0].toFixed(2)}, median of ${RUNS}`);
  console.log(row(['', 'seconds', 'target', 'noted', 'MiB', 'target', 'ratio', 'noted', 'leases/s']));
  let over = 0;
  for (const budget of wanted) {
    const found = await measure(budget.name, budget.command, RUNS);
    const said = verdict(budget, found);
    if (said === 'SLOWER' || (said === 'OVER' && !values.check)) over++;
    console.log(row(cells(budget, found)) + (said === '' ? '' : `  ${said}`));
    if (values.note !== undefined) note(budget, found, machine);
  }
  if (values.note !== undefined) writeFileSync(FILE, `${JSON.stringify(book, null, 2)}\n`);
  return over === 0 || values.note !== undefined ? 0 : 1;
}

/** SLOWER: than it was, which fails. OVER: the target, which is what is aimed at. */
function verdict(budget, { seconds, mebibytes, ratio }) {
  const { measured } = budget;
  if (measured !== null && measured.ratio !== undefined && ratio > measured.ratio * (1 + MARGIN)) return 'SLOWER';
  return seconds > budget.seconds || (budget.mebibytes !== null && mebibytes > budget.mebibytes) ? 'OVER' : '';
}

function cells({ name, seconds, mebibytes, measured }, found) {
  return [
    name,
    found.seconds.toFixed(2),
    seconds.toFixed(1),
    measured === null ? '–' : measured.seconds.toFixed(2),
    String(found.mebibytes),
    mebibytes === null ? '–' : String(mebibytes),
    found.ratio.toFixed(0),
    measured?.ratio === undefined ? '–' : measured.ratio.toFixed(0),
    found.leases === null ? '–' : String(Math.round(found.leases / found.seconds)),
  ];
}

function note(budget, { seconds, mebibytes, ratio, leases }, machine) {
  const round = (value, digits) => Number(value.toFixed(digits));
  budget.measured = { seconds: round(seconds, 2), mebibytes, ratio: round(ratio, 1), leases };
  budget.date = new Date().toISOString().slice(0, 10);
  budget.machine = machine;
  budget.reason = values.note;
}

function row([name, ...rest]) {
  return name.padEnd(36) + rest.map((cell) => cell.padStart(9)).join('');
}
