#!/usr/bin/env node
// `npm run bench:scaling`: how time and memory grow with jobs, nodes and queue. Sizes double; the exponent is the slope of a
// line through the logarithms. `-- jobs` runs one of them; what is found is kept in bench/scaling.json, for bench/draw.mjs.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { measure, mustBeBuilt, ROOT } from './measure.mjs';

const FILE = join(ROOT, 'bench/scaling.json');

/** What grows, from which size on, and the command at a size. */
const SERIES = {
  jobs: { about: 'jobs, EASY, 256 processors', from: 62_500, command: (n) => [`{synthetic:${n}}`] },
  nodes: { about: 'processors, EASY, 50,000 jobs', from: 5_832, command: (n) => [`{wide:${n}}`] },
  backlog: { about: 'jobs of a backlog, EASY, 8,192 processors', from: 6_250, command: (n) => [`{backlog:${n}}`] },
  reserved: {
    about: 'jobs of a backlog, conservative, 8,192 processors',
    from: 3_125,
    command: (n) => [`{backlog:${n}}`, '--backfilling', 'conservative'],
  },
  shared: { about: 'shared nodes, EASY, 10,000 leases', from: 62, command: (n) => [`{shared:${n}}`] },
};
const STEPS = [1, 2, 4, 8, 16];

mustBeBuilt();
const kept = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
const asked = process.argv.slice(2);
for (const [name, { about, from, command }] of Object.entries(SERIES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const points = [];
  for (const step of STEPS) {
    const size = from * step;
    const { seconds, mebibytes, ratio } = await measure(name, ['simulate', ...command(size), '-o', 'json'], 1);
    points.push({ size, seconds: Number(seconds.toFixed(3)), mebibytes, ratio: Number(ratio.toFixed(2)) });
    console.log(`${name} ${String(size).padStart(9)}  ${seconds.toFixed(2).padStart(8)} s  ${mebibytes} MiB`);
  }
  const machine = `node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}`;
  kept[name] = { about, date: new Date().toISOString().slice(0, 10), machine, exponent: exponent(points), points };
  console.log(`${name}: time grows with size to the power of ${kept[name].exponent}`);
  writeFileSync(FILE, `${JSON.stringify(kept, null, 2)}\n`);
}

/** By least squares through (log size, log seconds), without what every process takes to start. */
function exponent(points) {
  const START = 0.3;
  const xs = points.map(({ size }) => Math.log(size));
  const ys = points.map(({ seconds }) => Math.log(Math.max(0.01, seconds - START)));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(xs), mean(ys)];
  const slope =
    xs.reduce((sum, one, i) => sum + (one - x) * (ys[i] - y), 0) / xs.reduce((sum, one) => sum + (one - x) ** 2, 0);
  return Number(slope.toFixed(2));
}
