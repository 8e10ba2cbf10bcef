/** One turn: inputs are decided and folded, `schedule` is asked once, its decisions are folded. */

import type { Instant } from '../kit/time.js';
import type { Answer, Command, Decided } from '../model/commands.js';
import type { Decision, Observation, Request, Turn } from '../model/events.js';
import { schedule } from '../schedule/schedule.js';
import { decide } from '../state/decide.js';
import { beginTurn, evolve } from '../state/evolve.js';
import type { State } from '../state/state.js';
import type { Inbox } from './ports.js';

/** `turn` is null when there was neither input nor decision: such a turn is not logged and has no number. */
export interface Taken {
  readonly turn: Turn | null;
  readonly answers: readonly Answer[];
}

/** Changes `state` in place to what it is after the turn. */
export function takeTurn(state: State, inbox: Inbox, now: Instant): Taken {
  beginTurn(state);
  const inputs: (Request | Observation)[] = [];
  for (const observation of inbox.observations) {
    evolve(state, observation, now); //                                  1. what happened
    inputs.push(observation);
  }
  const verdicts: Decided[] = inbox.commands.length === 0 ? NO_VERDICTS : [];
  for (const command of inbox.commands) {
    const decided = decide(state, command, now); //                      2. what is asked, on what came before
    verdicts.push(decided);
    if (!decided.ok) continue;
    for (const request of traced(decided.requests, command)) {
      evolve(state, request, now);
      inputs.push(request);
    }
  }
  const decisions = schedule(state, now); //                             3. what is to be done
  for (const decision of decisions) evolve(state, decision, now); //     4. the plan
  const turn = inputs.length + decisions.length > 0 ? { number: state.turn + 1, now, inputs, decisions } : null;
  if (turn !== null) {
    state.now = now;
    state.turn = turn.number;
  }
  return { turn, answers: answersTo(inbox, verdicts, state.turn, decisions) };
}

function traced(requests: readonly Request[], { traceparent }: Command): readonly Request[] {
  return traceparent === undefined ? requests : requests.map((request) => ({ ...request, traceparent }));
}

function answersTo(
  inbox: Inbox,
  verdicts: readonly Decided[],
  turn: number,
  decisions: readonly Decision[],
): readonly Answer[] {
  if (inbox.commands.length === 0) return NO_ANSWERS;
  return inbox.commands.map((command, i) => ({
    command,
    decided: verdicts[i]!,
    turn,
    decisions: 'lease' in command ? decisions.filter((one) => 'lease' in one && one.lease === command.lease) : NONE,
  }));
}

const NONE: readonly Decision[] = [];
const NO_ANSWERS: readonly Answer[] = [];
/** Never added to. */
const NO_VERDICTS: Decided[] = [];
