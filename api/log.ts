/**
 * The service's own log on stderr: a line of JSON each. One a request at `info`, one a decision at `debug`. What looks like a
 * secret is taken out of every line, wherever it came from; no line can be broken, or reach into a terminal.
 */

import fastify, {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import { withoutSecrets, withoutSigned } from './access/token-text.js';
import type { Server } from './deps.js';
import type { Follower, TurnListener } from './follower.js';
import { LOG_LEVELS, type LogLevel } from './settings/table.js';
import { traceIds, traceOf } from './traces/request-traces.js';
import { parseTraceparent } from './traces/trace-context.js';

export function logOptions(level: LogLevel, write = toStderr): Pick<FastifyServerOptions, 'logger' | 'logController'> {
  return {
    logger: {
      level,
      redact: { paths: SECRET_MEMBERS, censor: REDACTED },
      serializers: { req: ({ method, url, ip }) => ({ method, path: url.split('?', 1)[0], ip }) },
      stream: { write: (line: string) => write(cleaned(line)) },
    },
    // Fastify's own two lines a request say less.
    logController: new fastify.LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
  };
}

const REDACTED = '[redacted]';
const SECRET_MEMBERS = ['authorization', 'cookie', 'token', 'secret', 'password'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.headers.${name}`,
]);

/** Tokens of ours, credentials of requests, passwords in URLs. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/lh_[A-Za-z0-9_-]{8,}/g, REDACTED],
  [/\b(Bearer|Basic)\s+[^\s"\\]+/gi, `$1 ${REDACTED}`],
  [/(:\/\/[^\s"/@:\\]{0,128}:)[^\s"/@\\]{1,512}@/g, `$1${REDACTED}@`],
];
/** JSON escapes the control characters of ASCII; these break lines, or steer terminals, too. */
const STEERING = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** O(line). */
export function cleaned(line: string): string {
  let text = withoutSigned(line, REDACTED);
  for (const [pattern, instead] of SECRETS) text = text.replace(pattern, instead);
  return text.replace(STEERING, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function toStderr(line: string): void {
  process.stderr.write(line);
}

/** Whether lines of this level are written: making them costs time. */
function isOn({ level }: FastifyBaseLogger, wanted: LogLevel): boolean {
  const levels: readonly string[] = LOG_LEVELS;
  return levels.indexOf(level) >= levels.indexOf(wanted) && level !== 'silent';
}

/** One line a request, when it has been answered. */
export function logRequests(app: Server): void {
  app.addHook('onResponse', (request, reply, done) => {
    if (isOn(request.log, 'info')) request.log.info(lineOf(request, reply), 'request completed');
    done();
  });
}

function lineOf(request: FastifyRequest, reply: FastifyReply): Record<string, unknown> {
  const { method, ip, caller } = request;
  const { subject, tokenId, how } = caller ?? {};
  const line: Record<string, unknown> = {
    method,
    path: withoutSecrets(request.url.split('?', 1)[0]!.slice(0, 200)),
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 1000) / 1000,
    ip,
  };
  if (how !== undefined && how !== 'none') Object.assign(line, { subject, ...(tokenId === null ? {} : { tokenId }) });
  const lease = leaseOf(request, reply);
  if (lease !== null) line.lease = lease;
  // A write is answered with the turn that it has led to.
  const turn =
    method === 'GET' || method === 'HEAD' ? undefined : /^"(\d+)"$/.exec(String(reply.getHeader('etag')))?.[1];
  if (turn !== undefined) line.turn = Number(turn);
  return Object.assign(line, traceIds(traceOf(request)));
}

function leaseOf({ routeOptions, params }: FastifyRequest, reply: FastifyReply): string | null {
  const created = /^\/v1\/leases\/([A-Za-z0-9-]+)$/.exec(String(reply.getHeader('location') ?? ''))?.[1];
  if (created !== undefined) return created;
  const { id } = Object(params) as { id?: unknown };
  const isLease = routeOptions.url?.startsWith('/v1/leases/:id') === true;
  // It is what the client has sent: it may be anything.
  return isLease && typeof id === 'string' ? withoutSecrets(id).slice(0, 128) : null;
}

/** One line a decision, with the trace of the lease that it is about. */
export function decisionLog(log: FastifyBaseLogger, { records }: Pick<Follower, 'records'>): TurnListener {
  const traceOfLease = (id: string) => parseTraceparent(records.inMemory(id)?.traceparent);
  return {
    before() {},
    after({ number: turn, decisions }) {
      if (!isOn(log, 'debug')) return;
      for (const one of decisions) {
        const about = 'leases' in one ? { leases: one.leases.length } : 'lease' in one ? { lease: one.lease } : {};
        const order = 'order' in one ? { order: one.order } : {};
        const trace = 'lease' in one ? traceIds(traceOfLease(one.lease)) : {};
        log.debug({ turn, decision: one.type, ...about, ...order, ...trace }, 'decision');
      }
    },
  };
}
