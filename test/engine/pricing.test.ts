/** What leases cost, and who pays. A rate of 1,000,000 is a currency unit per VM-hour. */

import { describe, expect, test } from 'vitest';
import type { Lease, Priced, Pricing } from '../../engine/index.js';
import { costOf, type Policy } from '../../engine/index.js';
import { type Asked, nodes, type Played, play } from '../support/play.js';

const UNIT = 1_000_000;
const CONSTANT: Pricing = { kind: 'constant', rate: UNIT / 10 };

function offers({ on }: Played, lease: string): readonly Priced[] {
  return on(lease).filter((decision) => decision.type === 'Priced');
}

const prices = ({ over }: Played) =>
  Object.fromEntries([...over.values()].map(({ id, offer }: Lease) => [id, offer?.price ?? null]));

test('free leases have no price, and the log says nothing of it', async () => {
  const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 60, maxRate: 0 }]);
  expect(played.over.get('A')).toMatchObject({ outcome: 'done', offer: null });
  expect(offers(played, 'A')).toEqual([]);
});

describe('a constant rate', () => {
  const asked: Asked[] = [
    { id: 'A', vms: 2, minutes: 60, start: { at: 30 }, maxRate: UNIT / 5 },
    { id: 'B', vms: 1, minutes: 120, start: { at: 30 }, maxRate: UNIT / 20 },
    { id: 'C', vms: 1, minutes: 90, start: { at: 40 }, maxRate: UNIT / 10 },
    { id: 'D', vms: 1, minutes: 30 },
  ];

  test('hours × VMs × rate; who pays less is refused at once', async () => {
    const played = await play([nodes(4)], asked, { pricing: CONSTANT });
    expect(prices(played)).toEqual({ A: 200_000, B: 200_000, C: 150_000, D: 50_000 });
    const declined = played.over.get('B')!;
    expect(declined).toMatchObject({ outcome: 'rejected', ended: 0, offer: { accepted: false } });
    expect(declined.reasons).toMatchObject([{ code: 'price-too-high', need: 200_000, have: 100_000 }]);
    for (const id of ['A', 'C', 'D']) expect(played.over.get(id)).toMatchObject({ outcome: 'done' });
    expect(offers(played, 'D')).toEqual([
      { type: 'Priced', lease: 'D', rate: 100_000, price: 50_000, surcharge: 0, accepted: true },
    ]);
  });
});

describe('a surcharge for those who make room', () => {
  // 1024 MiB at 32 MiB/s: half a minute to save, and half to bring back: 64 s of 1 VM.
  const asked = (maxRate: number): Asked[] => [
    { id: 'A', vms: 1, minutes: 120 },
    { id: 'X', vms: 1, minutes: 60, at: 5, start: { at: 60 }, maxRate },
  ];
  const policy: Partial<Policy> = { pricing: { kind: 'constant', rate: 9 * UNIT } };

  test('is a part of the price, which is told again', async () => {
    const played = await play([nodes(1)], asked(10 * UNIT), policy);
    expect(offers(played, 'X')).toMatchObject([
      { price: 9 * UNIT, surcharge: 0, accepted: true },
      { price: 9 * UNIT + 160_000, surcharge: 160_000, accepted: true },
    ]);
    expect(played.over.get('X')).toMatchObject({ outcome: 'done', offer: { price: 9_160_000 } });
    expect(played.over.get('A')!.preemptions).toBe(1);
  });

  test('may be too much: then nobody makes room', async () => {
    const played = await play([nodes(1)], asked(9 * UNIT), policy);
    expect(played.over.get('X')).toMatchObject({
      outcome: 'rejected',
      offer: { accepted: false },
      reasons: [{ code: 'price-too-high', need: 9_160_000, have: 9_000_000 }],
    });
    expect(played.over.get('A')).toMatchObject({ preemptions: 0, outcome: 'done' });
  });

  test('is nothing where leases are stopped, not saved, or where one pays as much as one can', async () => {
    const stopped = await play([nodes(1)], asked(9 * UNIT), { ...policy, suspension: 'none' });
    expect(stopped.over.get('X')).toMatchObject({ outcome: 'done', offer: { price: 9 * UNIT, surcharge: 0 } });
    const maximum = await play([nodes(1)], asked(9 * UNIT), { pricing: { kind: 'maximum' } });
    expect(maximum.over.get('X')).toMatchObject({ outcome: 'done', offer: { price: 9 * UNIT, surcharge: 0 } });
  });
});

test('as much as the user pays at most; nothing where that is not known', async () => {
  const asked = [
    { id: 'A', vms: 2, minutes: 30, maxRate: 3 * UNIT },
    { id: 'B', vms: 1, minutes: 30 },
  ];
  expect(prices(await play([nodes(3)], asked, { pricing: { kind: 'maximum' } }))).toEqual({ A: 3 * UNIT, B: 0 });
});

