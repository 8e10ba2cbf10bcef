/** The audit: the log's inputs through today's scheduler, and its decisions compared with those recorded. */

import type { Decision, Turn } from '../model/events.js';
import { ADMISSIONS, NODE_CHOICES, type Policy, RULES, VICTIM_ORDERS } from '../model/policy.js';
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

/**
 * Replays `turns` from `from` (consumed). Null: every decision is as recorded. `onTurn` sees the state after each turn.
 * O(work of the original run).
 */
export async function audit(
  from: State,
  turns: AsyncIterable<Turn>,
  onTurn: (state: State, turn: Turn) => Divergence | null = () => null,
): Promise<Divergence | null> {
  const state = from;
  for await (const turn of turns) {
    const divergence = replay(state, turn) ?? onTurn(state, turn);
    if (divergence !== null) return divergence;
  }
  return null;
}

/** Replays one turn. The recorded decisions are folded, so that the state goes on as it did then. */
function replay(state: State, turn: Turn): Divergence | null {
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
    if (!same(replayed, turn.decisions)) return diverges('decisions-differ', 'the decisions differ', replayed);
    for (const decision of turn.decisions) evolve(state, decision, turn.now);
  } catch (error) {
    if (error instanceof UnknownRulesError) throw error;
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

/** Whether two JSON values are equal, member order aside. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
    return true;
  }
  const one = a as Record<string, unknown>;
  const other = b as Record<string, unknown>;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  for (const name of names) if (!same(one[name], other[name])) return false;
  return true;
}
