/** The policy that a configuration of Haizea stands for. */

import { type Backfilling, CURRENCY_PARTS, type Policy, POLICY_DEFAULT, type Pricing } from '../../engine/index.js';
import type { HaizeaConfig } from './config.js';

const DAY = 24 * 3600 * 1000;
/** Haizea leaves leases alone that were submitted longer ago. */
const VICTIM_AGE_MAX = 7 * DAY;

const MIGRATION = { no: 'no', yes: 'yes', 'yes-notransfer': 'no-transfer' } as const;
const ADMISSION = { 'accept-all': 'accept-all@1', 'no-ARs': 'no-advance@1' } as const;
/** Where an adaptive rate begins to learn, if the configuration gives none. */
const ADAPTIVE_RATE = 1;
const NODE_CHOICE = { greedy: 'greedy@1', 'no-policy': 'first@1' } as const;

/** Haizea's own ways (sticky reservations, victims in order, estimates, next fit) with the values of the configuration. */
export function policyOf(config: HaizeaConfig): Policy {
  const { general, pricing, scheduling, simulation } = config;
  const deploy = config['deploy-imagetransfer'];
  return {
    ...POLICY_DEFAULT,
    backfilling: backfillingOf(scheduling),
    queueOrder: 'arrival',
    admission: ADMISSION[scheduling['policy-admission']],
    pricing: pricingOf(scheduling['policy-pricing'], pricing),

    ...preemptionOf(scheduling['policy-preemption']),
    victimOrder: 'oldest-first@1',
    victimChoice: 'in-order',

    suspension: scheduling.suspension,
    suspendRate: scheduling['suspend-rate'] ?? POLICY_DEFAULT.suspendRate,
    resumeRate: scheduling['resume-rate'] ?? POLICY_DEFAULT.resumeRate,
    suspendTime: scheduling['override-suspend-time'],
    resumeTime: scheduling['override-resume-time'],
    suspendExclusion: scheduling['suspendresume-exclusion'],
    suspendExclusionAcross: false,
    estimates: 'haizea',
    suspendAhead: true,
    suspendThreshold: scheduling['force-scheduling-threshold'],
    suspendThresholdFactor: Math.round(scheduling['scheduling-threshold-factor'] * 1000),

    enactmentOverhead: scheduling['enactment-overhead'],
    shutdownTime: scheduling['shutdown-time'],
    wholeSeconds: true,

    migration: MIGRATION[scheduling.migration],
    migrationRate: simulation['imagetransfer-bandwidth'],

    preparation: general['lease-preparation'] === 'imagetransfer' ? 'transfer' : 'none',
    imageRate: simulation['imagetransfer-bandwidth'],
    imageTransferTime: deploy['force-imagetransfer-time'],
    imageTransfer: deploy['transfer-mechanism'] ?? 'multicast',
    imagePiggyback: deploy['avoid-redundant-transfers'],
    imageReuse: deploy['diskimage-reuse'] === 'image-caches' ? 'cache' : 'none',
    imageCacheMax: cacheOf(deploy['diskimage-cache-size']),

    nodeChoice: NODE_CHOICE[scheduling['policy-host-selection']],
    packing: 'next-fit',
  };
}

/**
 * Its two policies by which reservations preempt are the same: only best-effort leases are victims. By the third, deadline
 * leases preempt each other, however old they are.
 */
function preemptionOf(
  policy: HaizeaConfig['scheduling']['policy-preemption'],
): Pick<Policy, 'preemptors' | 'victimAgeMax'> & Partial<Pick<Policy, 'victims'>> {
  if (policy === 'deadline') return { preemptors: ['deadline'], victims: ['deadline'], victimAgeMax: null };
  return { preemptors: policy === 'no-preemption' ? [] : ['advance'], victimAgeMax: VICTIM_AGE_MAX };
}

/** -1, like none at all, is without limit. */
function cacheOf(size: number | null): number | null {
  return size === null || size < 0 ? null : size;
}

/** The check of the configuration has seen that rates are given where they are needed. */
function pricingOf(kind: HaizeaConfig['scheduling']['policy-pricing'], given: HaizeaConfig['pricing']): Pricing {
  const parts = (rate: number | null) => Math.round((rate ?? 0) * CURRENCY_PARTS);
  switch (kind) {
    case 'constant':
      return { kind, rate: parts(given.rate) };
    case 'random':
      return { kind, min: parts(given['min-rate']), max: parts(given['max-rate']), seed: given.seed ?? 0 };
    case 'adaptive':
      return { kind, rate: Math.max(1, parts(given.rate ?? ADAPTIVE_RATE)) };
    default:
      return { kind };
  }
}

/** How many leases may hold a reservation. */
function backfillingOf(scheduling: HaizeaConfig['scheduling']): Backfilling {
  const depths = {
    off: 0,
    aggressive: 1,
    intermediate: scheduling['backfilling-reservations'],
    conservative: null,
  };
  return { kind: 'sticky', depth: depths[scheduling.backfilling] };
}
