import { expect, test } from 'vitest';
import { audit, emptyState, encodeState, foldTurn, type Turn } from '../../engine/index.js';
import { placingScenario } from './placing.js';
import { swarm } from './swarm.js';

const SEEDS = Math.ceil(Number(process.env.LEASEHOLD_SWARM_SEEDS ?? 1000) / 7);
const FIRST = Number(process.env.LEASEHOLD_SWARM_FIRST ?? 1);

async function* each(turns: readonly Turn[]): AsyncIterable<Turn> {
  yield* turns;
}

let suspended = 0;
let named = 0;

for (const faulty of [false, true])
  test(`${SEEDS} seeds with named nodes and immediate victims, ${faulty ? 'with' : 'without'} faults: everything holds`, async () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      try {
        const { state, turns, over } = await swarm(seed, faulty, placingScenario(seed));
        expect(over.size).toBe(turns.flatMap(({ inputs }) => inputs.filter(isRequest)).length);
        for (const { terms, firstStart, spans } of over.values()) {
          if (terms.where?.nodes !== undefined && firstStart !== null) named++;
          if (terms.start.kind === 'immediate' && spans.some(({ kind }) => kind === 'resumption')) suspended++;
        }
        let folded = emptyState();
        for (const turn of turns) folded = foldTurn(folded, turn);
        expect(encodeState(folded)).toBe(encodeState(state));
        expect(await audit(emptyState(), each(turns))).toBeNull();
      } catch (error) {
        throw new Error(`seed ${seed}${faulty ? '' : ' (no faults)'}: ${(error as Error).stack}`, { cause: error });
      }
    }
  });

test.runIf(SEEDS >= 100)('leases ran on nodes that they named, and immediate ones were suspended and came back', () => {
  expect(named).toBeGreaterThan(SEEDS);
  expect(suspended).toBeGreaterThan(SEEDS / 20);
});

function isRequest(input: Turn['inputs'][number]): boolean {
  return input.type === 'LeaseRequested';
}
