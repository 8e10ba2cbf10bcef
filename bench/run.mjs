#!/usr/bin/env node
// `npm run bench`: whole processes, median of five, each figure beside its target. `-- kth blue`: those whose name begins so;
// `--long`: those that take minutes instead, once each. `--runs 1` is quick; `--cpu-prof` says where the time goes. `--check`
// (`npm run bench:check`) fails where the ratio to the reference work is more than a fifth above the one noted.
// `--note "why"` notes what was measured in bench/budgets.json, and where the time goes in bench/profiles.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, mustBeBuilt, ROOT } from './measure.mjs';
import { profile } from './profile.mjs';

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
const PROFILES = join(ROOT, 'bench/profiles.json');
const MACHINE = `node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}`;
const TODAY = new Date().toISOString().slice(0, 10);
/** What a ratio may be above the one noted. */
const MARGIN = 0.2;

mustBeBuilt();
const book = JSON.parse(readFileSync(FILE, 'utf8'));
const wanted = book.budgets.filter(({ name, long }) =>
  positionals.length === 0 ? (long ?? false) === values.long : positionals.some((prefix) => name.startsWith(prefix)),
);
process.exit(values['cpu-prof'] ? await showProfiles() : await showFigures());

async function showProfiles() {
  const kept = existsSync(PROFILES) ? JSON.parse(readFileSync(PROFILES, 'utf8')) : {};
  for (const { name, command } of wanted) {
    const { path, functions, parts } = await profile(name, command, join(ROOT, 'results/profiles'));
    console.log(`${name}: ${path}`);
    for (const [share, place] of [...parts, ...functions.slice(0, 25)]) console.log(`${percent(share)} %  ${place}`);
    kept[name] = {
      date: TODAY,
      machine: MACHINE,
      parts: Object.fromEntries(parts.map(([share, part]) => [part, share])),
    };
  }
  if (values.note !== undefined) writeFileSync(PROFILES, `${JSON.stringify(kept, null, 2)}\n`);
  return 0;
}

function percent(share) {
  return (share * 100).toFixed(1).padStart(6);
}

async function showFigures() {
  console.log(`${MACHINE}, load ${loadavg()[0].toFixed(2)}, median of ${RUNS}`);
  console.log(row(['', 'seconds', 'target', 'noted', 'MiB', 'target', 'ratio', 'noted', 'leases/s']));
  let over = 0;
  for (const budget of wanted) {
    const found = await measure(budget.name, budget.command, RUNS);
    const said = verdict(budget, found);
    if (said === 'SLOWER' || (said === 'OVER' && !values.check)) over++;
    console.log(row(cells(budget, found)) + (said === '' ? '' : `  ${said}`));
    if (values.note !== undefined) note(budget, found);
  }
  if (values.note !== undefined) writeFileSync(FILE, `${JSON.stringify(book, null, 2)}\n`);
  return over === 0 || values.note !== undefined ? 0 : 1;
}

/** SLOWER: than it was, which fails. OVER: the target, which is what is aimed at. */
function verdict(budget, { seconds, mebibytes, ratio }) {
  const noted = ratioNoted(budget);
  if (noted !== null && ratio > noted * (1 + MARGIN)) return 'SLOWER';
  return seconds > budget.seconds || (budget.mebibytes !== null && mebibytes > budget.mebibytes) ? 'OVER' : '';
}

/** On this machine; where it has no notes, the largest of all; null: there is none. */
function ratioNoted({ notes }) {
  const ratios = notes.filter(({ ratio }) => ratio !== undefined);
  const here = ratios.find(({ machine }) => machine === MACHINE);
  return here?.ratio ?? (ratios.length === 0 ? null : Math.max(...ratios.map(({ ratio }) => ratio)));
}

function cells(budget, found) {
  const { name, seconds, mebibytes, notes } = budget;
  const here = notes.find(({ machine }) => machine === MACHINE);
  return [
    name,
    found.seconds.toFixed(2),
    seconds.toFixed(1),
    here?.seconds.toFixed(2) ?? '–',
    String(found.mebibytes),
    mebibytes === null ? '–' : String(mebibytes),
    found.ratio.toFixed(0),
    ratioNoted(budget)?.toFixed(0) ?? '–',
    found.leases === null ? '–' : String(Math.round(found.leases / found.seconds)),
  ];
}

/** What was noted on this machine before is replaced. */
function note(budget, { seconds, mebibytes, ratio, leases }) {
  const round = (value, digits) => Number(value.toFixed(digits));
  const found = { seconds: round(seconds, 2), mebibytes, ratio: round(ratio, 1), leases };
  budget.notes = budget.notes.filter(({ machine }) => machine !== MACHINE);
  budget.notes.push({ machine: MACHINE, date: TODAY, ...found, reason: values.note });
}

function row([name, ...rest]) {
  return name.padEnd(36) + rest.map((cell) => cell.padStart(9)).join('');
}
