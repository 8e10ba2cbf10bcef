#!/usr/bin/env node
/**
 * `npm run crash`: the real service is killed at random moments under load, and at every failpoint, and its log is held
 * against what its clients were told. `-- --kills 1000 --lives 10` says how often; `--seed N` repeats a run.
 */

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    lives: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
  },
});
for (const [name, value] of Object.entries(values))
  if (!/^\d{1,9}$/.test(value)) {
    console.error(`--${name} ${value}: give a whole number`);
    process.exit(2);
  }
console.log(`seed ${values.seed}`);
const files = [
  ...(values.kills === '0' ? [] : ['test/e2e/crash.test.ts']),
  ...(values.lives === '0' ? [] : ['test/e2e/failpoints.test.ts']),
];
const env = {
  ...process.env,
  LEASEHOLD_CRASH_KILLS: values.kills,
  LEASEHOLD_CRASH_LIVES: values.lives,
  LEASEHOLD_CRASH_SEED: values.seed,
};
const { status } = spawnSync('npx', ['vitest', 'run', '--maxWorkers', '1', ...files], { stdio: 'inherit', env });
process.exit(status ?? 1);
