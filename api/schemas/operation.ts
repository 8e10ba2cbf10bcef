/** How the service does, and its limits, as they are told. */

import { Type } from 'typebox';
import { PROBLEMS } from '../problems.js';
import { at, oneOf, orNull, strict } from './fields.js';

const ms = (description: string) => Type.Number({ description: `${description} (milliseconds)` });
const count = (description: string) => Type.Integer({ minimum: 0, description });
const TimesOf = (what: string) =>
  strict(
    {
      count: count('How many there have been since the start.'),
      last: ms('The last one.'),
      mean: ms('Of the last 1,024, on average.'),
      median: ms('Half of them took no longer.'),
      p99: ms('99 of 100 took no longer.'),
      max: ms('The longest.'),
    },
    { description: what },
  );

export const Diagnostics = strict({
  service: strict({
    version: Type.String(),
    node: Type.String(),
    started: at,
    uptimeSeconds: Type.Number(),
    role: oneOf(['leader', 'follower']),
    epoch: count('How often the log has been taken over.'),
    ready: Type.Boolean(),
  }),
  schedule: strict({
    turns: TimesOf('From what came in to what was decided. Only of a service that leads.'),
    queueDepth: count('Leases in the queue.'),
    backfilled: count('Leases that began while the first of the queue went on waiting, since the start.'),
    leases: Type.Array(strict({ kind: Type.String(), state: Type.String(), count: count('How many.') })),
    unplaced: Type.Array(strict({ reason: Type.String(), count: count('How many wait and hold nothing.') })),
  }),
  store: strict({
    name: Type.String({ description: 'Where the log is, without passwords.' }),
    writable: Type.Boolean(),
    turn: count('The last turn that reads know of.'),
    appends: TimesOf('Until a turn was durable. Only of a service that leads.'),
    stateAgeMs: orNull(Type.Number({ description: 'How old what is read here may be; null: nobody else writes.' })),
  }),
  requests: strict({
    underWay: count('Requests under way.'),
    waiting: count('Writes that wait for their turn.'),
    streams: count('Streams of events that are open.'),
    shed: count('Requests that were told to come again, since the start.'),
    eventLoopDelay: strict({ mean: ms('On average.'), p99: ms('99 of 100.'), max: ms('The longest.') }),
  }),
  memory: strict({
    residentBytes: count('Of the whole process.'),
    heapUsedBytes: count('Of JavaScript, in this thread.'),
    heapLimitBytes: count('Beyond this the process ends.'),
  }),
});

export const LimitPage = strict({
  items: Type.Array(
    strict({
      name: Type.String(),
      value: Type.Number(),
      unit: oneOf(['bytes', 'characters', 'count', 'milliseconds', 'per second']),
      about: Type.String(),
      problem: orNull(oneOf(Object.keys(PROBLEMS))),
    }),
  ),
});
