/** Times and durations as people write them, and as they are shown: what is printed can be read again. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationIn } from '../../cli/durations.js';
import { instantOf, type Speaking } from '../../cli/times.js';
import { fromNow, timesShown } from '../../cli/when.js';
import { formatDuration, formatInstant } from '../../api/formats.js';

/** A Wednesday, half past ten in Paris. */
const NOW = Date.parse('2026-11-25T09:30:00Z');
const PARIS: Speaking = { now: NOW, zone: 'Europe/Paris', lean: 'ahead' };

const read = (text: string, speaking: Partial<Speaking> = {}): string =>
  formatInstant(instantOf('--at', text, { ...PARIS, ...speaking }));

describe('a time', () => {
  it.each([
    ['2026-11-27T08:00Z', '2026-11-27T08:00:00Z'],
    ['2026-11-27T08:00:05.250+02:00', '2026-11-27T06:00:05.250Z'],
    ['2026-11-27T08:00:00+0200', '2026-11-27T06:00:00Z'],
    ['2026-11-27 09:00', '2026-11-27T08:00:00Z'],
    ['2026-11-27 09:00 America/New_York', '2026-11-27T14:00:00Z'],
    ['2026-11-27 09:00 UTC', '2026-11-27T09:00:00Z'],
    ['2026-11-27', '2026-11-26T23:00:00Z'],
    ['today 14:00', '2026-11-25T13:00:00Z'],
    ['tomorrow 9:00', '2026-11-26T08:00:00Z'],
    ['Tomorrow  at 9:00', '2026-11-26T08:00:00Z'],
    ['tomorrow', '2026-11-25T23:00:00Z'],
    ['tomorrow 9am', '2026-11-26T08:00:00Z'],
    ['tomorrow 12am', '2026-11-25T23:00:00Z'],
    ['tomorrow 12:30pm', '2026-11-26T11:30:00Z'],
    ['monday 14:00', '2026-11-30T13:00:00Z'],
    ['mon 14:00', '2026-11-30T13:00:00Z'],
    ['wednesday 14:00', '2026-11-25T13:00:00Z'],
    ['wednesday 10:00', '2026-12-02T09:00:00Z'],
    ['11:00', '2026-11-25T10:00:00Z'],
    ['10:00', '2026-11-26T09:00:00Z'],
    ['+2h', '2026-11-25T11:30:00Z'],
    ['in 30m', '2026-11-25T10:00:00Z'],
    ['in 2 days', '2026-11-27T09:30:00Z'],
    ['now', '2026-11-25T09:30:00Z'],
    ['2h ago', '2026-11-25T07:30:00Z'],
  ])('%s is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    ['10:00', '2026-11-25T09:00:00Z'],
    ['11:00', '2026-11-24T10:00:00Z'],
    ['yesterday 9:00', '2026-11-24T08:00:00Z'],
    ['monday 14:00', '2026-11-23T13:00:00Z'],
    ['-2h', '2026-11-25T07:30:00Z'],
  ])('that lies behind: %s is %s', (text, expected) => {
    expect(read(text, { lean: 'back' })).toBe(expected);
  });

  it('that a clock on the wall never shows is refused, and one that it shows twice', () => {
    expect(() => read('2027-03-28 02:30')).toThrow(
      'does not exist in Europe/Paris: clocks are put forward by 60 minutes',
    );
    expect(() => read('2026-10-25 02:30')).toThrow('happens twice in Europe/Paris');
    expect(read('2026-10-25T02:30+02:00')).toBe('2026-10-25T00:30:00Z');
    expect(read('2026-10-25 03:00')).toBe('2026-10-25T02:00:00Z');
    expect(() => read('2027-10-03 02:15', { zone: 'Australia/Lord_Howe' })).toThrow('by 30 minutes');
    const hints = [];
    for (const text of ['2027-03-28 02:30', '2026-10-25 02:30'])
      try {
        read(text);
      } catch (error) {
        hints.push((error as { hint?: string }).hint);
      }
    expect(hints).toEqual([
      'Say which is meant: 2027-03-28T01:30:00+01:00 or 2027-03-28T03:30:00+02:00',
      'Say which is meant: 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00',
    ]);
  });

  it.each([
    '',
    'soon',
    '25:00',
    '2026-13-01',
    '2026-02-30 9:00',
    'tomorrow 24:00',
    '13pm',
    '+',
    'in',
    '1969-01-01',
    '10000-01-01',
    'x'.repeat(1000),
    '9',
    '__proto__',
    'constructor 9:00',
  ])('%j is none', (text) => {
    expect(() => read(text)).toThrow(/^--at /);
  });

  it('of any text is a time or an error for the user, never a crash', () => {
    const words = fc.array(
      fc.constantFrom(
        'tomorrow',
        'monday',
        'in',
        '+',
        '-',
        '9:00',
        '9am',
        ':',
        'T',
        'Z',
        '+25:00',
        '2026-11-23',
        '2h',
        'ago',
        'Europe/Paris',
        ' ',
        '\u0000',
        '🦊',
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          words.map((list) => list.join(' ')),
          words.map((list) => list.join('')),
        ),
        (text) => {
          try {
            expect(Number.isSafeInteger(instantOf('--at', text, PARIS))).toBe(true);
          } catch (error) {
            expect((error as Error).name).toBe('CliError');
          }
        },
      ),
    );
  });

  it('that is shown can be typed again, in every zone', async () => {
    const zones = ['Europe/Paris', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'];
    const seconds = fc.integer({ min: 86_400, max: 253_402_200_000 });
    await fc.assert(
      fc.asyncProperty(seconds, fc.constantFrom(...zones), async (second, tz) => {
        const show = await timesShown({ tz }, 'clock');
        expect(instantOf('--at', show(formatInstant(second * 1000)), PARIS)).toBe(second * 1000);
      }),
    );
  });
});

