/** The policy that a configuration of Haizea stands for. */

import { type Backfilling, type Policy, POLICY_DEFAULT } from '../../engine/index.js';
import type { HaizeaConfig } from './config.js';

const DAY = 24 * 3600 * 1000;
/** Haizea leaves leases alone that were submitted longer ago. */
const VICTIM_AGE_MAX = 7 * DAY;

const MIGRATION = { no: 'no', yes: 'yes', 'yes-notransfer': 'no-transfer' } as const;
const NODE_CHOICE = { greedy: 'greedy@1', 'no-policy': 'first@1' } as const;

/** Haizea's own ways (sticky reservations, victims in order, estimates, next fit) with the values of the configuration. */
export function policyOf({ scheduling, simulation }: HaizeaConfig): Policy {
  return {
    ...POLICY_DEFAULT,
    backfilling: backfillingOf(scheduling),

    // Its two policies by which reservations preempt are the same: only best-effort leases are victims.
    preemptors: scheduling['policy-preemption'] === 'no-preemption' ? [] : ['advance'],
    victimOrder: 'oldest-first@1',
    victimChoice: 'in-order',
    victimAgeMax: VICTIM_AGE_MAX,

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

    nodeChoice: NODE_CHOICE[scheduling['policy-host-selection']],
    packing: 'next-fit',
  };
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
