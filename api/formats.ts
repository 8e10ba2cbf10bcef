/** Times, durations and amounts as they are written over HTTP and on the command line, and back. */

import { DateTime } from 'luxon';
import { DURATION_MAX, INSTANT_MAX, type Capacity, type ResourceType } from '../engine/index.js';
import { writtenAmount, writtenName } from '../simulations/amounts.js';

export { formatDuration, formatInstant, formatInstantOrNull } from '../simulations/written-times.js';

/** What was wrong with a text; the message says what is accepted. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** `2026-11-21T14:00:00Z` or with an offset. A time without a zone is refused: nobody knows when it is. */
export function parseInstant(text: string): number {
  const wrong = 'must be a time as in RFC 3339 with a zone: 2026-11-21T14:00:00Z or 2026-11-21T15:00:00+01:00';
  if (!RFC_3339.test(text)) throw new FormatError(wrong);
  const time = DateTime.fromISO(text.toUpperCase(), { setZone: true });
  if (!time.isValid) throw new FormatError(`${wrong} (${time.invalidExplanation ?? 'no such time'})`);
  const instant = time.toMillis();
  if (instant < 0 || instant > INSTANT_MAX) throw new FormatError('must lie between the years 1970 and 10000');
  return instant;
}

const UNITS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;
const ISO_DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const SHORT_DURATION = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d{1,3})?)s)?$/;
const SECONDS = /^\d+(?:\.\d{1,3})?$/;
const DURATION_WANTED = 'must be a duration: PT1H30M, 1h30m, or seconds; months and years are too vague';

/** `PT1H30M`, `1h30m`, or seconds as a number or digits; to the millisecond. */
export function parseDuration(value: string | number): number {
  const duration = typeof value === 'number' ? milliseconds(value) : durationOf(value);
  if (!Number.isSafeInteger(duration) || duration > DURATION_MAX) throw new FormatError('is longer than 1000 years');
  return duration;
}

function durationOf(text: string): number {
  if (text.length > 64) throw new FormatError(DURATION_WANTED);
  if (SECONDS.test(text)) return milliseconds(Number(text));
  const match = ISO_DURATION.exec(text) ?? SHORT_DURATION.exec(text);
  const parts = match?.slice(1) ?? [];
  if (parts.every((part) => part === undefined) || text.endsWith('T')) throw new FormatError(DURATION_WANTED);
  const sizes = [UNITS.w, UNITS.d, UNITS.h, UNITS.m, UNITS.s];
  return Math.round(parts.reduce((sum, part, i) => sum + Number(part ?? 0) * sizes[i]!, 0));
}

function milliseconds(seconds: number): number {
  const exact = seconds * 1000;
  const whole = Math.round(exact);
  if (!(seconds >= 0) || Math.abs(exact - whole) > 1e-6) throw new FormatError(DURATION_WANTED);
  return whole;
}

/** The site's amount of `resource` for a number written in a request. */
export function amountOf(resource: string, written: number): number {
  const amount = resource === 'cpu' ? written * 1000 : written;
  const whole = Math.round(amount);
  if (Math.abs(amount - whole) > 1e-6) {
    throw new FormatError(resource === 'cpu' ? 'must have at most three decimals' : 'must be a whole number');
  }
  return whole + 0;
}

/** A capacity vector as an object by written names. */
export function writtenCapacity(resources: readonly ResourceType[], capacity: Capacity): Record<string, number> {
  return Object.fromEntries(resources.map(({ name }, r) => [writtenName(name), writtenAmount(name, capacity[r] ?? 0)]));
}
