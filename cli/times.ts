/** Times as people write them: `2026-11-23T08:00Z`, `tomorrow 9:00`, `monday 14:00`, `+2h`, `in 30m`; to the instant. */

import { DateTime, IANAZone } from 'luxon';
import { formatInstant } from '../api/formats.js';
import { INSTANT_MAX } from '../engine/index.js';
import { durationIn } from './durations.js';
import { CliError, EXIT } from './errors.js';

export interface Speaking {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** IANA name; what has no zone or offset of its own is in this one. */
  readonly zone: string;
  /** What names no day is the next such time, or the last one. */
  readonly lean: 'ahead' | 'back';
}

const LENGTH_MAX = 80;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
/** From today on. A map, since words are anybody's: an object has members that nobody wrote. */
const DAYS: ReadonlyMap<string, number> = new Map([
  ['yesterday', -1],
  ['today', 0],
  ['tomorrow', 1],
]);
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const CLOCK = /^(\d{1,2})(?::(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?\s*(am|pm)?$/;
const OFFSET = /^(.*\d)\s*(z|[+-]\d\d:?\d\d)$/;

/** The instant that `text` names. Throws a CliError that says what is wrong with it. */
export function instantOf(option: string, text: string, speaking: Speaking): number {
  const fail = (why: string, hint: string): never => {
    throw new CliError(`${option} ${JSON.stringify(text)} ${why}`, hint, EXIT.usage);
  };
  if (text.length > LENGTH_MAX) return fail('is not a time', EXAMPLES);
  const words = text.trim().replace(/\s+/g, ' ');
  // 1. From now on, or ago.
  const relative = relativeTo(words.toLowerCase(), speaking.now);
  if (relative !== null) return within(relative) ?? fail('lies outside the years 1970 to 9999', EXAMPLES);
  // 2. A zone at its end: of its own, an offset, or the machine's.
  const { rest, zone } = splitZone(words, speaking.zone);
  const now = DateTime.fromMillis(speaking.now, { zone });
  // 3. A day, a time of day, or both.
  const named = namedIn(rest.toLowerCase(), now, speaking);
  if (named === null) return fail('is not a time', EXAMPLES);
  const instants = named.map((wall) => onTheClock(wall, zone, fail));
  const found =
    speaking.lean === 'ahead'
      ? instants.find((instant) => instant > speaking.now)
      : instants.reverse().find((instant) => instant <= speaking.now);
  return within(found ?? instants[0]!) ?? fail('lies outside the years 1970 to 9999', EXAMPLES);
}

export const EXAMPLES =
  'Write 2026-11-23T08:00Z, "2026-11-23 9:00", "tomorrow 9:00", "monday 14:00", 14:00, +2h, "in 30m" or now.';

/** What was given for `option`, which lies ahead unless it says otherwise, as the API takes it. */
export function aheadOf(option: string, text: string, { tz }: { readonly tz?: string | undefined }): string {
  return formatInstant(instantOf(option, text, { now: Date.now(), zone: zoneOf(tz), lean: 'ahead' }));
}

/** As `aheadOf`, for what lies behind. */
export function behindOf(option: string, text: string, { tz }: { readonly tz?: string | undefined }): string {
  return formatInstant(instantOf(option, text, { now: Date.now(), zone: zoneOf(tz), lean: 'back' }));
}

/** The zone that was asked for, or this machine's. */
export function zoneOf(tz: string | undefined): string {
  if (tz === undefined) return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  if (IANAZone.isValidZone(tz)) return tz;
  throw new CliError(
    `--tz ${JSON.stringify(tz)} is not a time zone`,
    'Write it as Europe/Paris, America/New_York or UTC.',
    EXIT.usage,
  );
}

/** `now`, `+2h`, `in 30m`, `-2h`, `2h ago`. */
function relativeTo(text: string, now: number): number | null {
  if (text === 'now') return now;
  const [, ahead] = /^(?:\+|in )\s*(\S.*)$/.exec(text) ?? [];
  const [, back] = /^-\s*(\S.*)$/.exec(text) ?? /^(.+) ago$/.exec(text) ?? [];
  const duration = durationIn(ahead ?? back ?? '');
  if (duration === null) return null;
  return ahead === undefined ? now - duration : now + duration;
}

function splitZone(text: string, otherwise: string): { readonly rest: string; readonly zone: string } {
  const space = text.lastIndexOf(' ');
  const last = text.slice(space + 1);
  if (space > 0 && /^(utc|gmt)$/i.test(last)) return { rest: text.slice(0, space), zone: 'UTC' };
  if (space > 0 && last.includes('/') && IANAZone.isValidZone(last)) return { rest: text.slice(0, space), zone: last };
  const [, before, offset] = OFFSET.exec(text.toLowerCase()) ?? [];
  // A date alone ends in what looks like an offset.
  if (before === undefined || offset === undefined || !/\d:\d\d/.test(before)) return { rest: text, zone: otherwise };
  return {
    rest: before,
    zone: offset === 'z' ? 'UTC' : `UTC${offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset}`,
  };
}

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}
type Clock = Pick<Wall, 'hour' | 'minute' | 'second' | 'millisecond'>;

const MIDNIGHT: Clock = { hour: 0, minute: 0, second: 0, millisecond: 0 };

/** What the words may mean, in order of time; null: nothing. */
function namedIn(text: string, now: DateTime, { lean }: Speaking): Wall[] | null {
  const [first = '', ...others] = text.replace(/^(\d{4}-\d\d-\d\d)t(?=\d)/, '$1 ').split(' ');
  const alone = clockIn(text);
  const on = (day: DateTime, clock: Clock): Wall => ({ year: day.year, month: day.month, day: day.day, ...clock });
  if (alone !== null && text.includes(':')) return [-1, 0, 1].map((days) => on(now.plus({ days }), alone));
  if (alone !== null && /[ap]m$/.test(text)) return [-1, 0, 1].map((days) => on(now.plus({ days }), alone));
  const clock = others.length === 0 ? MIDNIGHT : clockIn(others.join(' ').replace(/^at /, ''));
  if (clock === null) return null;
  const [, year, month, day] = DATE.exec(first) ?? [];
  if (year !== undefined) return [{ year: Number(year), month: Number(month), day: Number(day), ...clock }];
  const days = DAYS.get(first);
  if (days !== undefined) return [on(now.plus({ days }), clock)];
  const weekday = WEEKDAYS.findIndex((name) => name === first || (first.length >= 3 && first === name.slice(0, 3))) + 1;
  if (weekday === 0) return null;
  const ahead = now.plus({ days: (weekday - now.weekday + 7) % 7 });
  return [-7, 0, 7].map((shift) => on(ahead.plus({ days: shift }), clock)).slice(lean === 'ahead' ? 1 : 0);
}

/** `9:00`, `14:05:30`, `9am`. */
function clockIn(text: string): Clock | null {
  const [, hour, minute = '0', second = '0', fraction = '0', half] = CLOCK.exec(text) ?? [];
  if (hour === undefined || (half === undefined && !text.includes(':'))) return null;
  const written = Number(hour);
  if (half !== undefined && (written < 1 || written > 12)) return null;
  const clock = {
    hour: half === undefined ? written : (written % 12) + (half === 'pm' ? 12 : 0),
    minute: Number(minute),
    second: Number(second),
    millisecond: Number(fraction.padEnd(3, '0')),
  };
  return clock.hour < 24 && clock.minute < 60 && clock.second < 60 ? clock : null;
}

/** The one instant at which a clock on the wall shows this. Some it never shows, and some it shows twice. */
function onTheClock(wall: Wall, zone: string, fail: (why: string, hint: string) => never): number {
  const time = DateTime.fromObject(wall, { zone });
  if (!time.isValid) return fail(`is not a time: ${time.invalidExplanation ?? 'no such day'}`, EXAMPLES);
  if (time.hour !== wall.hour || time.minute !== wall.minute) {
    const before = time.minus({ hours: 3 }).offset;
    const skipped = time.offset - before;
    const earlier = time.minus({ minutes: skipped }).toISO({ suppressMilliseconds: true });
    return fail(
      `does not exist in ${zone}: clocks are put forward by ${skipped} minutes then`,
      `Say which is meant: ${earlier} or ${time.toISO({ suppressMilliseconds: true })}`,
    );
  }
  const both = time.getPossibleOffsets();
  if (both.length > 1) {
    const each = both.map((one) => one.toISO({ suppressMilliseconds: true }));
    return fail(`happens twice in ${zone}: clocks are put back then`, `Say which is meant: ${each.join(' or ')}`);
  }
  return time.toMillis();
}

function within(instant: number): number | null {
  return instant >= 0 && instant < INSTANT_MAX ? instant : null;
}
