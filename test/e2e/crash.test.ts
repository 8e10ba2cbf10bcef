/** The real service, killed again and again at random moments: nothing acknowledged is lost, nothing is done twice. */

import { describe, expect, it } from 'vitest';
import { needs } from '../support/needs.js';
import { killAtRandom } from '../support/proof/kills.js';

const KILLS = Number(process.env.LEASEHOLD_CRASH_KILLS ?? 200);
const SEED = Number(process.env.LEASEHOLD_CRASH_SEED ?? 20261121);
/** Two processors, two services: starting one is most of the work. */
const LANES = 2;
/** Far above what a start takes: two services and other tests share the machine. */
const READY_MS_MAX = 30_000;

describe('leasehold serve', needs('build'), () => {
  it(`keeps what it has acknowledged through ${KILLS} kills at random moments`, { timeout: 0 }, async () => {
    const total = await killAtRandom(KILLS, LANES, SEED);
    console.log(JSON.stringify(total));
    expect(total.kills).toBe(KILLS);
    // Else it would prove nothing.
    expect(total.leases).toBeGreaterThan(KILLS);
    expect(total.readyMsMax).toBeLessThan(READY_MS_MAX);
  });
});
