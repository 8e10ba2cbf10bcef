/** Prices from a configuration of Haizea to the report: the same as Haizea charged. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { simulate } from '../../simulations/simulate.js';
import { data, directory } from './files.js';

const CASE = 'haizea/27_pricing_constant';

interface Priced {
  readonly id: string | number;
  readonly price: number | null;
  readonly state: string;
}

test('what leases cost, who declined, and what it brings in', async () => {
  const out = join(directory(), 'out');
  const haizeaConfig = data(`${CASE}/config`);
  await simulate({ trace: data(`${CASE}/workload.xml`), haizeaConfig, out, log: false });

  const lines = readFileSync(join(out, 'leases.json'), 'utf8').trim().split('\n');
  const ours = lines.map((line) => JSON.parse(line) as Priced & { reasons: readonly { code: string }[] });
  const haizea = JSON.parse(readFileSync(data(`${CASE}/schedule.json`), 'utf8')) as readonly Priced[];
  for (const { id, price, state } of haizea) {
    const lease = ours.find((one) => one.id === String(id))!;
    if (state === 'Rejected by user') {
      expect(lease).toMatchObject({ state: 'rejected', price: null, reasons: [{ code: 'price-too-high' }] });
    } else expect(lease.price).toBeCloseTo(price!, 9);
  }

  const { counters } = JSON.parse(readFileSync(join(out, 'counters.json'), 'utf8')) as {
    counters: Record<string, { value: number }>;
  };
  const value = (name: string) => counters[name]!.value;
  expect(value('Rejected leases (by user)')).toBe(1);
  expect(value('Revenue')).toBe(0.35);
  // Lease 1 would have paid twice as much, and lease 2 half of its price.
  expect(value('Missed revenue (undercharging)')).toBe(0.2);
  expect(value('Missed revenue (reject by user)')).toBe(0.1);
});

test('free leases have no price in the report', async () => {
  const out = join(directory(), 'out');
  await simulate({ trace: data(`${CASE}/workload.xml`), out, log: false });
  expect(readFileSync(join(out, 'leases.json'), 'utf8')).not.toContain('"price"');
});
