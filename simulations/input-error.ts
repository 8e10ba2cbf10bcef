/** Input that cannot be used: what is wrong, where, and what to do about it. Never a stack trace for the user. */

/** Exit codes for input that is a mistake in the command, or in a configuration. */
export const USAGE = 2;
export const CONFIGURATION = 78;

/** Where in the input: the file, and the line or the path inside it, as far as known. */
export interface Place {
  readonly file: string;
  readonly line?: number | null;
  /** Inside the file: an XML path (`/site/nodes`) or the path of a key (`nodes[2].count`). */
  readonly path?: string | null;
}

/** `message` is `file:line: path: problem`, `hint` says what to do; both are printed before exiting with `exitCode`. */
export class InputError extends Error {
  override readonly name: string = 'InputError';
  readonly file: string;
  readonly line: number | null;
  readonly path: string | null;

  constructor(
    readonly problem: string,
    place: Place,
    readonly hint: string,
    readonly exitCode: number = 1,
  ) {
    const line = place.line ?? null;
    const path = place.path ?? null;
    super(`${place.file}${line === null ? '' : `:${line}`}: ${path === null ? '' : `${path}: `}${problem}`);
    this.file = place.file;
    this.line = line;
    this.path = path;
  }
}

/** A piece of the input for a message: control characters replaced, cut at `max` characters. */
export function quoted(text: string, max = 60): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
  return `"${clean.length > max ? `${clean.slice(0, max)}…` : clean}"`;
}

/** The name among `known` that was probably meant: two letters away at most (three in long names); null: none is. */
export function nearest(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = name.length > 8 ? 4 : 3;
  if (name.length > 64) return null;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A hint for a name that is not among `known`. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === null ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`;
}

/** Levenshtein's distance, row by row. O(length × length); both are short. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
