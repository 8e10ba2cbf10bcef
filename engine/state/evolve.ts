/**
 * `evolve`: folds one event into the state. Pure outside, mutable inside: it owns its argument and changes it in place.
 * Observations that no longer fit (late, repeated, of an earlier run) change nothing.
 */

import { empty } from '../kit/lists.js';
import type { Instant } from '../kit/time.js';
import type { Event, Turn } from '../model/events.js';
import { actRequested } from './acts.js';
import { adopt } from './adopt.js';
import { approve, refuseApproval } from './approval.js';
import { applyDecision } from './evolve-decision.js';
import { applyObservation, lose } from './evolve-observation.js';
import { sweepAlarms } from './alarms.js';
import { leaveNode, migrationRequested } from './moves.js';
import { cancelWindow, NO_WINDOWS, planWindow } from './maintenance.js';
import { addNodes, answersAgain, attach, detach, isSilent, label, noteLoad } from './nodes.js';
import { recover } from './recovery.js';
import { cancel, request } from './requests.js';
import { resizeRequested, resizeSettled } from './resizes.js';
import type { State } from './state.js';
import { decayUsage } from './usage.js';
import { changeRequested, holdBack, release, suspensionRequested } from './wishes.js';

/** What releases nothing, and changes nothing for those who wait. */
const CALM: ReadonlySet<Event['type']> = new Set([
  'LeaseRequested',
  'VmsStarted',
  'LeaseActRequested',
  'VmsActed',
  'NodeLoadObserved',
  'NoteKept',
]);

/** One owner, changed in place; the argument is consumed, keep only the result. */
export function evolve(state: State, event: Event, now: Instant): State {
  state.now = now;
  const { fairShare } = state.policy;
  if (fairShare !== null) decayUsage(state, fairShare, now);
  if (state.calm && !CALM.has(event.type)) state.calm = false;
  switch (event.type) {
    case 'EpochClaimed':
      state.epoch = event.epoch;
      break;
    case 'PolicyAdopted':
      adopt(state, event.policy, now);
      break;
    case 'SiteDeclared':
      state.resources = event.resources;
      break;
    case 'NodesAdded':
      addNodes(state, event.nodes);
      break;
    case 'NodeLabelled':
      label(state, event.node, event.labels);
      state.unproven.push(...state.queue);
      break;
    case 'MaintenancePlanned': {
      const { type: _, traceparent: __, ...window } = event;
      planWindow(state, window);
      break;
    }
    case 'MaintenanceCancelled':
      cancelWindow(state, event.window);
      break;
    case 'NodeDrained':
      detach(state, event.node, 'draining');
      if (event.how !== undefined) leaveNode(state, event.node, event.how);
      break;
    case 'NodeRestored':
      if (state.nodeStatus.get(event.node) !== 'gone') attach(state, event.node);
      break;
    case 'NodeFound':
      answersAgain(state, event.node);
      break;
    case 'NodeUnreachable':
      isSilent(state, event.node);
      break;
    case 'NodeRemoved':
      lose(state, event.node, 'gone');
      state.unproven.push(...state.queue);
      break;
    case 'NodeGivenUp':
    case 'NodeLost':
      if (state.nodeStatus.get(event.node) !== 'gone') lose(state, event.node, 'lost');
      break;
    case 'NodeLoadObserved':
      noteLoad(state, event.node, event.load);
      break;
    case 'TurnsMissed':
      state.missedSince = event.since;
      break;
    case 'LeaseRequested':
      request(state, event, now);
      break;
    case 'LeaseCancelled':
      cancel(state, event.lease, now);
      break;
    case 'LeaseHeld':
      holdBack(state, event.lease);
      break;
    case 'LeaseReleased':
      release(state, event.lease);
      break;
    case 'LeaseApproved':
      approve(state, event);
      break;
    case 'ApprovalRefused':
      refuseApproval(state, event);
      break;
    case 'LeaseSuspensionRequested':
      suspensionRequested(state, event.lease);
      break;
    case 'LeaseMigrationRequested':
      migrationRequested(state, event);
      break;
    case 'LeaseChangeRequested':
      changeRequested(state, event);
      break;
    case 'LeaseActRequested':
      actRequested(state, event);
      break;
    case 'LeaseResizeRequested':
      resizeRequested(state, event);
      break;
    case 'LeaseResizeSettled':
      resizeSettled(state, event);
      break;
    case 'LeaseRecoveryRequested':
      recover(state, event, now);
      break;
    case 'NoteKept':
      if (event.value === null) state.notes.delete(event.key);
      else state.notes.set(event.key, event.value);
      break;
    case 'VmsStarted':
    case 'VmsResumed':
    case 'VmsSuspended':
    case 'ImageTransferred':
    case 'VmsMigrated':
    case 'VmsLiveMigrated':
    case 'VmsStopped':
    case 'VmsActed':
    case 'VmsResized':
    case 'LeaseEnded':
    case 'OrderFailed':
      applyObservation(state, event);
      break;
    default:
      applyDecision(state, event);
  }
  return state;
}

/** Folds a whole turn, as readers of the log do. */
export function foldTurn(state: State, turn: Turn): State {
  beginTurn(state);
  for (const input of turn.inputs) evolve(state, input, turn.now);
  for (const decision of turn.decisions) evolve(state, decision, turn.now);
  state.now = turn.now;
  state.turn = turn.number;
  return state;
}

/** What must be as new before the first event of a turn. */
export function beginTurn(state: State): void {
  sweepAlarms(state);
  state.calm = true;
  state.sendingFailed = false;
  state.missedSince = null;
  empty(state.over);
  empty(state.unproven);
  state.newWindows = NO_WINDOWS;
  empty(state.arrived);
  empty(state.moves);
  empty(state.resizes);
}
