#!/usr/bin/env node
/**
 * `npm run nightly`: what CI does, many times over and with seeds that no other night has had. `-- crash corruption` runs
 * only these. Ends with a line for each part; exits 1 where one has failed.
 */

import { spawnSync } from 'node:child_process';

const DAY = Math.floor((Date.now() - Date.UTC(2026, 0, 1)) / 86_400_000);
const SEED = String(1_000_000 + DAY * 200_000);

/** As `npm test` runs them: built before, and none left out. */
const tests = (env, ...args) => ({
  command: [process.execPath, 'scripts/test.mjs', '--maxWorkers', '1', '--testTimeout', '0', ...args],
  env: { LEASEHOLD_TEST_ALL: '1', LEASEHOLD_CRASH_SEED: SEED, ...env },
});

/** Name → what runs. */
const PARTS = {
  swarm: { command: [process.execPath, 'scripts/swarm.mjs', '--tonight'], env: {} },
  tampering: tests(
    { LEASEHOLD_TAMPERINGS: '20000', LEASEHOLD_TAMPERING_SEED: SEED },
    'test/simulations/tampering.test.ts',
  ),
  audit: tests(
    { LEASEHOLD_AUDIT_RUNS: '2000' },
    'test/simulations/story.test.ts',
    'test/simulations/audit-diff.test.ts',
  ),
  election: tests({ LEASEHOLD_ELECTION_RUNS: '20000' }, 'test/properties/election.test.ts'),
  takeover: tests({ LEASEHOLD_TAKEOVER_ROUNDS: '200' }, 'test/e2e/takeover.test.ts'),
  crash: tests({ LEASEHOLD_CRASH_KILLS: '4000' }, 'test/e2e/crash.test.ts'),
  failpoints: tests({ LEASEHOLD_CRASH_LIVES: '100' }, 'test/e2e/failpoints.test.ts'),
  'power-loss': tests({ LEASEHOLD_POWER_LOSSES: '100000' }, 'test/e2e/power-loss.test.ts'),
  corruption: tests({ LEASEHOLD_BIT_FLIPS: '200000' }, 'test/adapters/event-store/corruption.test.ts'),
  outage: tests({ LEASEHOLD_OUTAGE_MS: '30000' }, 'test/e2e/outage.test.ts'),
  soak: tests({ LEASEHOLD_SOAK_SECONDS: '3600' }, 'test/e2e/soak.test.ts'),
  fuzz: tests({ LEASEHOLD_FUZZ_REQUESTS: '2000000', LEASEHOLD_FUZZ_SEED: SEED }, 'test/api/document-fuzz.test.ts'),
  machines: { command: [process.execPath, 'bench/machines.mjs'], env: {} },
  stores: tests({ LEASEHOLD_STORE_TURNS: '1000000' }, 'test/contracts', '-t', 'very many turns'),
};

function main() {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    console.error(`${unknown.join(', ')}: no part of the night; there are ${Object.keys(PARTS).join(', ')}`);
    process.exit(2);
  }
  const results = (wanted.length > 0 ? wanted : Object.keys(PARTS)).map((name) => {
    const { command, env } = PARTS[name];
    const begin = performance.now();
    const { status } = spawnSync(command[0], command.slice(1), { stdio: 'inherit', env: { ...process.env, ...env } });
    return { name, good: status === 0, seconds: Math.round((performance.now() - begin) / 1000) };
  });
  for (const { name, good, seconds } of results)
    console.log(`${good ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${seconds} s`);
  process.exit(results.every(({ good }) => good) ? 0 : 1);
}

main();
