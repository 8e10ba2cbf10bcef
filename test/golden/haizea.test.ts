import { describe, expect, test } from 'vitest';
import { haizeaSchedule, ourSchedule } from '../support/haizea.js';

const COMMON = `
victim-order: oldest-first@1
node-choice: greedy@1
suspend-rate: 32
resume-rate: 32
migration: no
`;
const SUSPENDING = `${COMMON}
backfilling: easy
preemptors: [advance]
suspension: all
`;

/** The policy that is equivalent to each case's configuration. */
const CASES: Readonly<Record<string, string>> = {
  '01_ar_simple': `${SUSPENDING}suspend-exclusion: local`,
  '02_ar_preempts_be_suspend_resume': `${SUSPENDING}suspend-exclusion: local`,
  '03_suspend_local_exclusion': `${SUSPENDING}suspend-exclusion: local`,
  '04_suspend_global_exclusion': `${SUSPENDING}suspend-exclusion: global`,
  '15_immediate': `${SUSPENDING}suspend-exclusion: local`,
  '18_backfill_off': `${COMMON}backfilling: none\nsuspension: none\npreemptors: [advance]`,
  '19_backfill_aggressive': `${COMMON}backfilling: easy\nsuspension: none\npreemptors: [advance]`,
  '21_backfill_intermediate2': `${COMMON}backfilling: intermediate:2\nsuspension: none\npreemptors: [advance]`,
  '22_early_end_aggressive': `${COMMON}backfilling: easy\nsuspension: none\npreemptors: [advance]`,
  '25_hetero_multicpu': `${SUSPENDING}suspend-exclusion: local`,
  '31_oldest_preempted_first': `${SUSPENDING}suspend-exclusion: local`,
  '44_bf40_off': `${COMMON}backfilling: none\nsuspension: none\npreemptors: [advance]`,
  '52_no_preemption_policy': `${COMMON}backfilling: easy\nsuspension: all\npreemptors: []`,
};

describe('workloads that Haizea has scheduled', () => {
  test.each(Object.entries(CASES))('%s: the same schedule, on the same nodes', async (name, policy) => {
    expect(await ourSchedule(name, policy)).toEqual(haizeaSchedule(name));
  });
});
