/** What the log says of a lease, in words. The data beside them stay the truth: these are for people. */

import {
  type ActOrdered,
  type Capacity,
  type Decision,
  format,
  type Group,
  type Instant,
  type LeaseRequested,
  nodesOf,
  type Observation,
  type Request,
  type ResizeOrdered,
  type ReservationsMoved,
  type ResourceType,
  type Runs,
  size,
  type Terms,
  type TurnsMissed,
  type VmSet,
} from '../../engine/index.js';
import { writtenAmount, writtenName } from '../amounts.js';
import { formatDuration as span, formatInstant as time } from '../written-times.js';
import { money } from './reasons.js';

/** What a sentence may say beside the event itself. */
export interface About {
  /** The lease's place in a decision about many. */
  readonly index: number;
  /** When its reservation began before; null: not known, or it had none. */
  readonly from: Instant | null;
}

const ALONE: About = { index: 0, from: null };

/** What was decided, as the predicate of a sentence about the lease. */
export function decisionPhrase(decision: Decision, about: About = ALONE): string {
  switch (decision.type) {
    case 'StartOrdered':
      return `ordered to start on ${nodesPhrase(decision.nodes)}, until ${time(decision.until)}`;
    case 'SuspendOrdered':
      return `${subject(decision.vms)} ordered to suspend, until ${time(decision.until)}`;
    case 'ResumeOrdered':
      return `${subject(decision.vms)} ordered to resume, until ${time(decision.until)}`;
    case 'TransferOrdered':
      return `image ${decision.image} ordered to be sent, until ${time(decision.until)}`;
    case 'TransferPlanned':
      return `image ${decision.image} to be sent${decision.vms.length === 0 ? ' ahead' : ''} from ${time(decision.from)} until ${time(decision.until)}`;
    case 'PreparationDropped':
      return 'its images are to be sent elsewhere';
    case 'TransferJoined':
      return 'its image comes with that of another lease';
    case 'TransfersMoved':
      return 'image transfers moved';
    case 'MigrateOrdered':
      return `saved memory ordered to move, until ${time(decision.until)}`;
    case 'LiveMigrateOrdered':
      return `${subject(decision.vms)} ordered to move while running, to ${nodesPhrase(nodesOf(decision.nodes, decision.vms))}, until ${time(decision.until)}`;
    case 'StopOrdered':
      return `ordered to stop (${decision.cause})${decision.then === 'queue' ? ', to wait again' : ''}`;
    case 'ActOrdered':
      return actOrderedPhrase(decision);
    case 'ResizeOrdered':
      return resizePhrase(decision);
    case 'Reserved':
      return `reserved from ${time(decision.from)} until ${time(decision.until)}`;
    case 'ReservationsMoved':
      return movedPhrase(decision, about);
    case 'ReservationDropped':
      return 'reservation given up';
    case 'Refused':
      return decision.outcome === 'expired' ? 'expired' : 'refused';
    case 'SuspensionPlanned':
      return decision.resumption === undefined
        ? `suspension planned, done by ${time(decision.by)}`
        : `suspension planned, done by ${time(decision.by)}, to come back at ${time(decision.resumption.from)}`;
    case 'ResumptionPlanned':
      return `resumption planned on ${nodesPhrase(decision.nodes)}, to run until ${time(decision.until)}`;
    case 'MigrationPlanned':
      return `its saved memory moves to other nodes, until ${time(Math.max(...decision.until))}`;
    case 'StopPlanned':
      return `stop planned at ${time(decision.at)}, to wait again`;
    case 'PreemptionLifted':
      return `runs on after all, until ${time(decision.until)}`;
    case 'Requeued':
      return 'put back into the queue';
    case 'Failed':
      return 'given up';
    case 'UntilMoved':
      return `end moved to ${time(decision.until)}`;
    case 'UntilKept':
      return 'end kept although it began late';
    case 'DurationChanged':
      return `lasts longer, until ${time(decision.until)}`;
    case 'ChangeRefused':
      return 'what was asked cannot be';
    case 'Priced': {
      const { price, surcharge, accepted } = decision;
      const more = surcharge > 0 ? `, ${money(surcharge)} of it for others that make room` : '';
      return `priced at ${money(price)}${more}${accepted ? '' : ', which is more than is paid'}`;
    }
    case 'ApprovalAwaited':
      return `waits for an approval${decision.until === null ? '' : `, until ${time(decision.until)}`}`;
    case 'LeaseEnding':
      return `ends at ${time(decision.end)}: the warning ${span(decision.before)} before`;
    case 'OrderOverdue':
      return `order ${decision.order} is overdue`;
  }
}