describe('a duration', () => {
  it.each([
    ['2h30m', 9_000],
    ['1d', 86_400],
    ['90', 90],
    ['PT1H', 3_600],
    ['P1DT2H', 93_600],
    ['1.5h', 5_400],
    ['2 hours', 7_200],
    ['1 day 2 hours', 93_600],
    ['30 min', 1_800],
    ['1w', 604_800],
    ['0.25s', 0.25],
  ])('%s is %d seconds', (text, seconds) => {
    expect(durationIn(text)).toBe(seconds * 1000);
  });

  it.each(['', 'h', '2x', '-1h', '1m2h', 'P1M', '1 month', '1e3', '.5h', '9'.repeat(40)])('%j is none', (text) => {
    expect(durationIn(text)).toBeNull();
  });

  it('that is shown can be typed again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 31_536_000_000_000 }), (ms) => {
        expect(durationIn(formatDuration(ms))).toBe(ms);
        expect(durationIn(formatDuration(ms).slice(2).toLowerCase())).toBe(ms);
      }),
    );
  });

  it('from now on is short, and never off by more than its last unit', () => {
    expect([0, 400, 5_000, 65_000, 780_000, 7_100_000, 36e5, 1e8, 9e8].map((ms) => fromNow(ms))).toEqual([
      ...['now', 'now', 'in 5s', 'in 1m5s', 'in 13m', 'in 1h58m', 'in 1h', 'in 1d3h', 'in 10d'],
    ]);
    expect(fromNow(-7_100_000)).toBe('1h58m ago');
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 864_000_000 }), (ms) => {
        const shown = durationIn(fromNow(ms).slice(3))!;
        expect(shown).toBeLessThanOrEqual(ms);
        expect(ms - shown).toBeLessThan(ms < 6e5 ? 1000 : ms < 864e5 ? 6e4 : 36e5);
      }),
    );
  });
});
