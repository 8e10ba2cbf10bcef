/** Every error that the API can answer: one table of codes, and the body that RFC 9457 asks for. */

import { withoutSecrets } from './access/token-text.js';

interface Kind {
  readonly status: number;
  readonly title: string;
  /** Seconds after which trying again makes sense; absent where it makes none. */
  readonly retryAfter?: number;
}

/** Codes are stable: clients branch on them. Each has its paragraph in docs/errors.md. */
export const PROBLEMS = {
  'http-invalid': { status: 400, title: 'Not an HTTP request' },
  'json-invalid': { status: 400, title: 'Body is not acceptable JSON' },
  'query-invalid': { status: 400, title: 'Parameter or header is not valid' },
  'token-misplaced': { status: 400, title: 'A token was sent where it must not be' },
  'token-required': { status: 401, title: 'A valid token is required' },
  forbidden: { status: 403, title: 'Not allowed' },
  'lease-unknown': { status: 404, title: 'No such lease' },
  'token-unknown': { status: 404, title: 'No such token' },
  'project-unknown': { status: 404, title: 'No such project' },
  'node-unknown': { status: 404, title: 'No such node' },
  'window-unknown': { status: 404, title: 'No such maintenance window' },
  'webhook-unknown': { status: 404, title: 'No such webhook' },
  'image-unknown': { status: 404, title: 'No such image' },
  'network-unknown': { status: 404, title: 'No such network' },
  'what-if-unknown': { status: 404, title: 'No such what-if' },
  'route-unknown': { status: 404, title: 'No such resource' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'Not in a format that you accept' },
  'request-timeout': { status: 408, title: 'The request did not arrive in time' },
  'lease-infeasible': { status: 409, title: 'The lease cannot be had' },
  'lease-over': { status: 409, title: 'The lease is over' },
  'lease-state': { status: 409, title: 'The lease is not in a state for that' },
  'change-infeasible': { status: 409, title: 'The lease cannot be changed so' },
  'project-exists': { status: 409, title: 'There is a project of that name' },
  'project-in-use': { status: 409, title: 'The project is not empty' },
  'node-in-use': { status: 409, title: 'Leases on the node are in the way' },
  'node-exists': { status: 409, title: 'There is a node of this name' },
  'quote-stale': { status: 409, title: 'The quote does not hold any more' },
  'node-state': { status: 409, title: 'The node is not in a state for that' },
  'webhook-limit': { status: 409, title: 'There are too many webhooks' },
  'webhook-state': { status: 409, title: 'The webhook is not in a state for that' },
  'image-exists': { status: 409, title: 'There is an image of that name' },
  'image-in-use': { status: 409, title: 'Leases use the image' },
  'image-limit': { status: 409, title: 'There are too many images' },
  'image-not-ready': { status: 409, title: 'The image is not there yet' },
  'image-state': { status: 409, title: 'The image is not in a state for that' },
  'network-exists': { status: 409, title: 'There is a network of that name' },
  'network-in-use': { status: 409, title: 'Leases are on the network' },
  'network-limit': { status: 409, title: 'There are too many networks' },
  'policy-refused': { status: 409, title: 'The policy cannot be adopted here and now' },
  stale: { status: 412, title: 'It has changed since you read it' },
  'body-too-large': { status: 413, title: 'Body too large' },
  'url-too-long': { status: 414, title: 'URL too long' },
  'media-type-unsupported': { status: 415, title: 'Media type not supported' },
  'request-invalid': { status: 422, title: 'The request is not valid' },
  'policy-invalid': { status: 422, title: 'The policy is not valid' },
  'start-in-past': { status: 422, title: 'The start lies in the past' },
  'key-reused': { status: 422, title: 'Idempotency key was used for another request' },
  'rate-limited': { status: 429, title: 'Too many requests', retryAfter: 1 },
  'headers-too-large': { status: 431, title: 'Headers too large' },
  internal: { status: 500, title: 'Internal error' },
  'host-unreachable': { status: 502, title: 'The host does not answer' },
  'outcome-unknown': { status: 503, title: 'It is not known whether the request was carried out', retryAfter: 1 },
  'store-unavailable': { status: 503, title: 'The log cannot be written', retryAfter: 5 },
  busy: { status: 503, title: 'Too much to do', retryAfter: 1 },
  'issuer-unavailable': { status: 503, title: 'The issuer of the token does not answer', retryAfter: 5 },
  'not-leader': { status: 503, title: 'Another service leads', retryAfter: 1 },
  'not-ready': { status: 503, title: 'Not ready', retryAfter: 1 },
} as const satisfies Readonly<Record<string, Kind>>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one member of the request. */
export interface Fault {
  /** JSON pointer into the body, or `query/<name>`, `header/<name>`. */
  readonly pointer: string;
  readonly detail: string;
}

/** At most this many faults are listed. */
export const FAULTS_MAX = 20;

/** Thrown anywhere under a route; the server's error handler turns it into the answer. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];
  /** Further members of the body. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    code: ProblemCode,
    detail: string,
    faults: readonly Fault[] = [],
    more: Readonly<Record<string, unknown>> = {},
    /** Seconds after which trying again makes sense, where that is not always the same. */
    private readonly wait: number | null = null,
  ) {
    super(detail);
    this.code = code;
    this.faults = faults.slice(0, FAULTS_MAX);
    this.more = more;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  get retryAfter(): number | null {
    const kind: Kind = PROBLEMS[this.code];
    return this.wait ?? kind.retryAfter ?? null;
  }
}

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The body of `problem`. `instance` is the path asked for, without its query: that may hold what must not be logged. */
export function problemBody(problem: Problem, instance: string, requestId: string): Record<string, unknown> {
  return {
    type: `urn:leasehold:problem:${problem.code}`,
    title: PROBLEMS[problem.code].title,
    status: problem.status,
    code: problem.code,
    detail: withoutSecrets(problem.message),
    instance: withoutSecrets(instance),
    requestId,
    retryable: problem.retryAfter !== null,
    errors: problem.faults.map(({ pointer, detail }) => ({
      pointer: withoutSecrets(pointer),
      detail: withoutSecrets(detail),
    })),
    ...problem.more,
  };
}

/** For messages: what the client sent, cut to a length that is safe to repeat. */
export function quoted(text: string): string {
  const shown = text.length > 100 ? `${text.slice(0, 97)}...` : text;
  return JSON.stringify(shown);
}
