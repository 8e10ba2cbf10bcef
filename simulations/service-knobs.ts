/** Knobs of the policy about service: who comes first, who is admitted, what it costs. */

import {
  ADMISSIONS,
  APPROVAL_PROJECTS_MAX,
  APPROVAL_RULES_MAX,
  type ApprovalRule,
  CURRENCY_PARTS,
  type Policy,
  type Pricing,
  QUOTA_MAX,
  type Quota,
  RATE_MAX,
  SEED_MAX,
  SHARE_MAX,
  SHARES_MAX,
} from '../engine/index.js';
import { kebab } from './kebab.js';
import { choice, duration, kinds, type Knob, WHOLE_MAX, whole } from './knob.js';

type ServiceKnob =
  | 'queueOrder'
  | 'priorityWeight'
  | 'ageWeight'
  | 'ageMax'
  | 'fairShare'
  | 'admission'
  | 'minimumNotice'
  | 'approval'
  | 'quotas'
  | 'pricing';

const weight = whole('Points for a thousandth of the fair-share factor.', 0);
const rate: Knob<number> = {
  about: '',
  accepts: `a rate per VM-hour from 0 to ${RATE_MAX / CURRENCY_PARTS}`,
  schema: { type: 'number', minimum: 0, maximum: RATE_MAX / CURRENCY_PARTS },
  read: (value) => numberIn(value, RATE_MAX / CURRENCY_PARTS, CURRENCY_PARTS),
};
const seed: Knob<number> = {
  about: '',
  accepts: `a whole number from 0 to ${SEED_MAX}`,
  schema: { type: 'integer', minimum: 0, maximum: SEED_MAX },
  read: (value) => (Number.isInteger(value) ? numberIn(value, SEED_MAX, 1) : undefined),
};

const quota = orNull(
  mapping<Quota>('', { leases: limit(1), vms: limit(1), cpu: limit(1000), advance: limit(1) }, true),
);

const PRICINGS: readonly Knob<Pricing>[] = [
  mapping<Pricing>('', { kind: constant('free') }),
  mapping<Pricing>('', { kind: constant('constant'), rate }),
  mapping<Pricing>('', { kind: constant('random'), min: rate, max: rate, seed }),
  mapping<Pricing>('', { kind: constant('maximum') }),
  mapping<Pricing>('', { kind: constant('adaptive'), rate }),
];

export const SERVICE_KNOBS: { readonly [K in ServiceKnob]: Knob<NonNullable<Policy[K]> | Extract<Policy[K], null>> } = {
  queueOrder: choice('The order in which waiting leases are served: as they came, or by effective priority first.', [
    'arrival',
    'priority',
  ]),
  priorityWeight: whole("Points of effective priority for each step of a lease's own priority.", 0),
  ageWeight: whole('Points of effective priority for each thousandth of age-max that a lease has been here.', 0),
  ageMax: duration('The age from which on a lease gets no more points for it.', false),
  fairShare: orNull(
    mapping('Points for accounts that had less than their share; null: none.', {
      by: choice('Whose usage counts together.', ['user', 'project']),
      halfLife: duration('After this time usage counts half.', false),
      weight,
      shares: shares(),
    }),
  ),
  admission: choice<string>('Which leases are turned away before they are scheduled.', ADMISSIONS),
  minimumNotice: duration('How long before its start an advance lease must be asked for.', false),
  approval: approvalRules(),
  quotas: mapping(
    'How much a user, or a project, may have of all leases that are not over; null, or left out: no limit.',
    { user: quota, project: quota },
    true,
  ),
  pricing: {
    about: 'What leases cost; rates are in currency units per VM-hour, with up to six decimals.',
    accepts: PRICINGS.map(({ accepts }) => accepts).join('; or '),
    schema: { anyOf: PRICINGS.map(({ schema }) => schema) },
    read: (value) => PRICINGS.map((kind) => kind.read(value)).find((read) => read !== undefined),
  },
};

