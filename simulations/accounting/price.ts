/** Probe `price`: what leases bring in, and what they would have. Leases without a price are passed over. */

import { CarefulSum, rounded } from '../metrics.js';
import type { FinishedLease } from '../report/finished-lease.js';
import type { LeaseColumn, Probe, ProbeContext } from './probe.js';

const REVENUE = 'Revenue';
const SURCHARGE = 'Surcharge';
const UNDERCHARGED = 'Missed revenue (undercharging)';
const REJECTED = 'Missed revenue (reject)';
const DECLINED = 'Missed revenue (reject by user)';

export function priceProbe({ series }: ProbeContext): Probe {
  const names = [REVENUE, SURCHARGE, UNDERCHARGED, REJECTED, DECLINED];
  const sums = new Map(names.map((name) => [name, { counter: series.count(name, 'money'), sum: new CarefulSum() }]));
  const add = (name: string, at: number, amount: number) => {
    const one = sums.get(name)!;
    one.counter.add(at, amount);
    one.sum.add(amount);
  };
  const total = (name: string) => rounded(sums.get(name)!.sum.value());
  return {
    columns: COLUMNS,
    over(lease, at): void {
      const { price, state } = lease;
      if (price === undefined) return;
      if (state === 'done') {
        add(REVENUE, at, price.asked);
        add(SURCHARGE, at, price.surcharge);
        if (price.worth !== null) add(UNDERCHARGED, at, price.worth - price.asked);
      } else if (state === 'rejected' && price.worth !== null) {
        add(price.declined ? DECLINED : REJECTED, at, price.worth);
      }
    },
    figures: () => ({
      ...Object.fromEntries(names.map((name) => [name, total(name)])),
      'Missed revenue (total)': rounded(total(UNDERCHARGED) + total(REJECTED) + total(DECLINED)),
    }),
  };
}

/** Whether the user found the lease too dear. */
export function wasDeclined({ state, price }: FinishedLease): boolean {
  return state === 'rejected' && price !== undefined && price.declined;
}

const COLUMNS: readonly LeaseColumn[] = [
  {
    name: 'price',
    value: ({ state, price }) => (price === undefined || state !== 'done' ? null : rounded(price.asked)),
  },
  {
    name: 'rejected_price',
    value: ({ state, price }) => (price === undefined || state !== 'rejected' ? null : rounded(price.asked)),
  },
  { name: 'surcharge', value: ({ price }) => (price === undefined ? null : rounded(price.surcharge)) },
  { name: 'worth', value: ({ price }) => (price === undefined || price.worth === null ? null : rounded(price.worth)) },
];
