/** Pieces of Haizea's files: times, attribute values, and the elements that workloads and annotations share. */

import type { Losses } from './losses.js';

/** `[DD:]HH:MM:SS[.mmm]` */
export function lwfTime(milliseconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const whole = Math.floor(milliseconds / 1000);
  const days = Math.floor(whole / 86_400);
  const clock = `${two(Math.floor(whole / 3600) % 24)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  const fraction = milliseconds % 1000 === 0 ? '' : `.${String(milliseconds % 1000).padStart(3, '0')}`;
  return `${days > 0 ? `${two(days)}:` : ''}${clock}${fraction}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for an attribute or an element. XML has no place for control characters, nor for blanks at the ends. */
export function xml(text: string, line: number | null, losses: Losses): string {
  const clean = text
    .replace(/[\u0000-\u001f\u007f]/g, ' ')
    .replace(/ {64,}/g, ' '.repeat(64))
    .trim();
  if (clean !== text) losses.changed('control characters and outer blanks: removed', line);
  return clean.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** `<attr name="…" value="…"/>`, each on a line of its own. */
export function attrs(
  values: readonly (readonly [string, string])[],
  indent: string,
  line: number | null,
  losses: Losses,
): string {
  return values
    .map(([name, value]) => `${indent}<attr name="${xml(name, line, losses)}" value="${xml(value, line, losses)}"/>\n`)
    .join('');
}

export function softwareText(image: string | null, size: number): string {
  return image === null
    ? '<software><none/></software>'
    : `<software><disk-image id="${image}" size="${size}"/></software>`;
}
