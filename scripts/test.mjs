#!/usr/bin/env node
/**
 * `npm test`: builds if needed, runs the tests once, lists what was skipped and why. Arguments go to vitest, so
 * `npm test -- test/engine` runs some of them (and `--root DIR` those of another tree, for which nothing is built).
 * The last line is `N passed, N failed, N skipped`. With LEASEHOLD_TEST_ALL=1 a skipped test is a failure.
 * Exit: 0 if at least one test ran and none failed, else 1.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, isStale } from './build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REPORTER = fileURLToPath(new URL('test-reporter.mjs', import.meta.url));
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

async function main() {
  const args = process.argv.slice(2);
  if (!args.includes('--root') && isStale() && !(await build())) {
    console.log('\nThe sources do not compile: no test was run.');
    return finish({ passed: 0, failed: 1, skipped: 0 }, 1);
  }
  const { status, results } = run(args);
  if (results === null) {
    console.log('\nThe test runner ended without a result.');
    return finish({ passed: 0, failed: 1, skipped: 0 }, 1);
  }
  const all = process.env.LEASEHOLD_TEST_ALL === '1';
  listSkips(results.skips, all);
  if (results.unhandled > 0) console.log(`Errors outside of any test: ${results.unhandled} (counted as failed)`);
  const ran = results.passed + results.failed;
  if (ran === 0) console.log('No test was run.');
  const good = status === 0 && results.failed === 0 && ran > 0 && !(all && results.skipped > 0);
  finish(results, good ? 0 : 1);
}

/** Runs vitest; the reporter leaves its count in a file, so that no output of a test can be mistaken for it. */
function run(args) {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-test-'));
  const file = join(folder, 'results.json');
  try {
    const { status } = spawnSync(
      process.execPath,
      [VITEST, 'run', '--reporter=default', `--reporter=${REPORTER}`, ...args],
      { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, LEASEHOLD_TEST_RESULTS: file } },
    );
    return { status, results: readResults(file) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function listSkips(skips, all) {
  if (skips.length === 0) return;
  console.log(all ? 'Skipped, which LEASEHOLD_TEST_ALL=1 makes a failure:' : 'Skipped:');
  for (const { name, reason } of skips) console.log(`  ${name}\n    ${reason}`);
}

function finish({ passed, failed, skipped }, code) {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = code;
}

main();
