/** One turn: inputs are decided and folded, `schedule` is asked once, its decisions are folded. */

import type { Instant } from '../kit/time.js';
import type { Answer, Command, Decided } from '../model/commands.js';
import type { Decision, Input, Observation, Request, Turn } from '../model/events.js';
import { schedule } from '../schedule/schedule.js';
import { decide } from '../state/decide.js';
import { beginTurn, evolve } from '../state/evolve.js';
import type { State } from '../state/state.js';
import { turnsMissed } from './missed.js';
import type { Inbox } from './ports.js';

/** `turn` is null when there was neither input nor decision: such a turn is not logged and has no number. */
export interface Taken {
  readonly turn: Turn | null;
  readonly answers: readonly Answer[];
}

/** Changes `state` in place to what it is after the turn. */
export function takeTurn(state: State, inbox: Inbox, now: Instant): Taken {
  beginTurn(state);
  for (const observation of inbox.observations) evolve(state, observation, now); // 1. what happened
  const { inputs: asked, verdicts } = inbox.commands.length === 0 ? onlySeen(inbox) : ask(state, inbox, now); // 2. what is asked
  const inputs = withMissed(state, asked, now); //                                     and what came too late
  const decisions = schedule(state, now); //                                        3. what is to be done
  for (const decision of decisions) evolve(state, decision, now); //                4. the plan
  const turn = inputs.length + decisions.length > 0 ? { number: state.turn + 1, now, inputs, decisions } : null;
  if (turn !== null) {
    state.now = now;
    state.turn = turn.number;
  }
  return { turn, answers: answersTo(inbox, verdicts, state.turn, decisions) };
}

/** Where the turn comes too late for something, that is an input of its own: a replay decides as it was decided then. */
function withMissed(state: State, inputs: readonly Input[], now: Instant): readonly Input[] {
  const missed = turnsMissed(state, now);
  if (missed === null) return inputs;
  evolve(state, missed, now);
  return [...inputs, missed];
}

/** What a turn begins with, and what came of each command. */
interface Asked {
  readonly inputs: readonly (Request | Observation)[];
  readonly verdicts: readonly Decided[];
}

function onlySeen({ observations }: Inbox): Asked {
  return { inputs: observations, verdicts: NO_VERDICTS };
}

/** Each command is decided on what came before it. Lists have their size from the first: growing ones have room for 17. */
function ask(state: State, { observations, commands }: Inbox, now: Instant): Asked {
  const inputs = new Array<Request | Observation>(observations.length + commands.length);
  const verdicts = new Array<Decided>(commands.length);
  let count = 0;
  for (const observation of observations) inputs[count++] = observation;
  for (let i = 0; i < commands.length; i++) {
    const command = commands[i]!;
    const decided = decide(state, command, now);
    verdicts[i] = decided;
    if (!decided.ok) continue;
    for (const request of traced(decided.requests, command)) {
      evolve(state, request, now);
      inputs[count++] = request;
    }
  }
  inputs.length = count;
  return { inputs, verdicts };
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
const NO_VERDICTS: readonly Decided[] = [];
