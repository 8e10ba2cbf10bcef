#!/usr/bin/env node
// Repeats seeds of the swarm: `npm run swarm -- --seed 4711` runs one, `--count 1000` that many from there on.
// A seed that breaks prints the rule that does not hold, and its log is written with `--log FILE`.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '1' }, log: { type: 'string' } },
});
for (const name of ['seed', 'count'])
  if (!/^\d{1,9}$/.test(values[name])) {
    console.error(`--${name} ${values[name]}: give a whole number`);
    process.exit(2);
  }
const env = {
  ...process.env,
  LEASEHOLD_SWARM_FIRST: values.seed,
  LEASEHOLD_SWARM_SEEDS: values.count,
  ...(values.log === undefined ? {} : { LEASEHOLD_SWARM_LOG: values.log }),
};
const { status } = spawnSync('npx', ['vitest', 'run', 'test/swarm/swarm.test.ts'], { stdio: 'inherit', env });
process.exit(status ?? 1);
