/** Ranges of seeds, each run to its end and looked at from all sides. */

import { expect } from 'vitest';
import { audit, emptyState, encodeState, foldTurn, type Turn } from '../../engine/index.js';
import { swarm, type SwarmResult } from './swarm.js';
import { type Scenario, scenario } from './workload.js';

export const SEEDS = Number(process.env.LEASEHOLD_SWARM_SEEDS ?? 1000);
export const FIRST = Number(process.env.LEASEHOLD_SWARM_FIRST ?? 1);

/** Runs the seeds from FIRST on; names the one that breaks a rule. */
export async function everySeed(
  count: number,
  faulty: boolean,
  look: (result: SwarmResult) => void,
  plan: (seed: number) => Scenario = scenario,
  lateMs = 0,
): Promise<void> {
  for (let seed = FIRST; seed < FIRST + count; seed++) {
    try {
      const result = await swarm(seed, faulty, plan(seed), lateMs);
      await judgeLog(result);
      look(result);
    } catch (error) {
      throw new Error(`seed ${seed}${faulty ? '' : ' (no faults)'}: ${(error as Error).stack}`, { cause: error });
    }
  }
}

/** Every lease has ended, once; the log alone gives the same state, and today's scheduler the same decisions. */
async function judgeLog({ state, turns, over, scenario: { arrivals } }: SwarmResult): Promise<void> {
  const asked = arrivals.filter(({ command }) => command.type === 'SubmitLease').length;
  const accepted = turns.flatMap(({ inputs }) => inputs).filter(({ type }) => type === 'LeaseRequested').length;
  expect(over.size).toBe(accepted);
  expect(accepted).toBeLessThanOrEqual(asked);
  let folded = emptyState();
  for (const turn of turns) folded = foldTurn(folded, turn);
  expect(encodeState(folded)).toBe(encodeState(state));
  expect(await audit(emptyState(), each(turns))).toBeNull();
}

async function* each(turns: readonly Turn[]): AsyncIterable<Turn> {
  yield* turns;
}
