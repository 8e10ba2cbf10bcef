/**
 * Requests made from the OpenAPI document: for each operation what it asks for, and then, mostly, with a mistake or two.
 * Values are of the schemas' shapes; where a shape says nothing of what makes sense (an id, a time), some of what does.
 */

import { Random } from '../../engine/index.js';

type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxLength?: number;
};

interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface MadeRequest {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As sent; null: none. */
  readonly body: string | null;
}

export class DocumentRequests {
  private readonly random: Random;
  /** Of twelve optional members, so many are there. */
  private richness = 0;
  private readonly operations: { path: string; method: string; operation: Operation }[];

  /** `sensible`: for the name of a member, or of an operation for its body, what means something just now, such as ids. */
  constructor(
    private readonly document: Document,
    seed: number,
    private readonly sensible: (name: string) => readonly unknown[],
  ) {
    this.random = new Random(seed);
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    );
  }

  /** The next one, of any operation. */
  next(): MadeRequest {
    const { random } = this;
    const { path, method, operation } = random.pick(this.operations);
    // 1. What the document asks for, nearly always only in part.
    const wrong = random.chance(4, 5);
    this.richness = random.pick([0, 1, 5]);
    const parameters = (operation.parameters ?? []).filter(({ required }) => required === true || random.chance(1, 3));
    const given = parameters.map((parameter) => {
      const odd = wrong && random.chance(1, 2);
      const value = odd ? this.oddText() : String(this.value(parameter.schema, parameter.name));
      return { ...parameter, value };
    });
    const [mediaType, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [null, null];
    let body = content === null ? null : this.value(content.schema, operation.operationId);
    // 2. The mistakes.
    if (wrong && body !== null) for (let n = random.below(3); n >= 0; n--) body = this.mistaken(body);
    // 3. As text.
    const url = path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const parameter = given.find((one) => one.in === 'path' && one.name === name);
      return encodeURIComponent(parameter?.value ?? '').replace(/^\.{1,2}$/, '%2e') || '%20';
    });
    const query = given
      .filter((one) => one.in === 'query')
      .map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    if (wrong && random.chance(1, 20)) query.push(`odd=${encodeURIComponent(this.oddText())}`);
    const headers = given
      .filter((one) => one.in === 'header')
      .map(({ name, value }) => [name, value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?')] as const);
    const type = wrong && random.chance(1, 40) ? this.oddText().replace(/[^\x20-\x7e]/g, '?') : mediaType;
    let text = body === null ? null : JSON.stringify(body);
    if (wrong && text !== null && random.chance(1, 25)) text = this.damaged(text);
    return {
      operation: operation.operationId,
      method,
      url: query.length === 0 ? url : `${url}?${query.join('&')}`,
      headers: { ...Object.fromEntries(headers), ...(text === null ? {} : { 'content-type': type ?? 'text/plain' }) },
      body: text,
    };
  }

  /** A value of the shape. */
  private value(schema: Schema, name: string, depth = 0): unknown {
    const { random } = this;
    if (schema.$ref !== undefined) return this.value(this.referred(schema.$ref), name, depth);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return random.pick(schema.enum);
    const sensible = this.sensible(name);
    if (sensible.length > 0 && random.chance(4, 5)) return random.pick(sensible);
    if (schema.anyOf !== undefined) return this.value(random.pick(schema.anyOf), name, depth + 1);
    switch (schema.type) {
      case 'integer':
      case 'number': {
        const least = schema.minimum ?? 0;
        return Math.min(schema.maximum ?? 1_000_000, least + random.below(random.pick([2, 5, 1_000_000])));
      }
      case 'boolean':
        return random.chance(1, 2);
      case 'array': {
        const items = (schema.minItems ?? 0) + (depth > 5 ? 0 : random.below(3));
        return Array.from({ length: items }, () => this.value(schema.items ?? {}, name, depth + 1));
      }
      case 'object':
        return this.object(schema, depth);
      case 'null':
        return null;
      default:
        return random.pick(['a', 'b-1', '', 'x'.repeat(random.below(schema.maxLength ?? 20))]);
    }
  }

  private object(schema: Schema, depth: number): unknown {
    const required = new Set(schema.required ?? []);
    const members = Object.entries(schema.properties ?? {})
      .filter(([name]) => required.has(name) || (depth < 6 && this.random.chance(this.richness, 12)))
      .map(([name, of]) => [name, this.value(of, name, depth + 1)] as const);
    const others = Object.values(schema.patternProperties ?? {})[0] ?? schema.additionalProperties;
    if (typeof others === 'object' && depth < 6)
      for (let n = this.random.below(3); n > 0; n--)
        members.push([this.random.pick(['a', 'site', 'gpu']), this.value(others, '', depth + 1)]);
    return Object.fromEntries(members);
  }

  /** `value` with one thing wrong somewhere in it. */
  private mistaken(value: unknown): unknown {
    const { random } = this;
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0 && random.chance(5, 6)) {
      const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
      const key = random.pick(Object.keys(copy));
      const kind = random.below(8);
      if (kind === 0) delete copy[key];
      else if (kind === 1) copy[random.pick(ODD_NAMES)] = random.pick(ODD);
      else copy[key] = this.mistaken(copy[key]);
      return copy;
    }
    return random.pick(ODD);
  }

  private oddText(): string {
    return String(this.random.pick(ODD_TEXTS));
  }

  /** JSON that is hardly any. */
  private damaged(text: string): string {
    const { random } = this;
    const at = random.below(text.length + 1);
    return `${text.slice(0, at)}${random.pick(['', '{', '"', ',', '\u0000', '1e400', '"a":1,"a":2', '[[[[['])}${text.slice(at + random.below(3))}`;
  }

  private referred(reference: string): Schema {
    return this.document.components.schemas[reference.split('/').at(-1)!]!;
  }
}

const ODD_TEXTS = [
  '',
  ' ',
  '-1',
  '0',
  '1e9',
  '9007199254740993',
  'null',
  'true',
  '../../etc/passwd',
  '%2e%2e%2f',
  '\u0000',
  "' OR 1=1 --",
  '<script>',
  '$(id)',
  '\u202e',
  '\ud83d\ude00',
  'x'.repeat(130),
  'x'.repeat(1_000),
  '*',
  'W/"1"',
  '"1"',
  '[]',
  '{}',
  'MTIz',
  'AAAA',
  'PT1H',
  '2026-11-21T14:00:00Z',
  '2026-13-41T25:61:61Z',
  '-P1D',
  'leases',
  '1',
  'a=b',
  'a=b,c',
];
const ODD: readonly unknown[] = [
  ...ODD_TEXTS,
  null,
  true,
  false,
  -1,
  0,
  0.5,
  -0,
  1e9,
  1e308,
  2 ** 53,
  [],
  {},
  [[]],
  [null],
  { a: {} },
  [[[[[[[[[[1]]]]]]]]]],
  { toString: 1 },
  Array.from({ length: 300 }, () => 0),
  'P1000000Y',
  '292277026596-12-04T15:30:08Z',
];
const ODD_NAMES = ['odd', '', 'constructor', 'toString', 'hasOwnProperty', 'x'.repeat(200), 'project', 'user', 'role'];
