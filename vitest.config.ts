/** How the tests run: each file in a process of its own, two at a time, once; those that take minutes begin first. */

import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest first: what is begun last would be waited for alone. */
const LONG = [
  'swarm/swarm',
  'e2e/soak',
  'e2e/failpoints',
  'e2e/crash',
  'e2e/power-loss',
  'e2e/real-vms',
  'contracts/hypervisor',
  'swarm/',
  'e2e/takeover',
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const found = LONG.findIndex((name) => moduleId.includes(`/test/${name}`));
      return found < 0 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    watch: false,
    sequence: { sequencer: LongFirst },
    // Whole traces are scheduled in some tests; a limit is there to end what hangs, not to judge speed.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A forgotten `.only` would leave the other tests out.
    allowOnly: process.env.LEASEHOLD_TEST_ALL !== '1' && !process.env.CI,
  },
});
