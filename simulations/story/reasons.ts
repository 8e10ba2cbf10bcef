/** Reasons as they are written in answers and stories: data, with a sentence beside them for people. */

import { CURRENCY_PARTS, type Reason, type ReasonCode, type ResourceType } from '../../engine/index.js';
import { writtenAmount, writtenName } from '../amounts.js';
import { formatDuration, formatInstantOrNull } from '../written-times.js';

/** A reason as it is written: amounts as people write them, times as text. */
export interface WrittenReason {
  code: ReasonCode;
  blockers: string[];
  more: number;
  resource: string | null;
  need: number | null;
  have: number | null;
  earliestRelease: string | null;
  message: string;
  detail?: string;
}

/** Stands among the blockers for leases that whoever reads this does not know of. */
export const FOREIGN = 'foreign';

type Unspoken = Omit<WrittenReason, 'message'>;

export function writtenReason(reason: Reason, resources: readonly ResourceType[]): WrittenReason {
  const { code, more, resource, need, have } = reason;
  const counted = resource !== null && resources.some(({ name }) => name === resource);
  const amount = (value: number | null) => (value === null || !counted ? value : writtenAmount(resource, value));
  const data = {
    code,
    blockers: [...reason.blockers],
    more,
    resource: counted ? writtenName(resource) : resource,
    need: amount(need),
    have: amount(have),
    earliestRelease: formatInstantOrNull(reason.earliestRelease),
    ...(reason.detail === undefined ? {} : { detail: reason.detail }),
  };
  return { ...data, message: reasonSentence(data) };
}

/** One sentence without its full stop: what, who, until when. */
function reasonSentence(reason: Unspoken): string {
  const who = blockersOf(reason);
  const until = reason.earliestRelease === null ? '' : `, until ${reason.earliestRelease} as planned`;
  return `${cause(reason, who)}${until}`;
}

function cause(reason: Unspoken, who: string): string {
  const by = who === '' ? '' : ` by ${who}`;
  const held = who === '' ? '' : `; held by ${who}`;
  switch (reason.code) {
    case 'insufficient-capacity':
      return `${shortage(reason)}${held}`;
    case 'never-fits':
      return `the site is too small for it, even when empty${reason.resource === null ? '' : amounts(reason)}`;
    case 'behind-in-queue':
      return `others come first${who === '' ? '' : `: ${who}`}`;
    case 'would-delay':
      return `it would fit now, but would delay ${who === '' ? 'others' : who}`;
    case 'reserved-for-later':
      return 'its reservation begins later';
    case 'preempted':
      return `its capacity was taken${by}`;
    case 'suspended-ahead':
      return `it began before reservations${who === '' ? '' : ` of ${who}`} and makes room for them in time`;
    case 'maintenance':
      return `${who === '' ? 'its nodes are' : `${who} ${reason.blockers.length > 1 ? 'are' : 'is'}`} worked on then`;
    case 'recovery-requested':
      return 'it was asked to begin anew';
    case 'suspension-requested':
      return 'its owner asked for that';
    case 'ends-too-soon':
      return `it leaves in ${span(reason.have)}, and saving its VMs takes ${span(reason.need)}`;
    case 'ends-before-it-moved':
      return `it leaves in ${span(reason.have)}, and moving its VMs takes ${span(reason.need)}`;
    case 'not-running':
      return 'something else is under way with it';
    case 'may-not-be-saved':
      return 'it stays on its nodes: it may not be saved';
    case 'displaced':
      return `its reservation was moved to make room for ${who === '' ? 'others' : who}`;
    case 'not-accepted':
      return 'what was asked for is not possible';
    case 'not-admitted':
      return 'leases of its kind are not admitted';
    case 'notice-too-short':
      return `it was asked for too late: ${span(reason.have)} before its start, not ${span(reason.need)}`;
    case 'quota-exceeded':
      return `that would exceed a quota${quota(reason)}${who === '' ? '' : `; it counts ${who}`}`;
    case 'image-in-use':
      return `the image that it would write is in use${who === '' ? '' : ` by ${who}`}`;
    case 'price-too-high':
      return `it costs ${money(reason.need)}, and at most ${money(reason.have)} is paid`;
    case 'too-late':
      return 'it could not be over by its deadline';
    case 'start-in-past':
      return 'the start had passed';
    case 'turns-missed':
      return 'the time that it had reserved has passed while nobody planned';
    case 'on-hold':
      return 'it is on hold until it is released';
    case 'awaiting-approval':
      return 'it waits for an approval';
    case 'not-approved':
      return reason.detail === undefined ? 'it was not approved in time' : `it was not approved: ${reason.detail}`;
    case 'waits-for-lease':
      return `it follows ${who === '' ? 'others' : who}`;
    case 'dependency-failed':
      return `what it was to follow did not end well${who === '' ? '' : `: ${who}`}`;
    case 'not-started-in-time':
      return 'it had not begun by the time it was wanted';
    case 'node-unavailable':
      return `nodes are not available${who === '' ? '' : `: ${who}`}`;
    case 'order-failed':
      return `the cluster could not carry out an order${who === '' ? '' : `: ${who}`}`;
    case 'order-overdue':
      return `the cluster has not answered an order in time${who === '' ? '' : `: ${who}`}`;
    case 'late-start-not-extended':
      return `it was ready late, and the capacity after it is taken${by}`;
    case 'cancelled':
      return 'it was cancelled';
    case 'time-over':
      return 'its time is over';
    case 'not-supported':
      return 'this kind of lease is not scheduled yet';
    case 'image-not-in-time':
      return 'its disk images cannot be on its nodes in time';
    case 'memory-on-the-way':
      return 'its saved memory has not arrived yet';
    case 'images-on-busy-nodes':
      return `its saved memory lies on nodes that are busy${who === '' ? '' : `: ${who}`}`;
  }
}

/** Of a resource, or of room for whole VMs. */
function shortage(reason: Unspoken): string {
  const { resource, need, have } = reason;
  if (resource !== null && resource !== 'nodes') return `not enough ${resource} is free${amounts(reason)}`;
  return need === null || have === null ? 'not enough capacity is free' : `there is room for ${have} of ${need} VMs`;
}

function amounts({ need, have }: Unspoken): string {
  if (need === null) return '';
  return have === null ? ` (${need} needed)` : ` (${need} needed, ${have} there)`;
}

const QUOTAS: Readonly<Record<string, string>> = { vms: 'VMs', cpu: 'cpus', advance: 'advance leases' };

/** ` (12 cpus, 8 allowed)` */
function quota({ resource, need, have }: Unspoken): string {
  if (resource === null || need === null || have === null) return '';
  return ` (${need} ${QUOTAS[resource] ?? resource}, ${have} allowed)`;
}

function span(milliseconds: number | null): string {
  return milliseconds === null ? 'nothing' : formatDuration(milliseconds);
}

/** Of millionths of a currency unit. */
export function money(parts: number | null): string {
  return parts === null ? 'nothing' : String(parts / CURRENCY_PARTS);
}

function nameOf(blocker: string): string {
  if (blocker === FOREIGN) return 'a lease of another project';
  return blocker.startsWith('node:') ? `node ${blocker.slice(5)}` : blocker;
}

/** `L1, L2, node 3 and 2 more`. */
function blockersOf({ blockers, more }: Unspoken): string {
  const names = blockers.map(nameOf);
  if (more > 0) return `${names.join(', ')} and ${more} more`;
  return names.join(', ');
}
