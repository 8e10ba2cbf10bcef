#!/usr/bin/env node
// `npm run bench:draw`: docs/performance.md and its plots, out of what the benchmarks noted in bench/*.json.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PART_NAMES } from './profile.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));

const { budgets } = read('bench/budgets.json');
const scaling = existsSync(join(ROOT, 'bench/scaling.json')) ? read('bench/scaling.json') : {};
const profiled = existsSync(join(ROOT, 'bench/profiles.json')) ? read('bench/profiles.json') : {};
const live = existsSync(join(ROOT, 'bench/live.json')) ? read('bench/live.json') : null;
const TEXT = readFileSync(join(ROOT, 'bench/performance.md'), 'utf8');

mkdirSync(join(ROOT, 'docs/performance'), { recursive: true });
for (const [name, series] of Object.entries(scaling))
  writeFileSync(join(ROOT, `docs/performance/${name}.svg`), plot(series));
writeFileSync(
  join(ROOT, 'docs/performance.md'),
  TEXT.replace('{{table}}', table())
    .replace('{{scaling}}', growth())
    .replace('{{plots}}', plots())
    .replace('{{live}}', turns())
    .replace('{{profiles}}', profiles()),
);

/** Seconds on every machine there are notes of; the rest is of the one noted last, which comes first. */
function table() {
  const noted = budgets.filter(({ notes }) => notes.length > 0);
  const all = noted.flatMap(({ notes }) => notes).sort((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
  const machines = [
    ...new Set([...all.filter(({ ratio }) => ratio !== undefined), ...all].map(({ machine }) => machine)),
  ];
  const rows = noted.map(({ name, seconds, mebibytes, notes }) => {
    const on = machines.map((machine) => notes.find((note) => note.machine === machine));
    const full = on.find((note) => note?.ratio !== undefined);
    const rate = full?.leases == null ? '–' : Math.round(full.leases / full.seconds);
    const memory = `${full?.mebibytes ?? '–'}${mebibytes === null ? '' : ` (${mebibytes})`}`;
    const cells = [name, seconds, ...on.map((note) => note?.seconds ?? '–'), memory, rate, full?.ratio ?? '–'];
    return `| ${cells.join(' | ')} |`;
  });
  const heads = [
    'target',
    ...machines.map((machine) => machine.replace(/^node [^,]*, /, '')),
    'MiB (target)',
    'leases/s',
    'reference works',
  ];
  return [`| work | ${heads.join(' | ')} |`, `|---|${'---:|'.repeat(heads.length)}`, ...rows].join('\n');
}

/** Where the time of each profiled one goes, in percent; what no part takes is left out. */
function profiles() {
  const names = Object.keys(profiled);
  if (names.length === 0) return 'Not noted yet: `npm run bench -- NAME --cpu-prof --note` measures it.';
  const rows = names.map((name) => {
    const shares = PART_NAMES.map((part) => Math.round((profiled[name].parts[part] ?? 0) * 100));
    return `| ${name} | ${shares.join(' | ')} |`;
  });
  return [`| | ${PART_NAMES.join(' | ')} |`, `|---|${'---:|'.repeat(PART_NAMES.length)}`, ...rows].join('\n');
}

function turns() {
  if (live === null) return 'Not noted yet: `npm run bench:live -- --note` measures it.';
  const rows = live.rows.map(({ name, p50, p99, target }) => `| ${name} | ${p50} | ${p99} | ${target ?? '–'} |`);
  return ['| turn | p50, ms | p99, ms | target |', '|---|---:|---:|---:|', ...rows].join('\n');
}

function growth() {
  if (Object.keys(scaling).length === 0) return 'Not noted yet: `npm run bench:scaling` measures it.';
  const rows = Object.values(scaling).map(({ about, exponent, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    return `| ${about} | ${first.size} – ${last.size} | ${first.seconds} – ${last.seconds} | ${first.mebibytes} – ${last.mebibytes} | ${exponent} |`;
  });
  return ['| what grows | size | seconds | MiB | exponent |', '|---|---|---|---|---:|', ...rows].join('\n');
}

function plots() {
  return Object.entries(scaling)
    .map(([name, { about }]) => `![Time and memory against ${about}](performance/${name}.svg)`)
    .join('\n');
}

/** Both axes logarithmic; time drawn, memory dashed. */
function plot({ about, exponent, points }) {
  const [width, height, left, bottom] = [480, 300, 56, 44];
  const sizes = points.map((point) => point.size);
  const xAt = scale(Math.min(...sizes), Math.max(...sizes), left, width - 60);
  const seconds = points.map((point) => point.seconds);
  const yAt = scale(Math.min(...seconds), Math.max(...seconds), height - bottom, 34);
  const memory = points.map((point) => point.mebibytes);
  const mAt = scale(Math.min(...memory) / 2, Math.max(...memory) * 2, height - bottom, 34);
  const line = (at, values, style) =>
    `<polyline fill="none" stroke="currentColor" ${style} points="${points.map((point, i) => `${xAt(point.size).toFixed(1)},${at(values[i]).toFixed(1)}`).join(' ')}"/>`;
  const text = (x, y, said, anchor) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${said}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" fill="currentColor">
${text(width / 2, 16, `${about} (time: power ${exponent}; memory dashed)`, 'middle')}
${line(yAt, seconds, 'stroke-width="2"')}
${line(mAt, memory, 'stroke-dasharray="4 4"')}
${points.map((point, i) => `<circle cx="${xAt(point.size).toFixed(1)}" cy="${yAt(seconds[i]).toFixed(1)}" r="3"/>`).join('')}
${points.map((point) => text(xAt(point.size).toFixed(1), height - bottom + 18, String(point.size), 'middle')).join('\n')}
${points.map((point, i) => text(left - 8, (yAt(seconds[i]) + 4).toFixed(1), `${point.seconds} s`, 'end')).join('\n')}
${text(width - 52, (mAt(memory.at(-1)) + 4).toFixed(1), `${memory.at(-1)} MiB`, 'start')}
</svg>
`;
}

function scale(least, most, from, to) {
  const span = Math.log(most / least) || 1;
  return (value) => from + ((to - from) * Math.log(value / least)) / span;
}
