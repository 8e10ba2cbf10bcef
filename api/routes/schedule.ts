/** The schedule as bars: what was, is and is planned, on which nodes. */

import { type Bar, barsWithin, barView } from '../bars.js';
import { LIMITS } from '../config.js';
import { FormatError, formatInstant, parseInstant } from '../formats.js';
import { answers } from '../openapi.js';
import { numbersFromToken, pageOf } from '../pages.js';
import { Problem } from '../problems.js';
import { Schedule, ScheduleQuery } from '../schemas/cluster.js';
import type { Server, ServerDeps } from '../deps.js';

const HOUR = 3_600_000;

export function scheduleRoutes(app: Server, { follower, personal, now }: ServerDeps): void {
  const schema = {
    operationId: 'readSchedule',
    tags: ['cluster'],
    summary: 'The schedule as bars',
    description: 'Without `from` and `to`: from an hour ago until a day ahead. In order of beginning.',
    querystring: ScheduleQuery,
    response: answers({ 200: ['A page of bars.', Schedule] }),
  };
  app.get('/schedule', { schema }, async (request, reply) => {
    const { query } = request;
    const { node = null, page_size: size = LIMITS.pageSize, page_token: token } = query;
    const at = now();
    const from = query.from === undefined ? at - HOUR : instant('from', query.from);
    const to = query.to === undefined ? Math.max(at, from) + 24 * HOUR : instant('to', query.to);
    if (to <= from) throw wrong('to', 'must be later than from');
    const bars = barsWithin(follower.records, follower.state, { from, to, node });
    const after = numbersFromToken(token, 3);
    const rest = after === null ? bars : bars.filter((bar) => isAfter(bar, after));
    const page = pageOf(rest, size, (bar) => [bar.from, bar.lease.sequence, bar.index], request, reply);
    return {
      at: formatInstant(at),
      from: formatInstant(from),
      to: formatInstant(to),
      items: page.items.map((bar) => barView(bar, personal)),
      nextPageToken: page.nextPageToken,
    };
  });
}

function isAfter(bar: Bar, [from, sequence, index]: readonly number[]): boolean {
  return (bar.from - from! || bar.lease.sequence - sequence! || bar.index - index!) > 0;
}

function instant(name: string, text: string): number {
  try {
    return parseInstant(text);
  } catch (error) {
    if (error instanceof FormatError) throw wrong(name, error.message);
    throw error;
  }
}

function wrong(name: string, detail: string): Problem {
  return new Problem('query-invalid', `${name} ${detail}`, [{ pointer: `query/${name}`, detail }]);
}
