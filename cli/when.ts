/** Times as people are shown them: `in 2h` in tables, the clock on their wall elsewhere, or as they ask. */

export interface TimeOptions {
  readonly utc?: boolean;
  readonly iso?: boolean;
  readonly tz?: string;
}

/** From a time as the API writes it (RFC 3339) to what is shown. */
export type ShowTime = (time: string) => string;

/** `in 2h`, what a clock on the wall shows, or both. */
export type TimeStyle = 'relative' | 'clock' | 'both';

/** As `style` says, unless something else was asked for. */
export async function timesShown(options: TimeOptions, style: TimeStyle): Promise<ShowTime> {
  if (options.iso === true) return (time) => time;
  const isZoned = options.utc === true || options.tz !== undefined;
  const ago: ShowTime = (time) => fromNow(Date.parse(time) - Date.now());
  if (style === 'relative' && !isZoned) return ago;
  const { DateTime } = await import('luxon');
  const { zoneOf } = await import('./times.js');
  const zone = options.utc === true ? 'UTC' : zoneOf(options.tz);
  const clock: ShowTime = (time) => {
    const at = DateTime.fromISO(time, { zone });
    return `${at.toFormat('yyyy-MM-dd HH:mm:ss')}${zone === 'UTC' ? 'Z' : at.toFormat('ZZ')}`;
  };
  return style === 'both' ? (time) => `${clock(time)} (${ago(time)})` : clock;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `in 1h58m`, `3m ago`, `now`: two units at most, the second only where it still matters. */
export function fromNow(ms: number): string {
  const span = spanOf(Math.abs(ms));
  if (span === '') return 'now';
  return ms > 0 ? `in ${span}` : `${span} ago`;
}

function spanOf(ms: number): string {
  const two = (large: number, largeName: string, small: number, smallName: string): string => {
    const rest = Math.floor((ms % large) / small);
    return `${Math.floor(ms / large)}${largeName}${rest === 0 ? '' : `${rest}${smallName}`}`;
  };
  if (ms < SECOND) return '';
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < 10 * MINUTE) return two(MINUTE, 'm', SECOND, 's');
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < DAY) return two(HOUR, 'h', MINUTE, 'm');
  if (ms < 10 * DAY) return two(DAY, 'd', HOUR, 'h');
  return `${Math.floor(ms / DAY)}d`;
}
