/** Times, durations and amounts as they are written, and back. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amountOf,
  FormatError,
  formatDuration,
  formatInstant,
  parseDuration,
  parseInstant,
} from '../../api/formats.js';
import { AMOUNT_MAX, DURATION_MAX, INSTANT_MAX } from '../../engine/index.js';
import { resourceName, writtenAmount, writtenName } from '../../simulations/amounts.js';

describe('durations', () => {
  it.each([
    ['PT1H30M', 5_400_000],
    ['P1DT1S', 86_401_000],
    ['P2W', 1_209_600_000],
    ['PT0.5S', 500],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1.25s', 1250],
    ['90', 90_000],
    [90, 90_000],
    [0.25, 250],
  ])('%s', (text, duration) => expect(parseDuration(text)).toBe(duration));

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    'P1M',
    'P1Y',
    '1h 30m',
    '30m1h',
    '-1h',
    '1e3',
    'PT1.0001S',
    '1h30',
    'NaN',
    0.0001,
    -1,
    1e300,
  ])('not %s', (text) => expect(() => parseDuration(text)).toThrow(FormatError));

  it('come back as they were written', () => {
    const durations = fc.integer({ min: 0, max: DURATION_MAX });
    fc.assert(fc.property(durations, (duration) => parseDuration(formatDuration(duration)) === duration));
  });
});

describe('instants', () => {
  it.each([
    ['2026-11-21T14:00:00Z', Date.UTC(2026, 10, 21, 14)],
    ['2026-11-21t15:00:00.250+01:00', Date.UTC(2026, 10, 21, 14, 0, 0, 250)],
    ['2028-02-29T00:00:00-12:00', Date.UTC(2028, 1, 29, 12)],
  ])('%s', (text, instant) => expect(parseInstant(text)).toBe(instant));

  it.each([
    '2026-11-21',
    '2026-11-21 14:00:00Z',
    '2026-11-21T14:00:00',
    '2026-11-21T14:00Z',
    '2027-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-21T25:00:00Z',
    '1969-12-31T23:59:59Z',
    '+012026-11-21T14:00:00Z',
    'now',
  ])('not %s', (text) => expect(() => parseInstant(text)).toThrow(FormatError));

  it('come back as they were written', () => {
    const instants = fc.integer({ min: 0, max: INSTANT_MAX - 1 });
    fc.assert(fc.property(instants, (instant) => parseInstant(formatInstant(instant)) === instant));
  });
});

describe('amounts', () => {
  it('of cpus have three decimals, others are whole', () => {
    expect(amountOf('cpu', 1.5)).toBe(1500);
    expect(amountOf('memory', 4096)).toBe(4096);
    expect(Object.is(amountOf('cpu', -0), 0)).toBe(true);
    expect(() => amountOf('cpu', 0.0001)).toThrow(FormatError);
    expect(() => amountOf('gpu', 0.5)).toThrow(FormatError);
  });

  it.each([
    ['cpu', 'cpu'],
    ['memory', 'memoryMiB'],
    ['disk', 'diskMiB'],
    ['constructor', 'constructor'],
  ])('of %s are called %s, and back', (resource, written) => {
    expect(writtenName(resource)).toBe(written);
    expect(resourceName(written)).toBe(resource);
  });

  it('come back as they were written', () => {
    const amounts = fc.integer({ min: 0, max: AMOUNT_MAX });
    fc.assert(fc.property(amounts, (amount) => amountOf('cpu', writtenAmount('cpu', amount)) === amount));
  });
});