/** Of each rule only what is given is kept. */
function approvalRules(): Knob<readonly ApprovalRule[]> {
  const rule = mapping<{ readonly [K in keyof Required<ApprovalRule>]: Required<ApprovalRule>[K] | null }>(
    '',
    {
      kinds: orNull(kinds('', ['best-effort', 'immediate', 'advance', 'deadline'])),
      projects: orNull(projects()),
      vmsOver: limit(1),
      cpuOver: limit(1000),
      durationOver: duration('', true),
    },
    true,
  );
  return {
    about:
      'Leases that wait until they are approved: those of which all that a rule names is true. None: no lease does.',
    accepts: `a list of at most ${APPROVAL_RULES_MAX} rules, each ${rule.accepts}`,
    schema: { type: 'array', maxItems: APPROVAL_RULES_MAX, items: rule.schema },
    read: (value) => {
      if (!Array.isArray(value) || value.length > APPROVAL_RULES_MAX) return undefined;
      const read = value.map((one) => rule.read(one));
      if (read.some((one) => one === undefined)) return undefined;
      return read.map((one) => Object.fromEntries(Object.entries(one!).filter(([, given]) => given !== null)));
    },
  };
}

function projects(): Knob<readonly string[]> {
  const most = APPROVAL_PROJECTS_MAX;
  return {
    about: '',
    accepts: `a list of 1 to ${most} projects`,
    schema: { type: 'array', minItems: 1, maxItems: most, items: { type: 'string', minLength: 1, maxLength: 64 } },
    read: (value) => {
      if (!Array.isArray(value) || value.length < 1 || value.length > most) return undefined;
      return value.every((one) => typeof one === 'string' && one.length >= 1 && one.length <= 64) ? value : undefined;
    },
  };
}

/** A mapping with these keys, all of them, or (`sparse`) some: the others are null then. */
function mapping<T extends object>(
  about: string,
  knobs: { readonly [K in keyof T]?: Knob<T[K]> },
  sparse = false,
): Knob<T> {
  const members = Object.entries(knobs).map(([name, knob]) => [name, kebab(name), knob as Knob<unknown>] as const);
  const words = members.map(([, key, { accepts }]) => `${key} (${accepts})`);
  return {
    about,
    accepts: `a mapping of ${words.join(', ')}`,
    schema: {
      type: 'object',
      additionalProperties: false,
      required: sparse ? [] : members.map(([, key]) => key),
      properties: Object.fromEntries(members.map(([, key, { schema }]) => [key, schema])),
    },
    read: (value) => {
      const given = entriesOf(value);
      if (given === undefined || [...given.keys()].some((key) => members.every(([, known]) => known !== key)))
        return undefined;
      const member = (key: string) => (sparse && !given.has(key) ? null : given.get(key));
      const read = members.map(([name, key, knob]) => [name, knob.read(member(key))] as const);
      return read.every(([, one]) => one !== undefined) ? (Object.fromEntries(read) as T) : undefined;
    },
  };
}

function orNull<T>({ about, accepts, schema, read }: Knob<T>): Knob<T | null> {
  return {
    about,
    accepts: `null or ${accepts}`,
    schema: { anyOf: [{ type: 'null' }, schema] },
    read: (value) => (value === null ? null : read(value)),
  };
}

function constant<T extends string>(word: T): Knob<T> {
  return choice('', [word]);
}

/** Null: no limit. `parts` make one. */
function limit(parts: number): Knob<number | null> {
  const most = Math.min(WHOLE_MAX, QUOTA_MAX / parts);
  return orNull({
    about: '',
    accepts: `a ${parts === 1 ? 'whole ' : ''}number from 0 to ${most}`,
    schema: { type: parts === 1 ? 'integer' : 'number', minimum: 0, maximum: most },
    read: (value) => (parts > 1 || Number.isInteger(value) ? numberIn(value, most, parts) : undefined),
  });
}

function shares(): Knob<Readonly<Record<string, number>>> {
  return {
    about: '',
    accepts: `a mapping of accounts to whole numbers from 1 to ${SHARE_MAX}`,
    schema: {
      type: 'object',
      maxProperties: SHARES_MAX,
      additionalProperties: { type: 'integer', minimum: 1, maximum: SHARE_MAX },
    },
    read: (value) => {
      const given = entriesOf(value);
      if (given === undefined || given.size > SHARES_MAX) return undefined;
      const all = [...given.values()].every((share) => Number.isInteger(share) && isIn(share, 1, SHARE_MAX));
      return all ? (Object.fromEntries(given) as Record<string, number>) : undefined;
    },
  };
}

function entriesOf(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}

/** A number up to `most`, as a whole number of parts. */
function numberIn(value: unknown, most: number, parts: number): number | undefined {
  return isIn(value, 0, most) ? Math.round(value * parts) : undefined;
}

function isIn(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}