/** Beyond this many stretches of nodes only their number is told. */
const STRETCHES_MAX = 8;

function nodesPhrase(nodes: Runs): string {
  const count = size(nodes);
  if (nodes.length > 2 * STRETCHES_MAX) return `${count} nodes`;
  return `node${count === 1 ? '' : 's'} ${format(nodes)}`;
}

const MOVED: Readonly<Record<ReservationsMoved['cause'], string>> = {
  'capacity-released': 'capacity was released',
  'capacity-lost': 'nodes were lost',
  'turns-missed': 'nobody planned when some were due',
  'made-room': 'to make room for another with a deadline',
};

function movedPhrase({ from: to, cause }: ReservationsMoved, { index, from }: About): string {
  const begins = to[index];
  if (begins === undefined) return `no reservation moved (${MOVED[cause]})`;
  return `reservation moved${from === null ? '' : ` from ${time(from)}`} to ${time(begins)} (${MOVED[cause]})`;
}

const DRAINED = {
  keep: '',
  migrate: '; those it has are to move, or be saved',
  suspend: '; those it has are to be saved',
} as const;

/** What was asked for. */
export function requestPhrase(request: Request, resources: readonly ResourceType[]): string {
  switch (request.type) {
    case 'LeaseRequested':
      return askedPhrase(request, resources);
    case 'LeaseCancelled':
      return 'cancellation asked for';
    case 'LeaseHeld':
      return 'put on hold';
    case 'LeaseReleased':
      return 'released';
    case 'LeaseApproved':
      return `approved by ${request.by}`;
    case 'ApprovalRefused':
      return `not approved by ${request.by}`;
    case 'LeaseSuspensionRequested':
      return 'suspension asked for';
    case 'LeaseRecoveryRequested':
      return RECOVERIES[request.how];
    case 'LeaseActRequested':
      return request.to === undefined
        ? `asked to ${request.act} ${someOrAll(request.vms)}`
        : `disks of ${someOrAll(request.vms)} to be moved to ${request.to}`;
    case 'LeaseResizeRequested':
      return `asked to have VMs of ${request.demands.map((demand) => amountsPhrase(demand, resources)).join(' and ')}`;
    case 'LeaseResizeSettled':
      return request.how === 'confirm' ? 'the size of its VMs confirmed' : 'its VMs are to go back to what they had';
    case 'LeaseMigrationRequested':
      return `to be moved while it runs${request.nodes === null ? '' : `, to node ${request.nodes.join(' or ')}`}`;
    case 'LeaseChangeRequested':
      return `asked to last ${span(request.duration)}, all in all`;
    case 'NodesAdded': {
      const { first, count } = request.nodes;
      return count === 1 ? `node ${first} joins the site` : `nodes ${first}-${first + count - 1} join the site`;
    }
    case 'NodeLabelled': {
      const labels = Object.entries(request.labels).map(([name, value]) =>
        value === null ? `no ${name}` : `${name}: ${value}`,
      );
      return `node ${request.node} has other labels (${labels.join(', ')})`;
    }
    case 'MaintenancePlanned': {
      const { nodes, from, until, drain } = request;
      if (drain === true) return `node ${nodes[0]} is to be empty by ${time(from)}`;
      return `maintenance of node${nodes.length === 1 ? '' : 's'} ${nodes.join(', ')}, ${time(from)} to ${time(until)}`;
    }
    case 'MaintenanceCancelled':
      return `maintenance ${request.window} is called off`;
    case 'NodeDrained':
      return `node ${request.node} takes no new VMs${DRAINED[request.how ?? 'keep']}`;
    case 'NodeRestored':
      return `node ${request.node} takes VMs again`;
    case 'NodeGivenUp':
      return `node ${request.node} is off for certain, as was said`;
    case 'NodeRemoved':
      return `node ${request.node} leaves the site`;
    case 'PolicyAdopted':
      return 'a policy is adopted';
    case 'SiteDeclared':
      return `the site has ${request.resources.map(({ name }) => name).join(', ')}`;
    case 'NoteKept':
      return request.value === null ? 'a note is removed' : 'a note is kept';
    case 'EpochClaimed':
      return `a scheduler takes the log over (epoch ${request.epoch})`;
  }
}

const RECOVERIES = {
  retry: 'its orders are to be sent again',
  recreate: 'asked to begin anew',
  force: 'its orders were carried out, as somebody says who has looked',
} as const;

