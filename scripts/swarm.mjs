#!/usr/bin/env node
// Repeats seeds of the swarm: `npm run swarm -- --seed 4711` runs one, `--count 1000` that many from there on.
// A seed that breaks prints the rule that does not hold, and its log is written with `--log FILE`. `--tonight` runs
// 20,000 that no other night has run.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    tonight: { type: 'boolean', default: false },
    log: { type: 'string' },
  },
});
const NIGHT = 20_000;
if (values.tonight) {
  const days = Math.floor((Date.now() - Date.UTC(2026, 0, 1)) / 86_400_000);
  Object.assign(values, { seed: String(1_000_000 + days * NIGHT), count: String(NIGHT) });
  console.log(`seeds from ${values.seed} on`);
}
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
const { status } = spawnSync('npx', ['vitest', 'run', 'test/swarm', '--testTimeout', '0'], { stdio: 'inherit', env });
process.exit(status ?? 1);
