/** The policy from a YAML file: one table of knobs, from which the reader and the published JSON Schema both follow. */

import {
  faultOfNodeChoice,
  faultOfKnobs,
  faultOfOvercommit,
  NODE_CHOICES,
  type Overcommit,
  OVERCOMMIT_MAX,
  type Policy,
  POLICY_DEFAULT,
  RESOURCES_MAX,
  type ResourceType,
  RULES,
  SAVING_RATE_MAX,
  SAVING_RATE_MIN,
  savingRateOf,
  VICTIM_ORDERS,
} from '../engine/index.js';
import { parseBackfilling } from './backfilling.js';
import { kebab } from './kebab.js';
import { choice, duration, flag, isWhole, kinds, type Knob, WHOLE_MAX, whole } from './knob.js';
import { SERVICE_KNOBS } from './service-knobs.js';
import { mapping, parseYaml, readSettings, shown } from './yaml-file.js';

const OPTIONS_MAX = 8;

const KNOBS: { readonly [K in keyof Policy]-?: Knob<NonNullable<Policy[K]> | Extract<Policy[K], null>> } = {
  rules: {
    about: 'The version of the rules that read these knobs.',
    accepts: `${RULES}`,
    schema: { const: RULES },
    read: (value) => (value === RULES ? RULES : undefined),
  },
  backfilling: {
    about:
      'How leases behind the first waiting one are treated; intermediate:N protects the first N, sticky:N lets N hold a ' +
      'reservation that stays where it is.',
    accepts: 'none, easy, conservative, intermediate:N, sticky:N or sticky:all',
    schema: {
      type: 'string',
      pattern: '^(none|easy|conservative|intermediate:[1-9][0-9]{0,8}|sticky:(all|0|[1-9][0-9]{0,8}))$',
    },
    read: (value) => (typeof value === 'string' ? (parseBackfilling(value) ?? undefined) : undefined),
  },
  candidatesMax: {
    about: 'How many waiting leases are tried for backfilling in a turn; null: all.',
    accepts: `a whole number from 1 to ${WHOLE_MAX}, or null`,
    schema: { anyOf: [{ type: 'null' }, { type: 'integer', minimum: 1, maximum: WHOLE_MAX }] },
    read: (value) => (value === null || isWhole(value, 1) ? value : undefined),
  },
  ...SERVICE_KNOBS,
  preemptors: kinds('Which kinds of lease may preempt preemptible leases.', ['advance', 'immediate', 'deadline']),
  victims: kinds(
    'Which kinds of preemptible lease may be preempted; immediate ones only if they can be suspended, and those with a ' +
      'deadline only for others with one, while they run, and if they then still keep it.',
    ['best-effort', 'immediate', 'deadline'],
  ),
  victimOrder: choice<string>('Which preemptible leases go first.', VICTIM_ORDERS),
  victimChoice: choice('Whether the fewest victims are looked for, or they are taken in order until it suffices.', [
    'fewest',
    'in-order',
  ]),
  victimAgeMax: duration('Leases submitted longer ago are not preempted; null: however old.', true),
  deadlineExactSlack: {
    about: 'Deadline leases with at most so many times their duration are tried at their earliest start first.',
    accepts: 'a number from 0 to 1000',
    schema: { type: 'number', minimum: 0, maximum: 1000 },
    read: thousandths,
  },
  suspension: choice('Whether preempted leases are suspended (serial-only: of one VM), or stopped and queued again.', [
    'none',
    'serial-only',
    'all',
  ]),
  suspendRate: savingRate('MiB a second that a node writes while suspending.'),
  resumeRate: savingRate('MiB a second that a node reads while resuming.'),
  suspendTime: duration('How long suspending a VM takes, whatever its memory; null: as the rate says.', true),
  resumeTime: duration('How long resuming a VM takes, whatever its memory; null: as the rate says.', true),
  suspendExclusion: choice('Whether VMs are suspended one after another on each node, or of the whole lease.', [
    'local',
    'global',
  ]),
  suspendExclusionAcross: flag('Whether VMs of different leases are kept from being saved at the same time, too.'),
  estimates: choice('Whether suspensions and migrations are planned as long as they take, or as Haizea does.', [
    'exact',
    'haizea',
  ]),
  suspendAhead: flag('Whether a lease may begin before a reservation that it must be suspended for (sticky only).'),
  suspendThreshold: duration(
    'A lease begins only where it can run for so long; null: for as long as saving takes.',
    true,
  ),
  suspendThresholdFactor: {
    about: 'How much longer than saving takes a lease must be able to run: 1 is as long again.',
    accepts: 'a number from 0 to 1000',
    schema: { type: 'number', minimum: 0, maximum: 1000 },
    read: thousandths,
  },
  enactmentOverhead: duration('How long telling a node to suspend, resume or shut down a VM takes.', false),
  shutdownTime: duration('How long VMs take to shut down when their time is over.', false),
  wholeSeconds: flag('Whether durations that follow from rates are rounded up to whole seconds.'),
  migration: choice('Whether a suspended lease may resume on other nodes; no-transfer: images are on shared storage.', [
    'no',
    'yes',
    'no-transfer',
  ]),
  migrationRate: whole('Mbit a second between two nodes.', 1),
  liveMigration: choice(
    'When VMs go to other nodes without stopping: never, where asked for, or also for maintenance.',
    ['no', 'asked', 'maintenance'],
  ),
  preparation: choice('Whether disk images are sent to nodes before leases start, one transfer at a time.', [
    'none',
    'transfer',
  ]),
  imageRate: whole('Mbit a second that the repository sends.', 1),
  imageTransferTime: duration('How long sending an image takes, whatever its size; null: as the rate says.', true),
  imageTransfer: choice('Whether an image is sent once for every VM, or once for all VMs of a lease.', [
    'unicast',
    'multicast',
  ]),
  imagePiggyback: flag('Whether a lease may join a multicast of its image that has not begun.'),
  imageReuse: choice('Whether nodes keep images for later leases.', ['none', 'cache']),
  imageCacheMax: {
    about: 'How many MiB of images a node keeps; null: without limit.',
    accepts: `a whole number from 0 to ${WHOLE_MAX}, or null`,
    schema: { anyOf: [{ type: 'null' }, { type: 'integer', minimum: 0, maximum: WHOLE_MAX }] },
    read: (value) => (value === null || isWhole(value, 0) ? value : undefined),
  },
  imagePrefetch: flag('Whether images are sent ahead, while nothing else is, to where waiting leases are to begin.'),
  nodeChoice: choice<string>('Which node takes the next VM.', NODE_CHOICES),
  nodeChoiceOptions: {
    about: 'What the node choice takes: n of n-by-hosts@1, seed of random@1.',
    accepts: `options with whole numbers from 0 to ${WHOLE_MAX}, as in {n: 2}`,
    schema: {
      type: 'object',
      maxProperties: OPTIONS_MAX,
      additionalProperties: { type: 'integer', minimum: 0, maximum: WHOLE_MAX },
    },
    read: optionsOf,
  },
  packing: choice('How VMs that differ are packed: by several orders and a short search, or node after node.', [
    'search',
    'next-fit',
  ]),
  overcommit: {
    about: 'How many times a resource of a shared node may be leased, by its name; 1 where it is not named.',
    accepts: `resources with numbers from 1 to ${OVERCOMMIT_MAX / 1000}, as in {cpu: 3}`,
    schema: {
      type: 'object',
      maxProperties: RESOURCES_MAX,
      additionalProperties: { type: 'number', minimum: 1, maximum: OVERCOMMIT_MAX / 1000 },
    },
    read: ratiosOf,
  },
  startsMax: {
    about: 'Shared nodes on which so many VMs are starting take no waiting lease until they run; null: they do.',
    accepts: `a whole number from 1 to ${WHOLE_MAX}, or null`,
    schema: { anyOf: [{ type: 'null' }, { type: 'integer', minimum: 1, maximum: WHOLE_MAX }] },
    read: (value) => (value === null || isWhole(value, 1) ? value : undefined),
  },
  attemptsMax: whole('How often a best-effort lease is queued again after its orders failed.', 0),
  orderTimeout: duration('How long the cluster may take over an order beyond its plan; null: for ever.', true),
};

