/**
 * Checks requests against their schemas, exactly: nothing is coerced, removed or filled in. Text of URLs is read as the
 * number or truth value that its schema asks for. Every fault is named by its place.
 */

import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { escapePointer } from './json-body.js';
import { type Fault, FAULTS_MAX, Problem } from './problems.js';
import { LEASE_KINDS } from './schemas/lease.js';
import { StartAdvance, StartBestEffort, StartDeadline, StartImmediate } from './schemas/lease-request.js';
import { NAMED } from './schemas/named.js';

export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const whole = named(schema);
  const validator = Compile(whole);
  const place = httpPart === undefined ? '' : PLACES[httpPart];
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : fromText(whole, given);
    if (validator.Check(value)) return { value };
    return { error: problemOf(faultsOf(validator.Errors(value) as unknown as SchemaError[], value), place ?? '') };
  };
};

/** How pointers into the parts of a request begin. */
const PLACES: Readonly<Record<string, string>> = { body: '', querystring: 'query', params: 'path', headers: 'header' };

/** The part of a JSON Schema error that is used here. */
interface SchemaError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Schemas with a name are referred to by it in the routes. */
function named(schema: TSchema): TSchema {
  const reference = (schema as { $ref?: string }).$ref?.replace(/#$/, '');
  return reference === undefined ? schema : NAMED[reference]!;
}

function fromText(schema: TSchema, given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {};
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => [name, readText(properties[name]?.type, text)]),
  );
}

function readText(type: string | undefined, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  if (type === 'array') return [text];
  if (type === 'integer' && /^(0|[1-9]\d{0,15})$/.test(text)) return Number(text);
  if (type === 'number' && /^(0|[1-9]\d{0,15})(\.\d{1,15})?$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function problemOf(faults: readonly Fault[], place: string): Problem {
  const located = faults.map(({ pointer, detail }) => ({ pointer: `${place}${pointer}`.slice(0, 200), detail }));
  const [first] = located;
  const detail = first === undefined ? 'it does not have the expected shape' : `${first.pointer} ${first.detail}`;
  return new Problem(place === '' ? 'request-invalid' : 'query-invalid', detail.trim(), located);
}

/** One fault a member. The errors of alternatives say little: those are looked at again, as what they are meant to be. */
function faultsOf(errors: readonly SchemaError[], value: unknown): Fault[] {
  const faults = new Map<string, Fault>();
  const add = (fault: Fault): void => {
    if (!faults.has(fault.pointer) && faults.size < FAULTS_MAX) faults.set(fault.pointer, fault);
  };
  for (const error of errors) {
    if (!error.schemaPath.includes('/anyOf/') && error.keyword !== 'anyOf') faultsOfError(error).forEach(add);
    else if (error.instancePath.startsWith('/start')) faultsOfStart((value as { start: unknown }).start).forEach(add);
    else add({ pointer: error.instancePath, detail: 'must be text like PT1H30M or 1h30m, or a number of seconds' });
  }
  return [...faults.values()];
}

const STARTS = [StartBestEffort, StartImmediate, StartAdvance, StartDeadline];

function faultsOfStart(start: unknown): Fault[] {
  if (typeof start !== 'object' || start === null) return [{ pointer: '/start', detail: 'must be object' }];
  const { kind } = start as { kind?: unknown };
  const schema = STARTS.find((one) => one.properties.kind.const === kind);
  if (schema === undefined) return [{ pointer: '/start/kind', detail: `must be one of ${LEASE_KINDS.join(', ')}` }];
  const errors = Compile(schema as TSchema).Errors(start) as unknown as SchemaError[];
  return errors.flatMap(faultsOfError).map(({ pointer, detail }) => ({ pointer: `/start${pointer}`, detail }));
}

/** Patterns that people meet, as they would say them. */
const IN_WORDS: Readonly<Record<string, string>> = {
  '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$':
    'must be of small letters, digits and hyphens, with neither end a hyphen, 63 at most',
  '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$':
    'must be of small letters, digits, hyphens, points and underscores, with a letter or digit at both ends, 63 at most',
  '^[0-9a-f]{64}$': 'must be 64 hexadecimal digits, in small letters',
};

function faultsOfError(error: SchemaError): Fault[] {
  const pointer = error.instancePath;
  switch (error.keyword) {
    case 'required':
      return (error.params.requiredProperties as readonly string[]).map((name) => ({
        pointer: `${pointer}/${escapePointer(name)}`,
        detail: 'is missing',
      }));
    case 'boolean':
      return [{ pointer, detail: 'is not known here' }];
    case 'additionalProperties':
      return [];
    case 'pattern':
      return [{ pointer, detail: IN_WORDS[String(error.params.pattern)] ?? error.message }];
    default:
      return [{ pointer, detail: error.message }];
  }
}
