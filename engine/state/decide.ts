/** `decide`: what a command means in this state. Requests to be logged, or a rejection that changes nothing. */

import { unreachable } from '../kit/assert.js';
import { DURATION_MAX, INSTANT_MAX, type Instant } from '../kit/time.js';
import type { Command, Decided, Rejection, RejectionCode } from '../model/commands.js';
import type { LeaseRequested, Request } from '../model/events.js';
import {
  GROUPS_MAX,
  type Group,
  type LeaseId,
  MACHINE_LENGTH_MAX,
  PRIORITY_MAX,
  STORAGE_LABEL,
  type Terms,
  VMS_MAX,
  vmCount,
} from '../model/lease.js';
import { faultOfNodeChoice } from '../model/node-choice-options.js';
import { faultOfOvercommit, NO_OVERCOMMIT, overcommitted } from '../model/overcommit.js';
import { isSavingRate, type Policy, RULES, SAVING_RATE_MIN, VICTIM_ORDERS } from '../model/policy.js';
import { faultOfKnobs } from '../model/policy-faults.js';
import { RATE_MAX } from '../model/pricing.js';
import { AMOUNT_MAX, NODES_MAX, type NodeClass, RESOURCES_MAX } from '../model/site.js';
import { acted } from './acts.js';
import { approved, refusedApproval } from './approval.js';
import { faultOfPlace } from './decide-where.js';
import { planMaintenance } from './decide-maintenance.js';
import { drainNode, faultOfNode, giveUpNode, labelNode, restoreNode } from './decide-nodes.js';
import { migrated } from './decide-migration.js';
import { keepNote } from './decide-notes.js';
import { faultOfSize, resized, settled } from './decide-resize.js';
import {
  cancelled,
  faultOfWaiting,
  faultOfWarnings,
  held,
  lasting,
  membersOf,
  released,
  resumed,
  suspended,
  withOtherEnd,
} from './decide-wishes.js';
import { countsNodes } from './nodes.js';
import { recovered } from './recovery.js';
import type { Lease } from './live-lease.js';
import type { StateView } from './state.js';