const NAMES = Object.keys(KNOBS) as readonly (keyof Policy)[];
/** Knobs by their name in files. */
const KEYS: ReadonlyMap<string, keyof Policy> = new Map(NAMES.map((name) => [kebab(name), name]));

/** Reads the policy for a site of these resources; knobs that are not mentioned are as in `base`. Throws InputError. */
export function readPolicyFile(file: string, base: Policy, resources: readonly ResourceType[]): Policy {
  return parsePolicy(readSettings(file), file, base, resources);
}

export function parsePolicy(
  text: string,
  file: string,
  base: Policy = POLICY_DEFAULT,
  resources: readonly ResourceType[] = [],
): Policy {
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
  leaveOutEmpty(policy);
  const { nodeChoice, nodeChoiceOptions } = policy as unknown as Policy;
  const fault = faultOfNodeChoice(nodeChoice, nodeChoiceOptions);
  if (fault !== null) throw yaml.fault(['node-choice-options'], fault, 'Change the options, or the node choice.');
  const excess = faultOfOvercommit((policy as unknown as Policy).overcommit ?? {}, resources);
  if (excess !== null) throw yaml.fault(['overcommit'], excess, 'Change it, or the site.');
  const wrong = faultOfKnobs(policy as unknown as Policy);
  if (wrong !== null) throw yaml.fault([kebab(wrong.knob)], wrong.detail, 'Change it, or the knob that it depends on.');
  return policy as unknown as Policy;
}

