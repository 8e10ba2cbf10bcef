/** Free room over time: when as many VMs could run for as long. It names no leases. */

import type { Slot as FreeSlot } from '../../engine/index.js';
import { LEASE_DURATION, SLOTS, START_AHEAD_MAX } from '../config.js';
import type { RouteDeps, Server } from '../deps.js';
import { formatDuration, formatInstant, formatInstantOrNull } from '../formats.js';
import { pointerInRequest, termsOf } from '../lease-request.js';
import { instant } from '../lease-search.js';
import { answers } from '../openapi.js';
import { type Fault, Problem } from '../problems.js';
import { problemOfRejection } from '../rejections.js';
import type { LeaseRequest } from '../schemas/lease-request.js';
import { Slots, SlotsQuery, type SlotView } from '../schemas/slots.js';

const DAY = 86_400_000;
const NOBODY = { user: null, project: null };

export function slotRoutes(app: Server, { asking, follower, now }: RouteDeps): void {
  const schema = {
    operationId: 'listSlots',
    tags: ['leases'],
    summary: 'When there would be room for so many VMs, for so long',
    description:
      'Beside all that runs, is reserved, and waits as the forecast has it. What is found is not held for anybody: ask for ' +
      'a reservation there, or for a quote.',
    querystring: SlotsQuery,
    response: answers({ 200: ['Spans of time.', Slots] }, 'query-invalid', 'busy'),
  };
  app.get('/slots', { schema, config: { present: true } }, async (request) => {
    const { query } = request;
    // 1. What is looked for, and when.
    const present = now();
    const from = query.from === undefined ? present : Math.max(present, instant('from', query.from));
    const to = query.to === undefined ? from + SLOTS.days * DAY : instant('to', query.to);
    if (to <= from) throw wrong('to', 'must be later than from, and than now');
    if (to > present + START_AHEAD_MAX) throw wrong('to', 'lies more than five years ahead');
    const body = requestIn(query);
    const { state, nodeClasses } = follower;
    const terms = asked(() => termsOf(body, NOBODY, state.resources, nodeClasses, present, state.notes));
    // 2. What there is.
    const found = await asking.slots({ terms, from, until: to, count: query.limit ?? SLOTS.usual }, present);
    const { rejection, slots, searched, turn } = found;
    if (rejection !== null)
      asked(() => {
        throw problemOfRejection(rejection, pointerInRequest(rejection, body));
      });
    return {
      at: formatInstant(found.now),
      basedOn: turn,
      items: slots.map((slot) => slotView(slot, terms.duration)),
      next: searched < to ? formatInstant(searched) : null,
    };
  });
}

function slotView({ from, to, vmsMax, longest }: FreeSlot, duration: number): SlotView {
  return {
    from: formatInstant(from),
    to: formatInstantOrNull(to),
    latestStart: formatInstantOrNull(to === null ? null : to - duration),
    vms: vmsMax,
    longest: longest === null || longest > LEASE_DURATION.most ? null : formatDuration(longest),
  };
}

/** The lease that would be asked for. */
function requestIn({ vms, cpu, memoryMiB, diskMiB, resource, duration, where }: SlotsQuery): LeaseRequest {
  const others = (resource ?? []).map((pair) => {
    const end = pair.lastIndexOf('=');
    return [pair.slice(0, end), Number(pair.slice(end + 1))] as const;
  });
  const given = { cpu, memoryMiB, diskMiB, ...Object.fromEntries(others) };
  const resources = Object.fromEntries(Object.entries(given).filter(([, amount]) => amount !== undefined));
  if (Object.keys(resources).length === 0) throw wrong('cpu', 'is missing: what does each VM need?');
  const lasting = /^\d{1,15}$/.test(duration) ? Number(duration) : duration;
  return {
    vms: vms ?? 1,
    resources,
    duration: lasting,
    ...(where === undefined ? {} : { where: { requirements: where } }),
  };
}

/** What is wrong is said of the parameters. */
function asked<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Problem) || error.faults.length === 0) throw error;
    const faults = error.faults.map(({ pointer, detail }): Fault => ({ pointer: parameterOf(pointer), detail }));
    throw new Problem('query-invalid', `${faults[0]!.pointer.replace('query/', '')} ${faults[0]!.detail}`, faults);
  }
}

/** `/resources/cpu` is `query/cpu`, `/where/requirements` is `query/where`. */
function parameterOf(pointer: string): string {
  const [, first = '', second = ''] = pointer.split('/');
  if (first !== 'resources') return `query/${first}`;
  return `query/${Object.hasOwn(SlotsQuery.properties, second) ? second : 'resource'}`;
}

function wrong(name: string, detail: string): Problem {
  return new Problem('query-invalid', `${name} ${detail}`, [{ pointer: `query/${name}`, detail }]);
}