function askedPhrase({ terms }: LeaseRequested, resources: readonly ResourceType[]): string {
  // Its name is left out: it may be encrypted in the log.
  const { user, project, duration } = terms;
  const who = [user === null ? '' : ` by ${user}`, project === null ? '' : ` for ${project}`].join('');
  const vms = terms.groups.map((group) => groupPhrase(group, resources)).join(' and ');
  const held = terms.held === true ? ', on hold' : '';
  const after = (terms.after ?? []).map(({ lease, on }) => `the ${on} of ${lease}`).join(' and ');
  const follows = after === '' ? '' : `, after ${after}`;
  return `asked for${who}: ${vms} for ${span(duration)}, ${whenPhrase(terms)}${held}${follows}`;
}

function groupPhrase({ vms, demand }: Group, resources: readonly ResourceType[]): string {
  const amounts = amountsPhrase(demand, resources);
  return `${vms} VM${vms === 1 ? '' : 's'}${amounts === '' ? '' : ` of ${amounts}`}`;
}

function amountsPhrase(demand: Capacity, resources: readonly ResourceType[]): string {
  return resources
    .map(({ name }, r) => [writtenName(name), writtenAmount(name, demand[r] ?? 0)] as const)
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => `${name} ${amount}`)
    .join(', ');
}

function whenPhrase({ start }: Terms): string {
  switch (start.kind) {
    case 'best-effort':
      return start.before === null ? 'when possible' : `when possible, before ${time(start.before)}`;
    case 'immediate':
      return 'now or never';
    case 'advance':
      return `at ${time(start.at)}`;
    case 'deadline':
      return `over by ${time(start.by)}`;
  }
}

/** What was seen to happen. */
export function observationPhrase(observation: Observation | TurnsMissed): string {
  switch (observation.type) {
    case 'VmsStarted':
      return says(observation.vms, 'runs', 'run');
    case 'VmsSuspended':
      return `${says(observation.vms, 'is saved', 'are saved')}, having stopped at ${time(observation.stoppedAt)}`;
    case 'VmsResumed':
      return says(observation.vms, 'runs again', 'run again');
    case 'VmsMigrated':
      return `${says(observation.vms, 'has', 'have')} moved, as saved memory`;
    case 'VmsLiveMigrated':
      return `${says(observation.vms, 'has', 'have')} moved, and never stopped running`;
    case 'VmsStopped':
      return `${says(observation.vms, 'is', 'are')} off the nodes`;
    case 'VmsActed':
      return `${says(observation.vms, 'has', 'have')} done what was ordered (${observation.order})`;
    case 'VmsResized':
      return `${says(observation.vms, 'has its', 'have their')} new size`;
    case 'ImageTransferred':
      return 'an image has arrived on its nodes';
    case 'LeaseEnded':
      return 'ended by itself';
    case 'OrderFailed':
      return `order ${observation.order} failed: ${observation.detail}`;
    case 'NodeLost':
      return `node ${observation.node} does not answer`;
    case 'NodeUnreachable':
      return `node ${observation.node} has not answered for a while`;
    case 'NodeFound':
      return `node ${observation.node} answers again`;
    case 'NodeLoadObserved':
      return `the load of node ${observation.node} is ${observation.load}`;
    case 'TurnsMissed':
      return `nobody had planned since ${time(observation.since)}, when something was due`;
  }
}

function actOrderedPhrase({ act, vms, to }: ActOrdered): string {
  if (to !== undefined) return `disks of ${someOrAll(vms)} ordered to move to ${to}`;
  return `${someOrAll(vms)} ordered to ${act}`;
}

function someOrAll(vms: VmSet): string {
  return vms === null ? 'all its VMs' : subject(vms);
}

function resizePhrase({ cold, revertAfter }: ResizeOrdered): string {
  const stops = cold === true ? ', for which they stop and begin again' : '';
  return `its VMs ordered to be resized${stops}${revertAfter === undefined ? '' : `, for ${span(revertAfter)} unless that is confirmed`}`;
}

/** `VM 2 runs`, `VMs 1-4 run`. */
function says(vms: VmSet, one: string, many: string): string {
  if (vms === null) return `its VMs ${many}`;
  return `${subject(vms)} ${size(vms) === 1 ? one : many}`;
}

function subject(vms: Runs): string {
  return `VM${size(vms) === 1 ? '' : 's'} ${format(vms)}`;
}