/** Pure. Never throws on what a client may send. */
export function decide(state: StateView, command: Command, now: Instant): Decided {
  switch (command.type) {
    case 'SubmitLease':
      return submit(state, command, now);
    case 'CancelLease':
      return forLease(state, command.lease, cancelled);
    case 'HoldLease':
      return forLease(state, command.lease, held);
    case 'ReleaseLease':
      return forLease(state, command.lease, released);
    case 'ApproveLease':
      return forLease(state, command.lease, (lease) => approved(lease, command.by));
    case 'RejectLease':
      return forLease(state, command.lease, (lease) => refusedApproval(lease, command));
    case 'SuspendLease':
      return forLease(state, command.lease, (lease) => suspended(state, lease));
    case 'MigrateLease':
      return forLease(state, command.lease, (lease) => migrated(state, lease, command));
    case 'ResumeLease':
      return forLease(state, command.lease, resumed);
    case 'ChangeDuration':
      return forLease(state, command.lease, (lease) => lasting(state, lease, command.duration, now, command.approver));
    case 'ExtendLease':
    case 'ShrinkLease':
      return forLease(state, command.lease, (lease) => withOtherEnd(state, lease, command, now));
    case 'ActOnLease':
      return forLease(state, command.lease, (lease) => acted(state, lease, command));
    case 'ResizeLease':
      return forLease(state, command.lease, (lease) => resized(state, lease, command));
    case 'SettleResize':
      return forLease(state, command.lease, (lease) => settled(state, lease, command.how));
    case 'RecoverLease':
      return forLease(state, command.lease, (lease) => recovered(lease, command.how));
    case 'AddNodes': {
      const fault = faultOfNodes(state, command.nodes);
      if (fault !== null) return { ok: false, rejection: fault };
      const nodes = overcommitted(command.nodes, state.resources, state.policy.overcommit ?? NO_OVERCOMMIT);
      return accept({ type: 'NodesAdded', nodes: { first: state.nextNode, ...nodes } });
    }
    case 'LabelNode':
      return labelNode(state, command);
    case 'PlanMaintenance':
      return planMaintenance(state, command, now);
    case 'CancelMaintenance':
      return state.windows.some(({ window, until }) => window === command.window && until > now)
        ? accept({ type: 'MaintenanceCancelled', window: command.window })
        : reject('window-unknown', `there is no window ${command.window} that is not over`);
    case 'DrainNode':
      return drainNode(state, command, now);
    case 'RestoreNode':
      return restoreNode(state, command.node);
    case 'RemoveNode':
      return (
        faultOfNode(state, command.node, ['up', 'draining', 'unreachable', 'lost']) ??
        accept({ type: 'NodeRemoved', node: command.node })
      );
    case 'GiveUpNode':
      return giveUpNode(state, command.node);
    case 'AdoptPolicy': {
      const { over } = command;
      if (over !== undefined && JSON.stringify(over) !== JSON.stringify(state.policy))
        return reject('policy-changed', 'another policy has been adopted since');
      const fault = faultOfPolicy(state, command.policy);
      return fault === null
        ? accept({ type: 'PolicyAdopted', policy: command.policy })
        : { ok: false, rejection: fault };
    }
    case 'DeclareSite': {
      if (state.pools.length > 0 || state.resources.length > 0)
        return reject('site-invalid', 'the site is declared once, before its first node');
      const names = new Set(command.resources.map((resource) => resource.name));
      if (names.size !== command.resources.length || names.size === 0 || names.size > RESOURCES_MAX)
        return reject('site-invalid', `a site declares 1 to ${RESOURCES_MAX} resources, each once`);
      const fault = faultOfOvercommit(state.policy.overcommit ?? NO_OVERCOMMIT, command.resources);
      if (fault !== null) return reject('policy-invalid', `overcommit: ${fault}`);
      return accept({ type: 'SiteDeclared', resources: command.resources });
    }
    case 'KeepNote':
      return keepNote(state, command);
    case 'ClaimEpoch': {
      const { type: _, ...claim } = command;
      if (claim.epoch <= state.epoch)
        return reject('epoch-stale', `epoch ${claim.epoch} is not later than ${state.epoch}`);
      return accept({ type: 'EpochClaimed', ...claim });
    }
    default:
      return unreachable(command);
  }
}

function submit(state: StateView, command: Command & { type: 'SubmitLease' }, now: Instant): Decided {
  const { key } = command;
  if (key !== null) {
    const used = state.keys.get(key.id);
    if (used !== undefined) {
      if (used.hash === key.hash) return { ok: true, repeat: used.lease, requests: [] };
      return reject('key-reused', 'this idempotency key was used with another request');
    }
  }
  const members = membersOf(command);
  if ('code' in members) return { ok: false, rejection: members };
  for (const { lease } of members) {
    if (lease === '' || lease.length > 128) return reject('terms-invalid', 'a lease id has 1 to 128 characters');
    if (state.leases.has(lease)) return reject('lease-exists', `lease ${lease} exists already`);
  }
  const fault = faultOfTerms(state, members[0]!.terms, now);
  if (fault !== null) return { ok: false, rejection: fault };
  const requests = members.map(({ lease, terms }, i) => requested(lease, terms, i === 0 ? key : null));
  return { ok: true, requests };
}

function requested(lease: LeaseId, terms: Terms, key: LeaseRequested['key']): LeaseRequested {
  return { type: 'LeaseRequested', lease, terms, key };
}