/** What came later than logs that are still read is left out where it says nothing: they began with policies without it. */
export function leaveOutEmpty(policy: Record<string, unknown>): void {
  const { approval } = policy as Partial<Policy>;
  if (approval === undefined || approval.length === 0) delete policy.approval;
}

/** One knob as it is written in a file: its name and value, or what is accepted. Null: there is no such knob. */
export function readKnob(
  key: string,
  given: unknown,
): { readonly name: keyof Policy; readonly value: unknown; readonly accepts: string } | null {
  const name = KEYS.get(key);
  if (name === undefined) return null;
  const { read, accepts } = KNOBS[name];
  return { name, value: read(given), accepts };
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
  if (name === 'backfilling') return POLICY_DEFAULT.backfilling.kind;
  if (name === 'approval') return [];
  if (name === 'ageMax') return POLICY_DEFAULT.ageMax / 1000;
  const inThousandths = name === 'suspendThresholdFactor' || name === 'deadlineExactSlack';
  return inThousandths ? POLICY_DEFAULT[name] / 1000 : value;
}

function optionsOf(value: unknown): Readonly<Record<string, number>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const options = Object.entries(value);
  if (options.length > OPTIONS_MAX || options.some(([, option]) => !isWhole(option, 0))) return undefined;
  return Object.fromEntries(options) as Readonly<Record<string, number>>;
}

function ratiosOf(value: unknown): Overcommit | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const ratios = Object.entries(value).map(([name, ratio]) => [name, thousandths(ratio)] as const);
  if (ratios.length > RESOURCES_MAX) return undefined;
  const known = ratios.every(([, ratio]) => ratio !== undefined && ratio >= 1000 && ratio <= OVERCOMMIT_MAX);
  return known ? (Object.fromEntries(ratios) as Overcommit) : undefined;
}

/** To three decimals. */
function savingRate(about: string): Knob<number> {
  return {
    about,
    accepts: `a number from ${SAVING_RATE_MIN} to ${SAVING_RATE_MAX}`,
    schema: { type: 'number', minimum: SAVING_RATE_MIN, maximum: SAVING_RATE_MAX },
    read: (value) => savingRateOf(value) ?? undefined,
  };
}

function thousandths(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= 1000 ? Math.round(value * 1000) : undefined;
}