test('a random rate: between the bounds, another for each lease, the same again with the same seed', async () => {
  const asked = Array.from({ length: 30 }, (_, i): Asked => ({ id: `L${i}`, vms: 1, minutes: 60 }));
  const draw = async (seed: number) =>
    Object.values(prices(await play([nodes(30)], asked, { pricing: { kind: 'random', min: 10, max: 20, seed } })));
  const first = await draw(7);
  expect(await draw(7)).toEqual(first);
  expect(await draw(8)).not.toEqual(first);
  expect(new Set(first).size).toBeGreaterThan(5);
  for (const price of first) {
    expect(price).toBeGreaterThanOrEqual(10);
    expect(price).toBeLessThanOrEqual(20);
  }
});

describe('an adaptive rate', () => {
  const adaptive: Partial<Policy> = { pricing: { kind: 'adaptive', rate: 1000 } };
  const hour = (id: string, at: number, user: string, maxRate: number): Asked => ({
    id,
    vms: 1,
    minutes: 60,
    at,
    user,
    maxRate,
  });

  test('rises by half while it is accepted, and halves while it is not, until it is between', async () => {
    const asked = Array.from({ length: 8 }, (_, i) => hour(`${i}`, i, 'ann', 2000));
    const played = await play([nodes(8)], asked, adaptive);
    // 1000 and 1500 are accepted, 2250 is not: (1500 + 2250) / 2 = 1875 is, and so on.
    expect(Object.values(prices(played))).toEqual([1000, 1500, 2250, 1875, 2062, 1968, 2015, 1991]);
    const poor = await play(
      [nodes(8)],
      asked.map((one) => ({ ...one, maxRate: 300 })),
      adaptive,
    );
    expect(Object.values(prices(poor)).slice(0, 5)).toEqual([1000, 500, 250, 375, 312]);
  });

  test('is the median of what users are thought to pay', async () => {
    const asked = [
      hour('A', 0, 'ann', 5000),
      hour('B', 0, 'bob', 100),
      hour('C', 0, 'cid', 1200),
      // 1500, 500 and 1500.
      hour('D', 1, 'dan', 9999),
    ];
    const played = await play([nodes(4)], asked, adaptive);
    expect(prices(played)).toEqual({ A: 1000, B: 1000, C: 1000, D: 1500 });
  });

  test('learns nothing from those who pay anything', async () => {
    const anything = [
      { id: 'A', vms: 1, minutes: 60, user: 'ann' },
      { id: 'B', vms: 1, minutes: 60, at: 1, user: 'ann' },
    ];
    expect(prices(await play([nodes(2)], anything, adaptive))).toEqual({ A: 1000, B: 1000 });
  });

  test('learns nothing from a price with a surcharge', async () => {
    const asked: Asked[] = [
      { id: 'A', vms: 1, minutes: 120 },
      { id: 'X', vms: 1, minutes: 60, at: 5, start: { at: 60 }, user: 'ann', maxRate: 9 * UNIT },
      { id: 'B', vms: 1, minutes: 60, at: 6 },
    ];
    const played = await play([nodes(1)], asked, { pricing: { kind: 'adaptive', rate: 9 * UNIT } });
    expect(played.over.get('X')!.offer).toMatchObject({ surcharge: 160_000, accepted: false });
    expect(played.over.get('B')!.offer).toMatchObject({ rate: 13.5 * UNIT });
  });

  test('believes those who have changed their mind', async () => {
    const asked = Array.from({ length: 15 }, (_, i) => hour(`${i}`, i, 'ann', i === 0 ? 1000 : 100));
    const played = await play([nodes(1)], asked, adaptive);
    // 1000 was accepted once. When it is declined, that is forgotten: then the rate halves.
    const rates = asked.map(({ id }) => offers(played, id)[0]!.rate);
    expect(rates.slice(0, 4)).toEqual([1000, 1500, 1250, 1125]);
    expect(rates.slice(9)).toEqual([1001, 1000, 500, 250, 125, 62]);
    expect(played.over.get('14')).toMatchObject({ outcome: 'done' });
  });
});

test('who lasts longer than was agreed on pays for it, at the same rate', async () => {
  const asked = [{ id: 'A', vms: 2, minutes: 30, maxRate: UNIT }];
  const doings = [{ at: 10, command: { type: 'ChangeDuration' as const, lease: 'A', duration: 90 * 60_000 } }];
  const played = await play([nodes(2)], asked, { pricing: CONSTANT }, doings);
  expect(prices(played)).toEqual({ A: 300_000 });
});

test('prices are exact where numbers are large', () => {
  expect(costOf(1_000_000, 1000 * 366 * 24 * 3_600_000, 1)).toBe(1_000_000 * 1000 * 366 * 24);
  expect(costOf(1_000_000, 1000 * 366 * 24 * 3_600_000, 1_000_000_000)).toBe(Number.MAX_SAFE_INTEGER);
  expect(costOf(1, 3_599_999, 1)).toBe(0);
  expect(costOf(3, 1_200_001, 1)).toBe(1);
});
