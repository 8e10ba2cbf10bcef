/** The forecast and quotes: what is said comes true where nothing else happens, and asking changes nothing. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAsGood } from '../../api/asking/kept-quotes.js';
import { quoteFor } from '../../api/asking/quoting.js';
import { type Backfilling, encodeState, FOREVER, forecast, takeTurn } from '../../engine/index.js';
import { Draft } from '../../engine/schedule/draft.js';
import { EarliestFits } from '../../engine/schedule/earliest.js';
import { earliestFit } from '../../engine/schedule/place.js';
import { type Asked, begun, MINUTE, play, submission, termsOf } from '../support/play.js';
import { SITES, workloads } from './workloads.js';

const LIMITS = { leases: 1000, fits: 1_000_000 };
const BACKFILLING: readonly Backfilling[] = [{ kind: 'none' }, { kind: 'easy' }, { kind: 'conservative' }];
const queued = workloads({ advance: 0 });

describe.each(Object.entries(SITES))('%s', (_, site) => {
  test('conservative backfilling with exact estimates starts every lease when the forecast said', async () => {
    await fc.assert(
      fc.asyncProperty(queued, async (workload) => {
        const asked = workload.map((one): Asked => ({ ...one, at: 0, runs: one.minutes }));
        // Nobody overtakes in the turn itself; then the queue is planned as conservative backfilling would.
        const state = begun(site, asked, { backfilling: { kind: 'none' } });
        state.policy = { ...state.policy, backfilling: { kind: 'conservative' } };
        const { starts } = forecast(state, 0, LIMITS);
        const played = await play(site, asked, { backfilling: { kind: 'conservative' } });
        for (const { id } of asked) {
          const lease = played.over.get(id)!;
          if (lease.outcome === 'done') expect(starts.get(id)?.start ?? 0, id).toBe(lease.firstStart);
          else expect(starts.has(id)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the quick search finds what the plain one does', () => {
    fc.assert(
      fc.property(queued, (workload) => {
        const state = begun(site, workload, { backfilling: { kind: 'none' } });
        const draft = Draft.of(state, 0);
        const fits = new EarliestFits(draft);
        for (const lease of state.queue) {
          const fit = fits.find(lease, 0);
          expect(fit).toEqual(earliestFit(draft, lease, 0, FOREVER));
          draft.place(lease, fit!);
          fits.take(fit!.loads, fit!.from, fit!.until);
        }
        draft.finish();
      }),
      { numRuns: 100 },
    );
  });

  test('planned roughly, leases begin in about as long, and the first ones just as planned node by node', () => {
    fc.assert(
      fc.property(queued, (workload) => {
        const state = begun(site, workload, { backfilling: { kind: 'none' } });
        const exact = [...forecast(state, 0, LIMITS).starts.values()];
        const few = [...forecast(state, 0, { leases: 1000, fits: 2 * state.pools.length }).starts.values()];
        expect(few.slice(0, 2)).toEqual(exact.slice(0, 2));
        expect(few.length).toBe(exact.length);
        const none = forecast(state, 0, { leases: 1, fits: 1_000_000 });
        expect([...none.starts.values()].slice(1).every((one) => one === null)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('a quote comes true when it is taken up in the same turn, and asking leaves no trace', () => {
    const wish = workloads({ advance: 4, immediate: 3 }).map((leases): Asked => ({ ...leases.at(-1)!, id: 'wish' }));
    const backfilling = fc.constantFrom(...BACKFILLING);
    fc.assert(
      fc.property(workloads({ advance: 3 }), wish, backfilling, fc.nat(20), (workload, one, kind, minutes) => {
        const state = begun(site, workload, { backfilling: kind });
        const now = minutes * MINUTE;
        const settled = takeTurn(state, { observations: [], commands: [] }, now).turn?.now ?? 0;
        const before = encodeState(state);
        const terms = termsOf(one);
        const plan = forecast(state, now, LIMITS);
        const said = quoteFor({ state, plan, now }, terms, true);
        for (const { vms, duration, start, anywhere } of said.alternatives) {
          const other = {
            ...terms,
            ...(vms === undefined ? {} : { groups: [{ ...terms.groups[0]!, vms }] }),
            ...(duration === undefined ? {} : { duration }),
            ...(start === undefined ? {} : { start }),
            ...(anywhere === undefined ? {} : { where: null }),
          };
          expect(quoteFor({ state, plan, now }, other, false).feasible).toBe(true);
        }
        expect(encodeState(state)).toBe(before);
        expect(settled).toBeLessThanOrEqual(now);

        const { turn, answers } = takeTurn(state, { observations: [], commands: [submission(one)] }, now);
        if (said.rejection !== null) {
          expect(answers[0]!.decided.ok).toBe(false);
          return;
        }
        const lease = state.leases.get('wish');
        expect(said.feasible).toBe(lease !== undefined);
        if (lease === undefined) return;
        const start =
          lease.loads !== null
            ? Math.max(now, lease.from)
            : (forecast(state, now, LIMITS).starts.get('wish')?.start ?? null);
        expect(isAsGood({ at: now, start, price: null }, said), `${start} not ${said.start}`).toBe(true);
        if (one.start === 'best-effort') return;
        expect(start).toBe(said.start);
        const blamed = turn!.decisions.flatMap((decision) =>
          'lease' in decision && 'reasons' in decision && decision.lease !== 'wish'
            ? decision.reasons.some(({ blockers }) => blockers.includes('wish'))
              ? [decision.lease]
              : []
            : [],
        );
        expect(said.preempts).toEqual([...new Set(blamed)]);
      }),
      { numRuns: 300 },
    );
  });
});
