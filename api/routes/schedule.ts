/** The schedule as bars: what was, is and is planned, on which nodes. */

import { type Bar, barsWithin, barView, type Window } from '../bars.js';
import { type Sight, sightOf } from '../access/sight.js';
import { formatInstant } from '../formats.js';
import { instant } from '../lease-search.js';
import { answerList, type List } from '../lists.js';
import { LIST_FORMATS, listAnswers } from '../openapi.js';
import { numbersFromToken } from '../pages.js';
import { Problem } from '../problems.js';
import { Bar as BarShape, Schedule, ScheduleQuery } from '../schemas/cluster.js';
import type { Server, RouteDeps } from '../deps.js';

const HOUR = 3_600_000;

export function scheduleRoutes(app: Server, deps: RouteDeps): void {
  const schema = {
    operationId: 'readSchedule',
    tags: ['cluster'],
    summary: 'The schedule as bars',
    description:
      'Without `from` and `to`: from an hour ago until a day ahead. In order of beginning. Bars of leases that are not ' +
      `yours to know have no name. ${LIST_FORMATS}`,
    querystring: ScheduleQuery,
    response: listAnswers(['A page of bars.', Schedule]),
  };
  app.get('/schedule', { schema }, async (request, reply) => {
    const { query } = request;
    const at = deps.now();
    const [, first, last] = numbersFromToken(query.page_token, CURSOR + 1) ?? [];
    const from = first ?? (query.from === undefined ? at - HOUR : instant('from', query.from));
    const to = last ?? (query.to === undefined ? Math.max(at, from) + 24 * HOUR : instant('to', query.to));
    if (to <= from) throw wrong('to', 'must be later than from');
    const sight = sightOf(request.caller, deps.follower);
    const bars = barList(deps, { from, to, node: query.node ?? null }, sight);
    return answerList(bars, request, reply, deps, (items, nextPageToken) => ({
      at: formatInstant(at),
      from: formatInstant(from),
      to: formatInstant(to),
      items,
      nextPageToken,
    }));
  });
}

/** The window, which may follow from the time of asking, and the bar. */
const CURSOR = 5;
/** In a moment so many leases are looked at. */
const LEASES = 500;

function barList({ follower, personal }: RouteDeps, window: Window, sight: Sight): List<Bar> {
  const { records, state } = follower;
  const { from, to } = window;
  let bars: readonly Bar[] | null = null;
  return {
    item: BarShape,
    cursorLength: CURSOR,
    cursorOf: (bar) => [from, to, Math.max(0, bar.from), bar.lease.sequence, bar.index],
    view: (bar) => barView(bar, personal, sight),
    async page(after, count, inAMoment) {
      bars ??= barsWithin(records, state, window, inAMoment ? LEASES : null);
      if (bars === null || after === null) return bars?.slice(0, count) ?? null;
      return bars.filter((bar) => isAfter(bar, after.slice(2))).slice(0, count);
    },
  };
}

function isAfter(bar: Bar, [from, sequence, index]: readonly number[]): boolean {
  return (Math.max(0, bar.from) - from! || bar.lease.sequence - sequence! || bar.index - index!) > 0;
}

function wrong(name: string, detail: string): Problem {
  return new Problem('query-invalid', `${name} ${detail}`, [{ pointer: `query/${name}`, detail }]);
}
