// Where the time of a command goes, by V8's profiler: by function, and by part of the programme.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argumentsOf, ROOT, run } from './measure.mjs';

/** What a function belongs to, by the path of its source: the first that matches. Any other one is a helper of its caller. */
const PARTS = [
  ['start-up', /^(cli|api)\/|^node_modules\/commander\//],
  [
    'reading',
    /^simulations\/(workloads|haizea)\/|^simulations\/(yaml|site|policy)-|^node_modules\/(yaml|fast-xml-parser|luxon)/,
  ],
  ['simulated machines', /^adapters\/simulated\//],
  ['`schedule`', /^engine\/schedule\//],
  ['state and profiles', /^engine\/state\//],
  ['loop', /^engine\/turn\//],
  ['digest and log', /^engine\/model\/(records|recorded-turn|codec|shapes)|^adapters\/event-store\//],
  ['output', /^simulations\//],
];
const COLLECTION = 'garbage collection';
/** What is Node's own, and called by none of ours: loading modules, mostly. */
const NODE = 'start-up';
export const PART_NAMES = [...PARTS.map(([name]) => name), COLLECTION];

/**
 * The command once, with V8's profiler. `path`: of the profile of its main thread; `functions` and `parts`: `[share, name]`,
 * of the time in which that thread had something to do.
 */
export async function profile(name, command, into) {
  const args = await argumentsOf(command);
  mkdirSync(into, { recursive: true });
  const before = new Set(readdirSync(into));
  run(name, args, ['--cpu-prof', `--cpu-prof-dir=${into}`]);
  const files = readdirSync(into).filter((file) => !before.has(file) && file.endsWith('.cpuprofile'));
  const all = files.map((file) => ({ path: join(into, file), ...JSON.parse(readFileSync(join(into, file), 'utf8')) }));
  const largest = all.sort((a, b) => b.samples.length - a.samples.length)[0]; // workers have their own
  return { path: largest.path, functions: sharesBy(largest, placeOf), parts: sharesBy(largest, partOf) };
}

/** Shares of time by what `nameOf` says of a function and of who has called it, largest first. */
function sharesBy({ nodes, samples, timeDeltas }, nameOf) {
  const times = new Map();
  samples.forEach((id, i) => times.set(id, (times.get(id) ?? 0) + timeDeltas[i]));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const shares = new Map();
  let total = 0;
  const visit = (node, callers) => {
    const time = node.callFrame.functionName === '(idle)' ? 0 : (times.get(node.id) ?? 0);
    const name = nameOf(node.callFrame, callers);
    shares.set(name, (shares.get(name) ?? 0) + time);
    total += time;
    const chain = [...callers, name];
    for (const child of node.children ?? []) visit(byId.get(child), chain);
  };
  const called = new Set(nodes.flatMap(({ children }) => children ?? []));
  for (const node of nodes) if (!called.has(node.id)) visit(node, []);
  return [...shares].sort((a, b) => b[1] - a[1]).map(([name, time]) => [Number((time / total).toFixed(3)), name]);
}

function partOf(frame, callers) {
  if (frame.functionName === '(garbage collector)') return COLLECTION;
  const path = sourceOf(frame).path;
  return PARTS.find(([, matches]) => matches.test(path))?.[0] ?? callers.at(-1) ?? NODE;
}

function placeOf(frame) {
  const { path, line } = sourceOf(frame);
  return `${frame.functionName} ${path.split('/').slice(-2).join('/')}:${line}`;
}

/** The source of a function, its path from the root: what was compiled says where it comes from. */
function sourceOf({ url, lineNumber, columnNumber }) {
  if (!url.startsWith('file:')) return { path: url, line: lineNumber + 1 };
  const { originalSource, originalLine } = mapOf(url)?.findEntry(lineNumber, columnNumber) ?? {};
  if (originalSource === undefined) return { path: relative(ROOT, fileURLToPath(url)), line: lineNumber + 1 };
  return { path: relative(ROOT, fileURLToPath(new URL(originalSource, url))), line: originalLine + 1 };
}

const maps = new Map();

function mapOf(url) {
  const path = `${fileURLToPath(url)}.map`;
  if (!maps.has(path)) maps.set(path, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : null);
  return maps.get(path);
}