/** Why the terms are not accepted; null: they are. */
export function faultOfTerms(state: StateView, terms: Terms, now: Instant): Rejection | null {
  if (!whole(terms.duration, 1, DURATION_MAX))
    return invalid('a duration is a whole number of milliseconds from 1 to 1,000 years', '/duration');
  if (terms.groups.length < 1 || terms.groups.length > GROUPS_MAX)
    return invalid(`a lease has 1 to ${GROUPS_MAX} groups of VMs`, '/groups');
  for (const [index, group] of terms.groups.entries()) {
    const fault = faultOfGroup(state, group, terms.groups.length === 1 ? '' : `/groups/${index}`);
    if (fault !== null) return fault;
  }
  if (vmCount(terms) > VMS_MAX) return invalid(`a lease has at most ${VMS_MAX} VMs`, '/vms');
  const where = terms.where === null ? null : faultOfPlace(state, terms.where);
  if (where !== null) return where;
  if (!whole(terms.priority ?? 0, 0, PRIORITY_MAX)) return invalid(`a priority is 0 to ${PRIORITY_MAX}`, '/priority');
  if (!whole(terms.maxRate ?? 0, 0, RATE_MAX))
    return invalid(`a rate is 0 to ${RATE_MAX} millionths of a currency unit per VM-hour`, '/maxRate');
  const loss = faultOfLoss(terms);
  if (loss !== null) return loss;
  const warnings = faultOfWarnings(terms);
  if (warnings !== null) return warnings;
  if ((terms.machine?.length ?? 0) > MACHINE_LENGTH_MAX)
    return invalid(`what is said of the VMs has at most ${MACHINE_LENGTH_MAX} letters`, '/machine');
  if (!whole(terms.readyWithin ?? 1, 1, DURATION_MAX)) return invalid('not a duration', '/machine/ready/timeout');
  const waiting = faultOfWaiting(state, terms);
  if (waiting !== null) return waiting;
  const { start } = terms;
  switch (start.kind) {
    case 'immediate':
      return null;
    case 'best-effort':
      if (start.before === null) return null;
      if (!whole(start.before, 0, INSTANT_MAX)) return invalid('not an instant', '/start/before');
      return start.before <= now
        ? past('the lease must begin before an instant that has passed', '/start/before')
        : null;
    case 'advance':
      if (!whole(start.at, 0, INSTANT_MAX)) return invalid('not an instant', '/start/at');
      return start.at < now ? past('the start lies in the past', '/start/at') : null;
    case 'deadline':
      if (!whole(start.by, 0, INSTANT_MAX) || !whole(start.notBefore, 0, INSTANT_MAX))
        return invalid('not an instant', '/start/by');
      if (start.by - start.notBefore < terms.duration)
        return past('the deadline leaves less time than the duration', '/start/by');
      return start.by < now + terms.duration
        ? past('the deadline leaves less time than the duration', '/start/by')
        : null;
    default:
      return unreachable(start);
  }
}

/** Why that cannot be done when a node is lost; null: it can. */
function faultOfLoss({ onNodeLost, start, where, groups }: Terms): Rejection | null {
  if (onNodeLost !== 'restart' && onNodeLost !== 'migrate') return null;
  if (start.kind !== 'best-effort')
    return invalid('only best-effort leases wait in the queue, and can be restarted from there', '/onNodeLost');
  if (onNodeLost === 'restart') return null;
  if (where?.labels[STORAGE_LABEL] === undefined)
    return invalid(
      `VMs keep their disks only on storage that nodes share: ask for nodes of one by its name, where: {labels: {${STORAGE_LABEL}: …}}`,
      '/onNodeLost',
    );
  if (groups.some(({ writesImage }) => writesImage === true))
    return invalid('what is written into a persistent image stays with its VM: let it wait, or restart', '/onNodeLost');
  return null;
}

function faultOfGroup(state: StateView, group: Group, pointer: string): Rejection | null {
  if (group.writesImage === true && (group.image === null || group.vms !== 1))
    return invalid('an image is written by one VM', `${pointer}/image`);
  if (!whole(group.vms, 1, VMS_MAX)) return invalid(`the number of VMs is 1 to ${VMS_MAX}`, `${pointer}/vms`);
  return faultOfSize(state, group.demand, `${pointer}/resources`) ?? faultOfMax(state, group, `${pointer}/max`);
}

/** What is wrong with how large its VMs may become, if anything. */
function faultOfMax(state: StateView, { demand, max }: Group, pointer: string): Rejection | null {
  if (max === undefined) return null;
  const fault = faultOfSize(state, max, pointer);
  if (fault !== null) return fault;
  for (const [r, amount] of max.entries())
    if (amount < demand[r]!) return invalid('less than it begins with', `${pointer}/${state.resources[r]!.name}`);
  return null;
}

