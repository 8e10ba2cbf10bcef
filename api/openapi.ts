/** The OpenAPI 3.1 document, made from the routes' schemas, and the page that shows it. */

import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { PROBLEM_MEDIA_TYPE, type ProblemCode, PROBLEMS } from './problems.js';
import { NAMED } from './schemas/named.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers without a token. */
    open?: boolean;
    /** Answers these without one. */
    openTo?: (request: FastifyRequest) => boolean;
    /** Answers also while the history is being read. */
    early?: boolean;
  }
}

/** Raised with every change that clients can notice. */
const API_VERSION = '1.0.0';

/** Registers the document and the page; both learn of the routes that are added later. */
export async function documentation(app: FastifyInstance): Promise<void> {
  for (const [name, schema] of Object.entries(NAMED)) app.addSchema({ ...schema, $id: name });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Leasehold',
        description:
          'Leases virtual machines: ask for VMs of a capacity, for a time; learn what was decided, and why. Times are ' +
          'RFC 3339 in UTC, durations ISO 8601. Errors are problem documents (RFC 9457); docs/errors.md explains each code.',
        version: API_VERSION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'leases', description: 'Ask for VMs, and for the reasons of what was decided.' },
        { name: 'cluster', description: 'Nodes, and the schedule as bars.' },
        { name: 'access', description: 'Tokens, projects, users: who may do what.' },
        { name: 'log', description: 'Everything that happened, turn by turn.' },
        { name: 'operation', description: 'Is it well?' },
      ],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => String(json.$id ?? `def-${i}`) },
  });
  await app.register(async (page) => {
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true };
    });
    await page.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: { docExpansion: 'list', deepLinking: true, persistAuthorization: false },
      staticCSP: PAGE_POLICY,
    });
  });
  app.get('/v1/openapi.json', { config: { open: true }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(documentText(app)),
  );
}

/** Nothing from elsewhere: the page works without a network. */
const PAGE_POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'";

/** The document as it is committed: the same on every machine. */
export function documentText(app: FastifyInstance): string {
  return `${JSON.stringify(app.swagger(), withOptionalBodies, 2)}\n`;
}

/** A body that may be null may be left out. */
function withOptionalBodies(key: string, value: unknown): unknown {
  if (key !== 'requestBody') return value;
  const body = value as { content: Record<string, { schema: { anyOf?: readonly { type?: string }[] } }> };
  const mayBeNull = Object.values(body.content).some(({ schema }) => schema.anyOf?.some(({ type }) => type === 'null'));
  return mayBeNull ? { ...body, required: false } : value;
}

/** A schema that has a name in the document. */
export function named<T extends TSchema>(name: string): T {
  return Type.Unsafe({ $ref: `${name}#` }) as unknown as T;
}

/** Problems that any request with a token may meet. */
const ANYWHERE: readonly ProblemCode[] = [
  ...(['query-invalid', 'token-required', 'forbidden', 'rate-limited'] as const),
  ...(['internal', 'not-ready'] as const),
];

/** The answers of a route: what it answers when all is well, then the problems it may answer beside those of all. */
export function answers(
  well: Readonly<Record<number, readonly [description: string, schema: TSchema | null]>>,
  ...codes: readonly ProblemCode[]
): Record<string, unknown> {
  return documented(well, [...ANYWHERE, ...codes]);
}

/** The answers of a list, which is there in several formats. */
export function listAnswers(
  [description, schema]: readonly [string, TSchema],
  ...codes: readonly ProblemCode[]
): Record<string, unknown> {
  const all = answers({}, 'not-acceptable', 'busy', ...codes);
  const text = { schema: { type: 'string' } };
  const content = { 'application/json': { schema }, 'text/csv': text, 'application/x-ndjson': text };
  return { 200: { description, content }, ...all };
}

export const LIST_FORMATS =
  'Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. ' +
  'Later pages show what was there when the first one was read.';

/** What may be wrong with a body, beside what is asked for in it. */
export const BODY_PROBLEMS = ['json-invalid', 'body-too-large', 'media-type-unsupported', 'request-invalid'] as const;
export const WRITE_PROBLEMS = ['not-leader', 'outcome-unknown', 'store-unavailable', 'busy'] as const;

/** As `answers`, for routes that need no token. */
export function openAnswers(
  well: Readonly<Record<number, readonly [description: string, schema: TSchema | null]>>,
  ...codes: readonly ProblemCode[]
): Record<string, unknown> {
  return documented(well, ['internal', ...codes]);
}

function documented(
  well: Readonly<Record<number, readonly [string, TSchema | null]>>,
  codes: readonly ProblemCode[],
): Record<string, unknown> {
  const statuses = new Set(codes.map((code) => PROBLEMS[code].status));
  const problems = [...statuses].map((status) => [
    status,
    {
      description: codes.filter((code) => PROBLEMS[code].status === status).join(', '),
      content: { [PROBLEM_MEDIA_TYPE]: { schema: named('Problem') } },
    },
  ]);
  const successes = Object.entries(well).map(([status, [description, schema]]) => [
    status,
    schema === null ? { description } : { description, content: { 'application/json': { schema } } },
  ]);
  return Object.fromEntries([...successes, ...problems]);
}
