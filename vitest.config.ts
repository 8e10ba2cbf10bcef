/** How the tests run: each file in a process of its own, two at a time, once. */

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    watch: false,
    // Whole traces are scheduled in some tests; a limit is there to end what hangs, not to judge speed.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A forgotten `.only` would leave the other tests out.
    allowOnly: process.env.LEASEHOLD_TEST_ALL !== '1' && !process.env.CI,
  },
});
