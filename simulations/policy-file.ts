/** The policy from a YAML file: one table of knobs, from which the reader and the published JSON Schema both follow. */

import { DURATION_MAX, NODE_CHOICES, type Policy, POLICY_DEFAULT, RULES, VICTIM_ORDERS } from '../engine/index.js';
import { DURATION_PATTERN, durationOf } from './amounts.js';
import { parseBackfilling } from './backfilling.js';
import { mapping, parseYaml, readSettings, shown } from './yaml-file.js';

/** What a value may be, in words and as JSON Schema, and how it is read; undefined: it is not accepted. */
interface Knob<T> {
  readonly about: string;
  readonly accepts: string;
  readonly schema: Readonly<Record<string, unknown>>;
  read(value: unknown): T | undefined;
}

const WHOLE_MAX = 1_000_000_000;

const KNOBS: { readonly [K in keyof Policy]: Knob<Policy[K]> } = {
  rules: {
    about: 'The version of the rules that read these knobs.',
    accepts: `${RULES}`,
    schema: { const: RULES },
    read: (value) => (value === RULES ? RULES : undefined),
  },
  backfilling: {
    about: 'How leases behind the first waiting one are treated; intermediate:N protects the first N.',
    accepts: 'none, easy, conservative or intermediate:N',
    schema: { type: 'string', pattern: '^(none|easy|conservative|intermediate:[1-9][0-9]{0,8})$' },
    read: (value) => (typeof value === 'string' ? (parseBackfilling(value) ?? undefined) : undefined),
  },
  preemptors: {
    about: 'Which kinds of lease may preempt preemptible best-effort leases.',
    accepts: 'a list of advance, immediate',
    schema: { type: 'array', uniqueItems: true, items: { enum: ['advance', 'immediate'] } },
    read: kindsOf,
  },
  victimOrder: choice<string>('Which preemptible leases go first.', VICTIM_ORDERS),
  suspension: choice('Whether preempted leases are suspended, or stopped and queued again.', ['none', 'all']),
  suspendRate: whole('MiB a second that a node writes while suspending.', 1),
  resumeRate: whole('MiB a second that a node reads while resuming.', 1),
  suspendExclusion: choice('Whether VMs are suspended one after another on each node, or of the whole lease.', [
    'local',
    'global',
  ]),
  migration: choice('Whether a suspended lease may resume on other nodes.', ['no', 'no-transfer']),
  nodeChoice: choice<string>('Which node takes the next VM.', NODE_CHOICES),
  attemptsMax: whole('How often a best-effort lease is queued again after its orders failed.', 0),
  orderTimeout: {
    about: 'How long the cluster may take over an order beyond its plan; null: for ever.',
    accepts: 'a duration (10m, PT10M, or seconds) or null',
    schema: {
      anyOf: [
        { type: 'null' },
        { type: 'number', minimum: 0, maximum: DURATION_MAX / 1000 },
        { type: 'string', pattern: DURATION_PATTERN },
      ],
    },
    read: timeoutOf,
  },
  candidatesMax: {
    about: 'How many waiting leases are tried for backfilling in a turn; null: all.',
    accepts: `a whole number from 1 to ${WHOLE_MAX}, or null`,
    schema: { anyOf: [{ type: 'null' }, { type: 'integer', minimum: 1, maximum: WHOLE_MAX }] },
    read: (value) => (value === null || isWhole(value, 1) ? value : undefined),
  },
};

const NAMES = Object.keys(KNOBS) as readonly (keyof Policy)[];
const KEYS = new Map(NAMES.map((name) => [kebab(name), name]));

/** Reads the policy; knobs that are not mentioned are as in `base`. Throws InputError. */
export function readPolicyFile(file: string, base: Policy = POLICY_DEFAULT): Policy {
  return parsePolicy(readSettings(file), file, base);
}

export function parsePolicy(text: string, file: string, base: Policy = POLICY_DEFAULT): Policy {
  const yaml = parseYaml(text, file);
  if (yaml.value === null) return base;
  const policy: Record<string, unknown> = { ...base };
  for (const [key, given] of mapping(yaml, [], yaml.value, [...KEYS.keys()])) {
    const name = KEYS.get(key)!;
    const value = KNOBS[name].read(given);
    if (value === undefined) {
      throw yaml.fault([key], `${shown(given)} is not accepted`, `Write ${KNOBS[name].accepts}.`);
    }
    policy[name] = value;
  }
  return policy as unknown as Policy;
}

/** The JSON Schema of policy files, published as docs/policy.schema.json. */
export function policySchema(): Readonly<Record<string, unknown>> {
  const properties = NAMES.map((name) => {
    const { about, accepts, schema } = KNOBS[name];
    return [kebab(name), { description: `${about} Accepted: ${accepts}.`, ...schema, default: yamlOf(name) }];
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Leasehold policy',
    description: 'Every knob of the scheduler. Knobs that are not mentioned keep their default.',
    type: ['object', 'null'],
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  };
}

/** The default as it is written in a file. */
function yamlOf(name: keyof Policy): unknown {
  const value = POLICY_DEFAULT[name];
  return name === 'backfilling' ? POLICY_DEFAULT.backfilling.kind : value;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function choice<T extends string>(about: string, values: readonly T[]): Knob<T> {
  return {
    about,
    accepts: values.join(' or '),
    schema: { enum: values },
    read: (value) => values.find((known) => known === value),
  };
}

function whole(about: string, min: number): Knob<number> {
  return {
    about,
    accepts: `a whole number from ${min} to ${WHOLE_MAX}`,
    schema: { type: 'integer', minimum: min, maximum: WHOLE_MAX },
    read: (value) => (isWhole(value, min) ? value : undefined),
  };
}

function isWhole(value: unknown, min: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= WHOLE_MAX;
}

function kindsOf(value: unknown): Policy['preemptors'] | undefined {
  const known = ['advance', 'immediate'] as const;
  if (!Array.isArray(value) || new Set(value).size !== value.length) return undefined;
  return value.every((kind) => known.includes(kind)) ? known.filter((kind) => value.includes(kind)) : undefined;
}

function timeoutOf(value: unknown): number | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return durationOf(value) ?? undefined;
}
