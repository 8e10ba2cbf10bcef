/** What is wrong with a policy: who comes first, who is admitted, what it costs. Ranges, and knobs that contradict. */

import { DURATION_MAX } from '../kit/time.js';
import { APPROVAL_PROJECTS_MAX, APPROVAL_RULES_MAX } from './approval.js';
import { type FairShare, HALF_LIFE_MIN, SHARE_MAX, SHARES_MAX, WEIGHT_MAX } from './fair-share.js';
import { VMS_MAX } from './lease.js';
import { ADMISSIONS, type Policy } from './policy.js';
import { type Pricing, RATE_MAX, SEED_MAX } from './pricing.js';
import { OWN_QUOTAS_MAX, type Quota, QUOTA_MAX } from './quotas.js';

/** A fault, and the knob that it is about. */
export interface PolicyFault {
  readonly knob: keyof Policy;
  readonly detail: string;
}

export function faultOfKnobs(policy: Policy): PolicyFault | null {
  return (
    faultOfOrder(policy) ??
    faultOfAdmission(policy) ??
    faultOfApproval(policy) ??
    faultOfPricing(policy.pricing) ??
    faultOfPrefetch(policy) ??
    faultOfVictims(policy)
  );
}

/** Whoever resumes beside others that are saved or resume may have to wait for them, and be late for his deadline. */
function faultOfVictims({ suspendExclusionAcross, victims = [] }: Policy): PolicyFault | null {
  if (!victims.includes('deadline') || !suspendExclusionAcross) return null;
  return fault(
    'victims',
    'deadline leases could come back too late: name them with suspend-exclusion-across: false only',
  );
}

function faultOfPrefetch({
  backfilling,
  imagePrefetch,
  imageReuse,
  preparation,
  startsMax,
}: Policy): PolicyFault | null {
  if (imagePrefetch && preparation === 'none') return fault('imagePrefetch', 'there are no images to be sent');
  if (imagePrefetch && imageReuse === 'none') return fault('imagePrefetch', 'nodes keep no images that are sent ahead');
  if ((startsMax ?? null) === null) return null;
  if (!whole(startsMax!, 1, VMS_MAX)) return fault('startsMax', `the starts of a node are 1 to ${VMS_MAX}`);
  return backfilling.kind === 'conservative' || backfilling.kind === 'sticky'
    ? fault('startsMax', `${backfilling.kind} backfilling promises a start that it would put off`)
    : null;
}

function faultOfOrder(policy: Policy): PolicyFault | null {
  const { queueOrder, fairShare, ageMax, ageWeight, priorityWeight } = policy;
  if (!whole(priorityWeight, 0, WEIGHT_MAX)) return fault('priorityWeight', `a weight is 0 to ${WEIGHT_MAX}`);
  if (!whole(ageWeight, 0, WEIGHT_MAX)) return fault('ageWeight', `a weight is 0 to ${WEIGHT_MAX}`);
  if (!whole(ageMax, 1, DURATION_MAX)) return fault('ageMax', 'the age that counts is more than 0');
  if (fairShare !== null) {
    const detail = faultOfFairShare(fairShare);
    if (detail !== null) return fault('fairShare', detail);
  }
  if (queueOrder === 'priority') return null;
  if (fairShare !== null) return fault('fairShare', 'there is no fair share where leases are served by arrival');
  return ageWeight > 0 ? fault('ageWeight', 'age has no weight where leases are served by arrival') : null;
}

function faultOfFairShare({ halfLife, weight, shares }: FairShare): string | null {
  if (!whole(halfLife, HALF_LIFE_MIN, DURATION_MAX)) return `a half-life is ${HALF_LIFE_MIN / 1000} seconds or more`;
  if (!whole(weight, 0, WEIGHT_MAX)) return `a weight is 0 to ${WEIGHT_MAX}`;
  const given = Object.values(shares);
  if (given.length > SHARES_MAX) return `at most ${SHARES_MAX} accounts have a share`;
  return given.every((share) => whole(share, 1, SHARE_MAX)) ? null : `a share is 1 to ${SHARE_MAX}`;
}

function faultOfAdmission({ admission, minimumNotice, quotas }: Policy): PolicyFault | null {
  if (!(ADMISSIONS as readonly string[]).includes(admission))
    return fault('admission', `admission ${admission} is not known; known are ${ADMISSIONS.join(', ')}`);
  if (!whole(minimumNotice, 0, DURATION_MAX)) return fault('minimumNotice', 'the minimum notice is a duration');
  if (admission === 'no-advance@1' && minimumNotice > 0)
    return fault('minimumNotice', 'there is no notice where advance leases are not admitted at all');
  const own = Object.values(quotas.projects ?? {});
  if (own.length > OWN_QUOTAS_MAX)
    return fault('quotas', `at most ${OWN_QUOTAS_MAX} projects have a quota of their own`);
  const limits = [quotas.user, quotas.project, ...own].flatMap((quota: Quota | null) =>
    quota === null ? [] : [quota.leases, quota.vms, quota.cpu, quota.advance],
  );
  const known = limits.every((limit) => limit === null || whole(limit, 0, QUOTA_MAX));
  return known ? null : fault('quotas', `a quota is 0 to ${QUOTA_MAX}`);
}

function faultOfApproval({ approval = [] }: Policy): PolicyFault | null {
  if (approval.length > APPROVAL_RULES_MAX) return fault('approval', `at most ${APPROVAL_RULES_MAX} rules`);
  for (const { projects = [], vmsOver = 0, cpuOver = 0, durationOver = 0 } of approval) {
    if (projects.length > APPROVAL_PROJECTS_MAX)
      return fault('approval', `a rule names at most ${APPROVAL_PROJECTS_MAX} projects`);
    if (![vmsOver, cpuOver].every((over) => whole(over, 0, QUOTA_MAX)) || !whole(durationOver, 0, DURATION_MAX))
      return fault('approval', 'a limit is a number from 0');
  }
  return null;
}

function faultOfPricing(pricing: Pricing): PolicyFault | null {
  const rates: number[] = [];
  if (pricing.kind === 'constant' || pricing.kind === 'adaptive') rates.push(pricing.rate);
  if (pricing.kind === 'random') rates.push(pricing.min, pricing.max);
  if (rates.some((rate) => !whole(rate, 0, RATE_MAX)))
    return fault('pricing', `a rate is 0 to ${RATE_MAX} millionths of a currency unit per VM-hour`);
  if (pricing.kind === 'adaptive' && pricing.rate === 0)
    return fault('pricing', 'an adaptive rate begins above 0: it would never rise');
  if (pricing.kind !== 'random') return null;
  if (pricing.min > pricing.max) return fault('pricing', 'the least rate is more than the highest');
  return whole(pricing.seed, 0, SEED_MAX) ? null : fault('pricing', `a seed is 0 to ${SEED_MAX}`);
}

function fault(knob: keyof Policy, detail: string): PolicyFault {
  return { knob, detail };
}

function whole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
