#!/usr/bin/env node
/**
 * `npm run check`: everything about the sources that a machine can judge without running them.
 * `npm run check -- purity imports` runs some of it; `--root DIR` judges another tree. Exit: 0 ok, 1 problems, 2 usage.
 */

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CHECKS } from './checks/all.mjs';
import { counted } from './checks/tree.mjs';

const SHOWN_MAX = 100;

async function main() {
  const { root, names } = options();
  let failed = 0;
  for (const name of names) if (!(await runCheck(name, root))) failed++;
  console.log(`${counted(names.length, 'check')}: ${names.length - failed} ok, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

async function runCheck(name, root) {
  const { summary, problems, warnings = [] } = await outcomeOf(name, root);
  const passed = problems.length === 0;
  const headline = passed ? summary : counted(problems.length, 'problem');
  console.log(`${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(8)}  ${headline}`);
  for (const warning of warnings) console.log(`        warning: ${warning}`);
  for (const problem of problems.slice(0, SHOWN_MAX)) console.log(`        ${problem.replaceAll('\n', '\n        ')}`);
  if (problems.length > SHOWN_MAX) console.log(`        … and ${problems.length - SHOWN_MAX} more`);
  return passed;
}

/** A check that breaks down is a check that failed: the others still run. */
async function outcomeOf(name, root) {
  try {
    const check = await CHECKS.get(name)();
    return await check(root);
  } catch (error) {
    return { summary: '', problems: [`the check itself failed: ${error.stack ?? error}`] };
  }
}

function options() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { root: { type: 'string' } } });
    const unknown = positionals.filter((name) => !CHECKS.has(name));
    const known = [...CHECKS.keys()].join(', ');
    if (unknown.length > 0) throw new Error(`unknown check: ${unknown.join(', ')}; known: ${known}`);
    return {
      root: values.root === undefined ? fileURLToPath(new URL('..', import.meta.url)) : resolve(values.root),
      names: positionals.length > 0 ? positionals : [...CHECKS.keys()],
    };
  } catch (error) {
    console.error(`check: ${error.message}`);
    process.exit(2);
  }
}

await main();
