/** Free room over time: what is found is there, and nothing that is there is missed. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { slotsFor } from '../../api/asking/slots.js';
import { asIfAsked, DURATION_MAX, encodeState, forecast, type State, type Terms } from '../../engine/index.js';
import { freeSlots } from '../../engine/schedule/slots.js';
import { Draft } from '../../engine/schedule/draft.js';
import { fitAt } from '../../engine/schedule/place.js';
import { type Asked, begun, MINUTE, termsOf } from '../support/play.js';
import { SITES, workloads } from './workloads.js';

const LIMITS = { leases: 1000, fits: 1_000_000 };
const HORIZON = 90 * MINUTE;

describe.each(Object.entries(SITES))('%s', (_, site) => {
  test('slots are just those beginnings at which the lease fits, with the most VMs and for the longest', () => {
    const wish = workloads({ advance: 0 }).map((leases): Asked => ({ ...leases.at(-1)!, id: 'wish' }));
    fc.assert(
      fc.property(workloads({ advance: 4 }), wish, fc.nat(20), (workload, one, ahead) => {
        const state = begun(site, workload, { backfilling: { kind: 'easy' } });
        const terms = termsOf(one);
        const before = encodeState(state);
        const fits = slowFits(state, terms);
        const plan = forecast(state, 0, LIMITS);
        const wanted = { terms, from: ahead * MINUTE, until: HORIZON, count: 1000 };
        const { slots, searched } = slotsFor({ state, plan, now: 0 }, wanted);
        expect(encodeState(state)).toBe(before);
        expect(searched).toBe(HORIZON);
        const vms = terms.groups[0]!.vms;
        for (let at = wanted.from; at < HORIZON; at += MINUTE / 2) {
          const found = slots.some(({ from, to }) => from <= at && (to === null || at <= to - terms.duration));
          expect(found, `at ${at / MINUTE}`).toBe(fits(at, vms, terms.duration));
        }
        for (const { from, vmsMax, longest } of slots) {
          expect(fits(from, vmsMax, terms.duration) && !fits(from, vmsMax + 1, terms.duration)).toBe(true);
          expect(fits(from, vms, longest ?? DURATION_MAX)).toBe(true);
          if (longest !== null) expect(fits(from, vms, longest + 1)).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a search that is broken off says how far it has come, and goes on there', () => {
    fc.assert(
      fc.property(workloads({ advance: 4 }), fc.integer({ min: 1, max: 40 }), (workload, looks) => {
        const state = begun(site, workload, { backfilling: { kind: 'easy' } });
        const terms = termsOf(workload.at(-1)!);
        const plan = forecast(state, 0, LIMITS);
        const search = (from: number, more: { count: number; looks: number }) => {
          let found = { slots: [] as readonly { from: number; to: number | null }[], searched: from };
          asIfAsked(
            state,
            'a lease on trial',
            { ...terms, start: { kind: 'best-effort', before: null } },
            0,
            (view, lease) => {
              found = freeSlots(view, plan, lease, 0, { from, until: HORIZON, ...more });
              return [];
            },
          );
          return found;
        };
        const all = search(0, { count: 1000, looks: 1e9 });
        const parts: { from: number; to: number | null }[] = [];
        let from = 0;
        while (from < HORIZON) {
          const { slots, searched } = search(from, { count: 2, looks: looks * state.pools.length });
          expect(slots.length).toBeLessThanOrEqual(2);
          parts.push(...slots);
          expect(searched).toBeGreaterThan(from);
          from = searched;
        }
        // A slot that was broken off goes on in the next one.
        for (const { from: begin, to } of parts)
          expect(all.slots.some((one) => one.from <= begin && (one.to === null || (to ?? 0) <= one.to))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

/** Whether so many VMs fit at an instant, beside the forecast: looked at plainly. */
function slowFits(state: State, terms: Terms) {
  const { left } = forecast(state, 0, LIMITS);
  return (at: number, vms: number, duration: number): boolean => {
    let fits = false;
    const other = { ...terms, groups: [{ ...terms.groups[0]!, vms }], duration };
    const queued = { ...other, start: { kind: 'best-effort', before: null } } as const;
    asIfAsked(state, 'a lease on trial', { ...queued, duration: MINUTE }, 0, (view, lease) => {
      const draft = Draft.of(view, 0, left);
      fits = fitAt(draft, { ...lease, remaining: duration }, at) !== null;
      draft.finish();
      return [];
    });
    return fits;
  };
}
