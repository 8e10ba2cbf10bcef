/** Durations as people write them: `2h30m`, `1 day`, `1.5h`, `90` (seconds), `PT1H`. And as people are shown them. */

import { formatDuration, FormatError, parseDuration } from '../api/formats.js';
import { CliError, EXIT } from './errors.js';

/** A map, since words are anybody's: an object has members that nobody wrote. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['weeks', 'w'],
  ['week', 'w'],
  ['days', 'd'],
  ['day', 'd'],
  ['hours', 'h'],
  ['hour', 'h'],
  ['hrs', 'h'],
  ['hr', 'h'],
  ['minutes', 'm'],
  ['minute', 'm'],
  ['mins', 'm'],
  ['min', 'm'],
  ['seconds', 's'],
  ['second', 's'],
  ['secs', 's'],
  ['sec', 's'],
]);
const MINUTES: Readonly<Record<string, number>> = { w: 10_080, d: 1440, h: 60 };
const LENGTH_MAX = 64;

/** Milliseconds; null: it is no duration. */
export function durationIn(text: string): number | null {
  if (text.length > LENGTH_MAX) return null;
  const short = text
    .trim()
    .replace(/[a-z]+/gi, (word) => WORDS.get(word.toLowerCase()) ?? word)
    .replace(/(?<=[a-z\d.])\s+(?=[a-z\d])/gi, '');
  // A fraction of one unit, where there is nothing else: 1.5h.
  const [, number, unit] = /^(\d{1,9}\.\d{1,6})([wdh])$/.exec(short) ?? [];
  if (number !== undefined) return Math.round(Number(number) * MINUTES[unit!]! * 60_000);
  try {
    return parseDuration(short);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

/** What was given for `option`, in milliseconds. */
export function durationOf(option: string, text: string): number {
  const duration = durationIn(text);
  if (duration !== null) return duration;
  const wrong = `${option} ${JSON.stringify(text)} must be a duration`;
  throw new CliError(wrong, 'Write 2h30m, 1d, 90 (seconds) or PT1H30M; months and years are too vague.', EXIT.usage);
}

/** As the API takes it. */
export function isoDurationOf(option: string, text: string): string {
  return formatDuration(durationOf(option, text));
}
