/** The limits as they are published: every one with its name, what is limited, and what is answered beyond it. */

import { IMAGE_LIMITS } from '../adapters/image-port.js';
import { LABELS_MAX, LEASE_DURATION, type Limits, START_AHEAD_MAX } from './config.js';
import { ITEMS_MAX, DEPTH_MAX, MEMBERS_MAX, STRING_MAX } from './json-body.js';
import type { ProblemCode } from './problems.js';
import { WEBHOOK_LIMITS } from './webhooks/limits.js';

export interface PublishedLimit {
  readonly name: string;
  readonly value: number;
  readonly unit: 'bytes' | 'characters' | 'count' | 'milliseconds' | 'per second';
  readonly about: string;
  /** What is answered beyond it; null: the connection or the stream is closed. */
  readonly problem: ProblemCode | null;
}

type Unit = PublishedLimit['unit'];

export function publishedLimits(limits: Limits): readonly PublishedLimit[] {
  const rows: readonly [string, number, Unit, string, ProblemCode | null][] = [
    ['body', limits.bodyBytes, 'bytes', 'the body of a request', 'body-too-large'],
    ['json-depth', DEPTH_MAX, 'count', 'levels in a body', 'json-invalid'],
    ['json-members', MEMBERS_MAX, 'count', 'members of an object', 'json-invalid'],
    ['json-items', ITEMS_MAX, 'count', 'items of a list', 'json-invalid'],
    ['json-string', STRING_MAX, 'characters', 'a string', 'json-invalid'],
    ['url', limits.urlLength, 'characters', 'the path and the query', 'url-too-long'],
    ['path-part', limits.urlParameterLength, 'characters', 'a part of the path, such as an id', 'route-unknown'],
    ['header', limits.headerBytes, 'bytes', 'all headers together', 'headers-too-large'],
    ['headers', limits.headersMax, 'count', 'headers', 'headers-too-large'],
    ['page-size', limits.pageSizeMax, 'count', 'items of a page', 'query-invalid'],
    ['labels', LABELS_MAX, 'count', 'labels of a lease', 'request-invalid'],
    ['lease-duration-least', LEASE_DURATION.least, 'milliseconds', 'the shortest lease', 'request-invalid'],
    ['lease-duration', LEASE_DURATION.most, 'milliseconds', 'the longest lease', 'request-invalid'],
    ['start-ahead', START_AHEAD_MAX, 'milliseconds', 'how far ahead a lease may begin', 'request-invalid'],
    ['rate', limits.rateMax / (limits.rateWindowMs / 1000), 'per second', 'requests of an address', 'rate-limited'],
    ['requests', limits.requestsMax, 'count', 'requests under way', 'busy'],
    ['commands-waiting', limits.waitingMax, 'count', 'writes that wait for their turn', 'busy'],
    ['connections', limits.connectionsMax, 'count', 'connections', null],
    ['streams', limits.streamsMax, 'count', 'streams of events', 'busy'],
    ['webhooks', WEBHOOK_LIMITS.perOwner, 'count', 'webhooks of a project, or of a user of none', 'webhook-limit'],
    ['webhooks-all', WEBHOOK_LIMITS.all, 'count', 'webhooks', 'webhook-limit'],
    ['images', IMAGE_LIMITS.countMax, 'count', 'images', 'image-limit'],
    ['answer-time', limits.answerMs, 'milliseconds', 'how long a write waits for its turn', 'outcome-unknown'],
    ['request-time', limits.requestMs, 'milliseconds', 'until a request has arrived', 'request-timeout'],
    ['header-time', limits.headersMs, 'milliseconds', 'until its headers have arrived', 'request-timeout'],
    ['keep-alive', limits.keepAliveMs, 'milliseconds', 'how long an unused connection is kept', null],
    ['idle', limits.idleMs, 'milliseconds', 'how long nothing may move on a connection', null],
  ];
  return rows.map(([name, value, unit, about, problem]) => ({ name, value, unit, about, problem }));
}
