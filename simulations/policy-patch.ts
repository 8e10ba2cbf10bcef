/**
 * Policies over HTTP: written as in a policy file, and changed knob by knob, as a merge patch on the policy that is in
 * force.
 */

import {
  type ApprovalRule,
  CURRENCY_PARTS,
  faultOfKnobs,
  faultOfNodeChoice,
  faultOfOvercommit,
  type Policy,
  POLICY_DEFAULT,
  type Pricing,
  type Quota,
  type Quotas,
  type ResourceType,
} from '../engine/index.js';
import { writtenBackfilling } from './backfilling.js';
import { kebab } from './kebab.js';
import { leaveOutEmpty, readKnob } from './policy-file.js';
import { formatDuration } from './written-times.js';

/** What is wrong with a knob: the pointer names it as it is written. */
export interface KnobFault {
  readonly pointer: string;
  readonly detail: string;
}

export type Patched = { readonly policy: Policy } | { readonly faults: readonly KnobFault[] };

/**
 * The policy with these knobs, each as a policy file has it, and read as one: null is a value where the knob has such a
 * value, and the default where it has none. Knobs that are not named stay. All faults are told at once.
 */
export function patchedPolicy(
  base: Policy,
  patch: Readonly<Record<string, unknown>>,
  resources: readonly ResourceType[],
): Patched {
  const policy: Record<string, unknown> = { ...base };
  const faults: KnobFault[] = [];
  for (const [key, given] of Object.entries(patch)) {
    const knob = readKnob(key, given);
    if (knob === null) faults.push({ pointer: `/${key.slice(0, 64)}`, detail: 'is no knob of a policy' });
    else if (knob.value !== undefined) policy[knob.name] = knob.value;
    else if (given === null) policy[knob.name] = POLICY_DEFAULT[knob.name];
    else faults.push({ pointer: `/${key}`, detail: `must be ${knob.accepts}` });
  }
  if (faults.length > 0) return { faults };
  // What single projects may have is no knob: it is theirs, whatever all others may.
  const { projects } = base.quotas;
  leaveOutEmpty(policy);
  if (projects !== undefined) policy.quotas = { ...(policy.quotas as Quotas), projects };
  const made = policy as unknown as Policy;
  const fault = faultOf(made, resources);
  return fault === null ? { policy: made } : { faults: [fault] };
}

/** Knobs that contradict each other, or the site. */
function faultOf(policy: Policy, resources: readonly ResourceType[]): KnobFault | null {
  const choice = faultOfNodeChoice(policy.nodeChoice, policy.nodeChoiceOptions);
  if (choice !== null) return { pointer: '/node-choice-options', detail: choice };
  const excess = faultOfOvercommit(policy.overcommit ?? {}, resources);
  if (excess !== null) return { pointer: '/overcommit', detail: excess };
  const knob = faultOfKnobs(policy);
  return knob === null ? null : { pointer: `/${kebab(knob.knob)}`, detail: knob.detail };
}

/** The policy as a policy file has it, all knobs: what `patchedPolicy` reads as the same. */
export function writtenPolicy(policy: Policy): Record<string, unknown> {
  const names = Object.keys(POLICY_DEFAULT) as (keyof Policy)[];
  for (const name of Object.keys(policy) as (keyof Policy)[]) if (!names.includes(name)) names.push(name);
  if (!names.includes('approval')) names.push('approval');
  return Object.fromEntries(names.map((name) => [kebab(name), written(policy, name)]));
}

const DURATIONS: ReadonlySet<keyof Policy> = new Set<keyof Policy>([
  'ageMax',
  'minimumNotice',
  'victimAgeMax',
  'suspendTime',
  'resumeTime',
  'suspendThreshold',
  'enactmentOverhead',
  'shutdownTime',
  'imageTransferTime',
  'orderTimeout',
]);

function written(policy: Policy, name: keyof Policy): unknown {
  const value = policy[name] === undefined ? POLICY_DEFAULT[name] : policy[name];
  if (DURATIONS.has(name)) return value === null ? null : formatDuration(value as number);
  switch (name) {
    case 'backfilling':
      return writtenBackfilling(policy.backfilling);
    case 'deadlineExactSlack':
    case 'suspendThresholdFactor':
      return policy[name] / 1000;
    case 'fairShare':
      return policy.fairShare === null ? null : writtenShare(policy.fairShare);
    case 'quotas':
      return { user: writtenQuota(policy.quotas.user), project: writtenQuota(policy.quotas.project) };
    case 'approval':
      return (policy.approval ?? []).map(writtenRule);
    case 'pricing':
      return writtenPricing(policy.pricing);
    case 'overcommit':
      return Object.fromEntries(Object.entries(policy.overcommit ?? {}).map(([each, ratio]) => [each, ratio / 1000]));
    default:
      return value;
  }
}

function writtenShare({ by, halfLife, weight, shares }: NonNullable<Policy['fairShare']>): Record<string, unknown> {
  return { by, 'half-life': formatDuration(halfLife), weight, shares: { ...shares } };
}

function writtenQuota(quota: Quota | null): Record<string, unknown> | null {
  return quota === null ? null : { ...quota, cpu: quota.cpu === null ? null : quota.cpu / 1000 };
}

function writtenRule({ vmsOver, cpuOver, durationOver, ...who }: ApprovalRule): Record<string, unknown> {
  return {
    ...who,
    ...(vmsOver === undefined ? {} : { 'vms-over': vmsOver }),
    ...(cpuOver === undefined ? {} : { 'cpu-over': cpuOver / 1000 }),
    ...(durationOver === undefined ? {} : { 'duration-over': formatDuration(durationOver) }),
  };
}

function writtenPricing(pricing: Pricing): Record<string, unknown> {
  const { kind } = pricing;
  if (kind === 'constant' || kind === 'adaptive') return { kind, rate: pricing.rate / CURRENCY_PARTS };
  if (kind === 'random')
    return { kind, min: pricing.min / CURRENCY_PARTS, max: pricing.max / CURRENCY_PARTS, seed: pricing.seed };
  return { kind };
}
