/** Tables that fit the terminal: identifiers stay whole, other columns are shortened; in a pipe nothing is. */

import stringWidth from 'string-width';
import type picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** A column, as far as its layout goes. */
export interface Layout {
  readonly title: string;
  readonly alignRight: boolean;
  /** Never shortened. */
  readonly whole: boolean;
}

const GAP = '  ';
/** A column is not made narrower than this, whatever the terminal. */
const WIDTH_MIN = 6;

/** How wide each column is to be so that a row takes at most `most` cells; null: it may be as wide as it likes. */
export function widthsFor(
  columns: readonly Layout[],
  rows: readonly (readonly string[])[],
  most: number | null,
): number[] {
  const widths = columns.map(({ title }, i) =>
    rows.reduce((widest, row) => Math.max(widest, stringWidth(row[i] ?? '')), stringWidth(title)),
  );
  if (most === null) return widths;
  const shrinkable = columns.flatMap(({ whole }, i) => (whole ? [] : [i]));
  const fixed = widths.reduce((sum, width, i) => (shrinkable.includes(i) ? sum : sum + width), 0);
  const room = most - fixed - GAP.length * (columns.length - 1);
  // The widest give way first: the same limit for all, as high as it can be.
  let limit = Math.max(0, ...widths);
  const taken = (): number => shrinkable.reduce((sum, i) => sum + Math.min(widths[i]!, limit), 0);
  while (limit > WIDTH_MIN && taken() > room) limit--;
  for (const i of shrinkable) widths[i] = Math.min(widths[i]!, limit);
  return widths;
}

/** How many cells a row takes. */
export function widthOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
}

/** One line, without what would be blank at its end. */
export function lineOf(
  cells: readonly string[],
  columns: readonly Layout[],
  widths: readonly number[],
  paint: (cell: string, column: number) => string = (cell) => cell,
): string {
  const padded = cells.map((cell, i) => {
    const shown = shortened(cell, widths[i]!);
    const blank = ' '.repeat(Math.max(0, widths[i]! - stringWidth(shown)));
    return columns[i]!.alignRight ? `${blank}${paint(shown, i)}` : `${paint(shown, i)}${blank}`;
  });
  return padded.join(GAP).trimEnd();
}

/** The text, or its beginning and `…` where it is wider than that; wide characters count twice. */
export function shortened(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** States by how they went. */
export function coloured(word: string, colours: Colours): string {
  switch (word) {
    case 'active':
    case 'done':
    case 'up':
      return colours.green(word);
    case 'rejected':
    case 'failed':
    case 'expired':
    case 'lost':
    case 'unreachable':
      return colours.red(word);
    case 'suspended':
    case 'suspending':
    case 'resuming':
    case 'draining':
      return colours.yellow(word);
    default:
      return word;
  }
}
