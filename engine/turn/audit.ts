/** The audit: the log's inputs through today's scheduler, and its decisions compared with those recorded. */

import type { Decision, Turn } from '../model/events.js';
import { ADMISSIONS, NODE_CHOICES, type Policy, RULES, VICTIM_ORDERS } from '../model/policy.js';
import { RecordedTurn, same } from '../model/recorded-turn.js';
import { CodecError } from '../model/shapes.js';
import { schedule } from '../schedule/schedule.js';
import { beginTurn, evolve } from '../state/evolve.js';
import type { State } from '../state/state.js';

/** The first turn at which today's scheduler decides otherwise than the log says, or the log contradicts itself. */
export interface Divergence {
  readonly turn: number;
  readonly kind: 'decisions-differ' | 'number-out-of-order' | 'time-goes-back' | 'cannot-be-folded';
  readonly detail: string;
  readonly recorded: readonly Decision[];
  readonly replayed: readonly Decision[];
}

/** The log names rules or policy functions that this version does not have. */
export class UnknownRulesError extends Error {
  override readonly name = 'UnknownRulesError';
}

/** Replays `turns` from `from` (consumed). Null: every decision is as recorded. O(work of the original run). */
export async function audit(from: State, turns: AsyncIterable<Turn>): Promise<Divergence | null> {
  for await (const turn of turns) {
    const divergence = replayTurn(from, turn);
    if (divergence !== null) return divergence;
  }
  return null;
}

/** Replays one turn, so that the state goes on as it did then. Throws UnknownRulesError, and CodecError for decisions that are none. */
export function replayTurn(state: State, turn: Turn): Divergence | null {
  const diverges = (kind: Divergence['kind'], detail: string, replayed: readonly Decision[] = []): Divergence => ({
    turn: turn.number,
    kind,
    detail,
    recorded: turn.decisions,
    replayed,
  });
  if (turn.number !== state.turn + 1)
    return diverges('number-out-of-order', `turn ${turn.number} follows turn ${state.turn}`);
  if (turn.now < state.now) return diverges('time-goes-back', `turn ${turn.number} is earlier than the one before it`);
  try {
    beginTurn(state);
    for (const input of turn.inputs) {
      if (input.type === 'PolicyAdopted') mustBeKnown(input.policy);
      evolve(state, input, turn.now);
    }
    const replayed = schedule(state, turn.now);
    const agrees = turn instanceof RecordedTurn ? turn.says(replayed) : same(replayed, turn.decisions);
    if (!agrees) return diverges('decisions-differ', 'the decisions differ', replayed);
    for (const decision of replayed) evolve(state, decision, turn.now);
  } catch (error) {
    if (error instanceof UnknownRulesError || error instanceof CodecError) throw error;
    return diverges('cannot-be-folded', (error as Error).message);
  }
  state.now = turn.now;
  state.turn = turn.number;
  return null;
}

/** Throws UnknownRulesError where this version could not decide by `policy`. */
export function mustBeKnown(policy: Policy): void {
  if (policy.rules !== RULES)
    throw new UnknownRulesError(`the log was made by rules ${policy.rules}; these are ${RULES}`);
  for (const [name, known] of [
    [policy.nodeChoice, NODE_CHOICES],
    [policy.victimOrder, VICTIM_ORDERS],
    [policy.admission, ADMISSIONS],
  ] as const)
    if (!(known as readonly string[]).includes(name))
      throw new UnknownRulesError(`the log uses the policy function ${name}, which this version does not have`);
}
