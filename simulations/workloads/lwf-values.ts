/** The values in Haizea's files: times, amounts, resource names. */

import { AMOUNT_MAX, DURATION_MAX } from '../../engine/index.js';
import { quoted } from '../input-error.js';
import { faultAt } from './lwf-grammar.js';
import type { XmlElement } from './xml.js';

const TIME = /^([+-])?(?:(\d{1,9}):)?(\d{1,9}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?$/;

/** `[+][DD:]HH:MM:SS[.ss]` in milliseconds, ≥ `least`. */
export function timeOf(element: XmlElement, file: string, attribute: string, least: number): number {
  const text = element.attributes.get(attribute)!;
  const match = TIME.exec(text);
  const minutes = Number(match?.[4]);
  const seconds = Number(match?.[5]);
  if (match === null || minutes > 59 || seconds > 59) {
    throw faultAt(element, file, `${attribute} ${quoted(text)} is no time`, 'Write [DD:]HH:MM:SS[.ss].');
  }
  const hours = Number(match[2] ?? 0) * 24 + Number(match[3]);
  const fraction = Math.round(Number(`0.${match[6] ?? 0}`) * 1000);
  const length = ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction;
  const time = match[1] === '-' && length > 0 ? -length : length;
  if (time < least) {
    const hint = least > 0 ? 'It must be more than 0.' : 'It must not be before the workload begins.';
    throw faultAt(element, file, `${attribute} ${quoted(text)} is too small`, hint);
  }
  if (time > DURATION_MAX)
    throw faultAt(element, file, `${attribute} ${quoted(text)} is too large`, 'At most 1,000 years.');
  return time;
}

/** A whole number in [min, max]. */
export function wholeOf(element: XmlElement, file: string, attribute: string, min: number, max: number): number {
  const text = element.attributes.get(attribute)!;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    const hint = `Write a whole number from ${min} to ${max}.`;
    throw faultAt(element, file, `${attribute} ${quoted(text)} is not accepted`, hint);
  }
  return value;
}

/** Haizea's names and units in ours: CPU is percent of one cpu there, thousandths here; the others are the same. */
export function resourceOf(type: string): { readonly name: string; readonly factor: number } | null {
  if (type === 'CPU') return { name: 'cpu', factor: 10 };
  const name = type.toLowerCase();
  return /^[a-z][a-z0-9-]{0,31}$/.test(name) ? { name, factor: 1 } : null;
}

/**
 * The amount of a <res>, in our units. Several <instance>s (CPUs) are added up: our cpus are amounts, any part of which
 * will do, where Haizea fits instance by instance.
 */
export function amountOf(res: XmlElement, file: string, factor: number): number {
  const parts = res.children.length > 0 ? res.children : [res];
  if (res.attributes.has('amount') === res.children.length > 0) {
    throw faultAt(
      res,
      file,
      'not one amount',
      'Give either the attribute amount="…" or <instance amount="…"/> elements.',
    );
  }
  let sum = 0;
  for (const part of parts) {
    const text = part.attributes.get('amount')!;
    const amount = /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text) * factor * 1e6) / 1e6 : Number.NaN;
    if (!Number.isInteger(amount)) {
      const hint = `Write a number ≥ 0${factor === 10 ? ' with at most one decimal' : ' without decimals'}.`;
      throw faultAt(part, file, `amount ${quoted(text)} is not accepted`, hint);
    }
    sum += amount;
  }
  if (sum > AMOUNT_MAX) throw faultAt(res, file, 'the amount is too large', `At most ${AMOUNT_MAX / factor}.`);
  return sum;
}
