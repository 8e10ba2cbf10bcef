#!/usr/bin/env node
// How good schedules are, Haizea's and ours, on workloads that Haizea has scheduled: after `npm run build`,
// `node bench/quality.mjs`; `-- 42 T_s500` are those whose name begins so. Prints a table in Markdown.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpuOf, figuresOf } from './schedule-figures.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist/cli/main.js');
const CASES = [
  'T_s500_aggr',
  '35_mixed_200_16n_cons_mig',
  '42_mixed_nosusp',
  '36_mixed_100_8n_images_noreuse',
  '38_BUG_imagecache_crash',
];
/** What of a configuration is about the machines, under its name and ours: the same for all of our policies. */
const MACHINES = [
  ['suspend-rate', 'suspend-rate'],
  ['resume-rate', 'resume-rate'],
  ['imagetransfer-bandwidth', 'migration-rate'],
  ['lease-preparation', 'preparation'],
  ['imagetransfer-bandwidth', 'image-rate'],
  ['transfer-mechanism', 'image-transfer'],
  ['diskimage-reuse', 'image-reuse'],
  ['diskimage-cache-size', 'image-cache-max'],
];
const VALUES = { unmanaged: 'none', imagetransfer: 'transfer', 'image-caches': 'cache' };

if (!existsSync(main)) {
  console.error('dist/ is missing: run `npm run build` first');
  process.exit(2);
}
const directory = mkdtempSync(join(tmpdir(), 'leasehold-quality-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const wanted = process.argv.slice(2).filter((arg) => arg !== '--');
print(['workload', 'schedule', 'done', 'mean wait (s)', 'bounded slowdown', 'utilisation', 'lost (cpu h)']);
print(['---', '---', ...Array(5).fill('---:')]);
for (const name of CASES) {
  if (wanted.length > 0 && !wanted.some((prefix) => name.startsWith(prefix))) continue;
  const [trace, config] = [
    join(root, 'test/data/haizea', name, 'workload.xml'),
    join(root, 'test/data/haizea', name, 'config'),
  ];
  const facts = JSON.parse(readFileSync(join(root, 'test/data/haizea', name, 'schedule.json'), 'utf8'));
  const cpu = cpuOf(readFileSync(trace, 'utf8'));
  const schedules = [
    ['Haizea', haizeas(facts)],
    ['ours, its configuration', ours(trace, ['--haizea-config', config])],
    ['ours, default policy', ours(trace, ['--policy', policyFor(config, 'easy')])],
    ['ours, `sticky:all`', ours(trace, ['--policy', policyFor(config, 'sticky:all')])],
  ];
  for (const [i, [schedule, leases]] of schedules.entries()) {
    const figures = figuresOf(facts, leases, cpu);
    print([
      i === 0 ? `\`${name}\`` : '',
      schedule,
      `${figures.done} of ${facts.length}`,
      figures.waitMean.toFixed(0),
      figures.boundedSlowdownMean.toFixed(2),
      `${(figures.utilisation * 100).toFixed(1)} %`,
      figures.lost.toFixed(1),
    ]);
  }
}

/** Haizea's leases, in the shape of ours. */
function haizeas(leases) {
  return leases.map(({ id, state, vm, transfers }) => ({
    id,
    state: state === 'Done' ? 'done' : state,
    runs: vm,
    transfers: transfers ?? [],
  }));
}

/** The leases of a simulation with these options. */
function ours(trace, options) {
  const out = join(directory, 'out');
  const run = spawnSync(process.execPath, [main, 'simulate', trace, '--out', out, ...options], { encoding: 'utf8' });
  if (run.status !== 0) {
    console.error(`${trace}: exit ${run.status}\n${run.stderr}`);
    process.exit(1);
  }
  return readFileSync(join(out, 'leases.json'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Our defaults with this backfilling, on the machines of the configuration. */
function policyFor(config, backfilling) {
  const text = readFileSync(config, 'utf8');
  const lines = [`backfilling: ${backfilling}`];
  for (const [theirs, own] of MACHINES) {
    const value = new RegExp(`^${theirs}: *(.+)$`, 'm').exec(text)?.[1];
    if (value !== undefined) lines.push(`${own}: ${VALUES[value] ?? value}`);
  }
  const file = join(directory, 'policy.yaml');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

function print(cells) {
  console.log(`| ${cells.join(' | ')} |`);
}
