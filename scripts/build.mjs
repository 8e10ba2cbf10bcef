#!/usr/bin/env node
/**
 * `npm run build`: compiles the product into dist/, all of it or nothing. Tests build it again only when it is stale.
 * Its programs, and the engine, then become few files: see bundle.mjs.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePrograms } from './bundle.mjs';
import { filesUnder, PRODUCT } from './checks/tree.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENGINE = 'engine/index.ts';
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/bundle.mjs'];

/** Compiles; false: the sources do not compile, and dist/ is as it was. */
export async function build() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const args = [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--noEmitOnError'];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) return false;
  await bundlePrograms(ROOT);
  removeLeftovers();
  // A compiled file is not executable, but the commands of the package are run as programs.
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const path of Object.values(bin)) if (existsSync(join(ROOT, path))) chmodSync(join(ROOT, path), 0o755);
  return true;
}

/** Whether a source is newer than what was compiled from it, or was never compiled. */
export function isStale() {
  const settings = Math.max(...SETTINGS.filter((name) => existsSync(join(ROOT, name))).map(modified));
  return sources().some((path) => {
    const compiled = join('dist', compiledName(path));
    if (!existsSync(join(ROOT, compiled))) return true;
    return modified(compiled) < Math.max(modified(path), settings);
  });
}

/** What was compiled from a source that is gone would still be importable, and so would a second copy of the engine's parts. */
function removeLeftovers() {
  const expected = new Set(sources().map((path) => `dist/${compiledName(path)}`));
  for (const path of filesUnder(
    ROOT,
    PRODUCT.map((room) => `dist/${room}`),
    ['.js'],
  )) {
    if (expected.has(path)) continue;
    for (const name of [path, `${path}.map`]) rmSync(join(ROOT, name), { force: true });
    const isGone = !existsSync(join(ROOT, path.replace(/^dist\//, '').replace(/\.js$/, '.ts')));
    if (isGone) rmSync(join(ROOT, path.replace(/\.js$/, '.d.ts')), { force: true });
  }
}

function sources() {
  return filesUnder(ROOT, PRODUCT, ['.ts']).filter((path) => !path.endsWith('.d.ts'));
}

/** The file of dist/ that a source ends in. */
function compiledName(path) {
  return (path.startsWith('engine/') ? ENGINE : path).replace(/\.ts$/, '.js');
}

function modified(path) {
  return statSync(join(ROOT, path)).mtimeMs;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = (await build()) ? 0 : 1;