function faultOfNodes(state: StateView, nodes: Omit<NodeClass, 'first' | 'leasable'>): Rejection | null {
  const fault = (detail: string): Rejection => ({ code: 'site-invalid', detail, pointer: null });
  if (state.resources.length === 0) return fault('the site must be declared before its nodes');
  if (!whole(nodes.count, 1, NODES_MAX) || state.nextNode - 1 + nodes.count > NODES_MAX)
    return fault(`a site has 1 to ${NODES_MAX} nodes`);
  if (nodes.capacity.length !== state.resources.length) return fault('a capacity names every resource of the site');
  if (nodes.capacity.some((amount) => !whole(amount, 0, AMOUNT_MAX))) return fault(`an amount is 0 to ${AMOUNT_MAX}`);
  if (nodes.names !== null && nodes.names.length !== nodes.count) return fault('as many names as nodes');
  for (const [r, resource] of state.resources.entries())
    if (resource.kind === 'units' && (nodes.units[resource.name] ?? []).length !== nodes.capacity[r])
      return fault(`${resource.name} is counted in units: name as many as the capacity says`);
  return null;
}

function faultOfPolicy(state: StateView, policy: Policy): Rejection | null {
  const fault = (detail: string): Rejection => ({ code: 'policy-invalid', detail, pointer: null });
  if (policy.rules !== RULES) return fault(`rules ${policy.rules} are not these rules (${RULES})`);
  if (!whole(policy.deadlineExactSlack, 0, AMOUNT_MAX)) return fault('the exact slack is a number from 0');
  if (!isSavingRate(policy.suspendRate)) return fault(`the suspend rate is ${SAVING_RATE_MIN} MiB/s or more`);
  if (!isSavingRate(policy.resumeRate)) return fault(`the resume rate is ${SAVING_RATE_MIN} MiB/s or more`);
  const choice = faultOfNodeChoice(policy.nodeChoice, policy.nodeChoiceOptions);
  if (choice !== null) return fault(choice);
  const service = faultOfKnobs(policy);
  if (service !== null) return fault(service.detail);
  if (!(VICTIM_ORDERS as readonly string[]).includes(policy.victimOrder))
    return fault(`victim order ${policy.victimOrder} is not known; known are ${VICTIM_ORDERS.join(', ')}`);
  const overcommit = faultOfOvercommit(policy.overcommit ?? NO_OVERCOMMIT, state.resources);
  if (overcommit !== null) return fault(`overcommit: ${overcommit}`);
  const { backfilling } = policy;
  if (backfilling.kind === 'intermediate' && !whole(backfilling.depth, 1, VMS_MAX))
    return fault('intermediate backfilling protects 1 or more leases');
  if (state.pools.length === 0) return null;
  if ((policy.migration === 'no-transfer') !== (state.policy.migration === 'no-transfer'))
    return fault(
      'migration: no-transfer says that all nodes reach the same storage; it is said before the first node is added',
    );
  return !countsNodes(policy) && state.pools.some((pool) => pool.counted)
    ? fault(
        'exclusive nodes are planned by count, which goes with suspension: none (or migration: no-transfer) and ' +
          'preparation: none; with others they must be planned one by one, from the first node on',
      )
    : null;
}

/** What is asked of a lease that is not over. */
function forLease(
  state: StateView,
  id: LeaseId,
  requestsFor: (lease: Lease) => readonly Request[] | Rejection,
): Decided {
  const lease = state.leases.get(id);
  if (lease === undefined) return reject('lease-unknown', `there is no lease ${id} that is not over`);
  const requests = requestsFor(lease);
  return 'code' in requests ? { ok: false, rejection: requests } : accept(...requests);
}

function whole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

function accept(...requests: Request[]): Decided {
  return { ok: true, requests };
}

function reject(code: RejectionCode, detail: string): Decided {
  return { ok: false, rejection: { code, detail, pointer: null } };
}

function invalid(detail: string, pointer: string): Rejection {
  return { code: 'terms-invalid', detail, pointer };
}

function past(detail: string, pointer: string): Rejection {
  return { code: 'start-in-past', detail, pointer };
}
