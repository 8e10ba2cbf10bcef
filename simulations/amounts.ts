/**
 * Amounts as people write them: `8` cpus, `0.5` cpus, `32GiB`, and durations: `10m`, `1h30m`, `PT10M`, `90`. And how
 * resources are called where amounts are plain numbers: `memoryMiB`.
 */

import { AMOUNT_MAX, DURATION_MAX } from '../engine/index.js';

/** In MiB. */
const UNITS: Readonly<Record<string, number>> = { MiB: 1, GiB: 1024, TiB: 1024 * 1024 };
const IN_MIB = ['memory', 'disk'];

/** A number and perhaps a unit. */
const AMOUNT = /^(\d{1,12}(?:\.\d{1,6})?) ?([A-Za-z]*)$/;

/** The whole amount of a resource in the engine's units (cpu: thousandths, memory and disk: MiB), or what is wrong. */
export function amountOf(resource: string, given: string | number): number | { readonly problem: string } {
  const match = AMOUNT.exec(typeof given === 'number' ? plain(given) : given);
  if (match === null) return { problem: 'is no amount' };
  const unit = match[2]!;
  let factor = resource === 'cpu' ? 1000 : 1;
  if (unit !== '') {
    if (!IN_MIB.includes(resource)) return { problem: 'has a unit; only memory and disk have one' };
    if (!Object.hasOwn(UNITS, unit)) return { problem: `has an unknown unit; known: ${Object.keys(UNITS).join(', ')}` };
    factor = UNITS[unit]!;
  }
  const amount = Math.round(Number(match[1]) * factor * 1e6) / 1e6;
  if (!Number.isInteger(amount))
    return { problem: resource === 'cpu' ? 'has more than three decimals' : 'is not whole' };
  if (amount > AMOUNT_MAX) return { problem: `is too large; at most ${AMOUNT_MAX / factor} ${unit}`.trimEnd() };
  return amount;
}

/** Without exponent, where that is possible in few digits. */
function plain(value: number): string {
  return Number.isFinite(value) && Math.abs(value) < 1e12 ? String(value) : 'x';
}

const SECONDS = String.raw`\d{1,12}(?:\.\d{1,3})?`;
const SHORT = String.raw`(?=\d)(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(${SECONDS})s)?`;
const ISO = String.raw`P(?=\d|T\d)(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(${SECONDS})S)?)?`;
/** What `durationOf` accepts as text, for schemas. */
export const DURATION_PATTERN = `^(?:${SECONDS}|${SHORT}|${ISO})$`;
const DURATION = new RegExp(`^(?:(${SECONDS})|${SHORT}|${ISO})$`);

/** `10m`, `1d12h`, `PT10M` or seconds, in milliseconds; null: not a duration, or longer than is accepted anywhere. */
export function durationOf(given: string | number): number | null {
  if (typeof given === 'number') return given >= 0 ? limited(given * 1000) : null;
  const match = DURATION.exec(given);
  if (match === null) return null;
  const part = (short: number) => Number(match[short] ?? match[short + 4] ?? 0);
  const hours = part(2) * 24 + part(3);
  return limited((match[1] === undefined ? (hours * 60 + part(4)) * 60 + part(5) : Number(match[1])) * 1000);
}

/** In whole milliseconds. */
function limited(milliseconds: number): number | null {
  return milliseconds <= DURATION_MAX ? Math.round(milliseconds) : null;
}

/** Over HTTP and in workloads, resources are written as their site names them, except those that have a unit. */
const WRITTEN: ReadonlyMap<string, string> = new Map([
  ['memory', 'memoryMiB'],
  ['disk', 'diskMiB'],
]);

export function writtenName(resource: string): string {
  return WRITTEN.get(resource) ?? resource;
}

/** The resource that is written so: the inverse of `writtenName`. */
export function resourceName(written: string): string {
  for (const [resource, name] of WRITTEN) if (name === written) return resource;
  return written;
}

/** Cpus, where the engine has thousandths. */
export function writtenAmount(resource: string, amount: number): number {
  return resource === 'cpu' ? amount / 1000 : amount;
}
