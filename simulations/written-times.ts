/** Instants and durations as they are written over HTTP, on the command line and in stories of leases. */

import { INSTANT_MAX } from '../engine/index.js';

/** RFC 3339 in UTC, with milliseconds only where there are any. */
export function formatInstant(instant: number): string {
  if (instant !== last.instant) {
    const text = new Date(Math.min(instant, INSTANT_MAX - 1)).toISOString();
    last = { instant, text: text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text };
  }
  return last.text;
}

/** Most times that are written are those of the turn before: writing a date anew is ten times as dear. */
let last = { instant: 0, text: '1970-01-01T00:00:00Z' };

export function formatInstantOrNull(instant: number | null): string | null {
  return instant === null ? null : formatInstant(instant);
}

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** ISO 8601, hours and below: `PT49H`, `PT1H30M`, `PT0.5S`. */
export function formatDuration(duration: number): string {
  const hours = Math.floor(duration / HOUR);
  const minutes = Math.floor((duration % HOUR) / MINUTE);
  const seconds = (duration % MINUTE) / 1000;
  const text = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${seconds > 0 ? `${seconds}S` : ''}`;
  return text === '' ? 'PT0S' : `PT${text}`;
}
