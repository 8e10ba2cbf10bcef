/** Single values of a YAML workload, each at its path in the file: times, whole numbers, flags, texts. */

import { CURRENCY_PARTS, RATE_MAX } from '../../engine/index.js';
import { durationOf } from '../amounts.js';
import { quoted } from '../input-error.js';
import { anyMapping, type Path, shown, type YamlFile } from '../yaml-file.js';
import { LABEL_MAX, LABELS_MAX } from './limits.js';

/** In milliseconds. */
export function timeAt(yaml: YamlFile, path: Path, value: unknown, least: number): number {
  const time = typeof value === 'number' || typeof value === 'string' ? durationOf(value) : null;
  if (time !== null && time >= least) return time;
  const hint = `Write seconds${least > 0 ? ' (more than 0)' : ''} or a duration such as 1h30m.`;
  throw yaml.fault(path, `${shown(value)} is no time`, hint);
}

export function wholeAt(yaml: YamlFile, path: Path, value: unknown, most: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
  throw yaml.fault(path, `${shown(value)} is not accepted`, `Write a whole number from 0 to ${most}.`);
}

/** Millionths of a currency unit per VM-hour, written in units. */
export function rateAt(yaml: YamlFile, path: Path, value: unknown): number {
  const rate = typeof value === 'number' ? Math.round(value * CURRENCY_PARTS) : -1;
  if (rate >= 0 && rate <= RATE_MAX) return rate;
  throw yaml.fault(path, `${shown(value)} is no rate`, `Write a number from 0 to ${RATE_MAX / CURRENCY_PARTS}.`);
}

export function flagAt(yaml: YamlFile, path: Path, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw yaml.fault(path, `${shown(value)} is not accepted`, 'Write true or false.');
}

/** null: there is none. Numbers are texts, too: names such as `7` need no quotes. */
export function textAt(yaml: YamlFile, path: Path, value: unknown, lengthMax: number): string | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && text.length <= lengthMax) return text;
  throw yaml.fault(path, `${shown(value)} is not accepted`, `Write a text of at most ${lengthMax} characters.`);
}

/** Texts by name: labels and attributes. */
export function textsAt(yaml: YamlFile, path: Path, value: unknown): Readonly<Record<string, string>> {
  const texts: [string, string][] = [];
  for (const [key, given] of anyMapping(yaml, path, value)) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/.test(key)) {
      const hint = 'Names are letters, digits, ".", "_", "-" and "/", at most 63.';
      throw yaml.fault([...path, key], `the name ${quoted(key)} is not accepted`, hint);
    }
    texts.push([key, textAt(yaml, [...path, key], given, LABEL_MAX) ?? '']);
  }
  if (texts.length > LABELS_MAX) throw yaml.fault(path, 'too many entries', `At most ${LABELS_MAX}.`);
  return Object.fromEntries(texts);
}
