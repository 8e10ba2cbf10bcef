/** The life of a lease as the follower knows it: what was asked, decided and seen, in the order of the log. */

import { format, type Instant, type StateView, type Terms, toSet } from '../engine/index.js';
import { leasesOf } from '../simulations/story/mentions.js';
import { FOREIGN } from '../simulations/story/reasons.js';
import { ruleOf } from '../simulations/story/rules.js';
import { decisionPhrase, observationPhrase, requestPhrase } from '../simulations/story/sentences.js';
import type { Sight } from './access/sight.js';
import type { EarliestChanges } from './earliest-change.js';
import { formatInstant, formatInstantOrNull } from './formats.js';
import type { LeaseRecord, LoggedDecision, LoggedEvent } from './records/lease-record.js';
import type { DecisionView } from './schemas/lease.js';
import { reasonView } from './views.js';

/** What is known of the lease when something is told of it. */
interface Told {
  readonly record: LeaseRecord;
  readonly changes: EarliestChanges;
  readonly state: StateView;
  readonly sight: Sight;
  readonly terms: Terms;
  /** When its reservation begins; null: it has none. */
  readonly from: Instant | null;
}

/** A part of the story, told when it is asked for. */
export type Telling = () => DecisionView;

/** Oldest first. Within a turn: what came in, who makes room, what was decided on the lease. O(what was logged of it). */
export function storyOf(record: LeaseRecord, state: StateView, sight: Sight, changes: EarliestChanges): Telling[] {
  const { lease, asked: terms, submittedTurn, decisions, around } = record;
  const known = { record, changes, state, sight, terms };
  const request = { type: 'LeaseRequested', lease: lease.id, terms, key: null } as const;
  const asked = { turn: submittedTurn, at: lease.submitted, input: request };
  const story: Telling[] = [() => eventView(asked, lease.id, { ...known, from: null })];
  const tell = (event: LoggedEvent, from: Instant | null) =>
    story.push(() => eventView(event, lease.id, { ...known, from }));
  let from: Instant | null = null;
  let next = 0;
  for (const logged of decisions) {
    for (; next < around.length && around[next]!.turn <= logged.turn; next++) tell(around[next]!, from);
    const before = from;
    story.push(() => decisionView(logged, { ...known, from: before }));
    from = reservationAfter(logged, from);
  }
  for (; next < around.length; next++) tell(around[next]!, from);
  return story;
}

/** When the lease's reservation begins after the decision. */
function reservationAfter({ decision, index }: LoggedDecision, from: Instant | null): Instant | null {
  switch (decision.type) {
    case 'Reserved':
      return decision.from;
    case 'ReservationsMoved':
      return decision.from[index] ?? from;
    case 'ReservationDropped':
    case 'StartOrdered':
    case 'ResumptionPlanned':
      return null;
    default:
      return from;
  }
}

function eventView(logged: LoggedEvent, lease: string, told: Told): DecisionView {
  const { turn, at } = logged;
  if ('decision' in logged) {
    const { decision } = logged;
    const [about = lease] = leasesOf(decision);
    const view = decisionView({ turn, at, decision, index: 0 }, { ...told, from: null });
    if (told.sight.sees(about)) return { ...view, about, message: `${about}: ${view.message}` };
    const { kind, type, rule, reasons } = view;
    const message = `a lease of another project: ${view.message}`;
    return { turn, at: view.at, kind, type, about: FOREIGN, message, rule, reasons };
  }
  const { input } = logged;
  const common = { turn, at: formatInstant(at), type: input.type, rule: null, reasons: [] };
  if (!('at' in input)) return { ...common, kind: 'request', message: requestPhrase(input, told.state.resources) };
  const happened = input.at < at ? { happened: formatInstant(input.at) } : {};
  return { ...common, ...happened, kind: 'observation', message: observationPhrase(input) };
}

/** One decision; of a decision about many leases, the part about this one. */
function decisionView({ turn, at, decision, index }: LoggedDecision, told: Told): DecisionView {
  const { changes, from, record, state } = told;
  const view: DecisionView = {
    turn,
    at: formatInstant(at),
    kind: 'decision',
    type: decision.type,
    message: decisionPhrase(decision, { index, from }),
    rule: ruleOf(decision, state.policy, { terms: told.terms, reserved: from !== null, place: null }),
    reasons:
      'reasons' in decision
        ? decision.reasons.map((reason) => reasonView(changes.in(reason, record, turn), state, told.sight))
        : [],
  };
  if ('order' in decision) view.order = decision.order;
  if ('after' in decision) {
    view.after = [...decision.after];
    view.deadline = formatInstantOrNull(decision.deadline);
  }
  if ('until' in decision && typeof decision.until === 'number') view.until = formatInstant(decision.until);
  if ('nodes' in decision) view.nodes = format(decision.nodes);
  switch (decision.type) {
    case 'SuspendOrdered':
    case 'ResumeOrdered':
    case 'LiveMigrateOrdered':
      view.vms = format(toSet(decision.vms));
      break;
    case 'StopOrdered':
      view.cause = decision.cause;
      view.afterwards = decision.then;
      break;
    case 'Reserved':
      view.from = formatInstant(decision.from);
      break;
    case 'ReservationsMoved':
      view.from = formatInstant(decision.from[index]!);
      view.cause = decision.cause;
      break;
    case 'Refused':
      view.outcome = decision.outcome;
      break;
    case 'SuspensionPlanned':
      view.until = formatInstant(decision.by);
      view.steps = stepsOf(decision.vms, decision.from, decision.until);
      break;
    case 'ResumptionPlanned':
      view.steps = stepsOf(decision.vms, decision.from, decision.ready);
      break;
    case 'StopPlanned':
      view.until = formatInstant(decision.at);
      break;
    default:
  }
  return view;
}

function stepsOf(
  vms: readonly (readonly number[])[],
  from: readonly Instant[],
  until: readonly Instant[],
): NonNullable<DecisionView['steps']> {
  return vms.map((each, i) => ({
    vms: format(each),
    from: formatInstant(from[i]!),
    until: formatInstant(until[i]!),
  }));
}
