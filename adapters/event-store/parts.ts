/** Large turns are stored in numbered parts, void until the last is there: no line or row grows without limit. */

import { StoreError } from './errors.js';

/** A turn of at most so many bytes (UTF-8) is stored whole; a part is never longer. */
export const PART_BYTES_MAX = 512 * 1024;
/** 128 MiB; a larger turn is not stored. */
export const PARTS_MAX = 256;

/** An UTF-16 unit is at most three bytes of UTF-8: shorter texts need not be measured. */
const UNITS_SURELY_WHOLE = Math.floor(PART_BYTES_MAX / 3);

/** The text of a turn in parts, null where it is short enough to be stored whole. O(1) for short texts. */
export function split(text: string, turn: number): string[] | null {
  if (text.length <= UNITS_SURELY_WHOLE) return null;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= PART_BYTES_MAX) return null;
  const parts: string[] = [];
  let from = 0;
  while (from < bytes.length) {
    const until = characterStart(bytes, Math.min(from + PART_BYTES_MAX, bytes.length));
    parts.push(bytes.toString('utf8', from, until));
    from = until;
  }
  if (parts.length > PARTS_MAX) throw tooLarge(turn, bytes.length);
  return parts;
}

/** The error of a turn that no store takes. */
export function tooLarge(turn: number, bytes: number): StoreError {
  const limit = (PARTS_MAX * PART_BYTES_MAX) / 1024 / 1024;
  return new StoreError('too-large', `turn ${turn} has ${bytes} bytes; a turn has at most ${limit} MiB`, turn);
}

/** The last character boundary at or before `at`. */
function characterStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start < bytes.length && (bytes[start]! & 0b1100_0000) === 0b1000_0000) start--;
  return start;
}

/** Puts the parts of one turn after another together. Each method answers null, or what is wrong. */
export class PartsJoin {
  private texts: string[] = [];
  private turn = 0;
  private count = 0;

  /** Whether a turn has begun and is not complete. */
  get open(): boolean {
    return this.texts.length > 0;
  }

  /** What is missing, for messages. */
  get missing(): string {
    return `part ${this.texts.length + 1} of ${this.count} of turn ${this.turn} is missing`;
  }

  /** Takes the next part. */
  add(turn: number, part: number, of: number, text: string): string | null {
    if (!this.open) {
      this.turn = turn;
      this.count = of;
    }
    if (turn !== this.turn || of !== this.count || part !== this.texts.length + 1) return this.missing;
    if (part > of || of > PARTS_MAX || text.length > PART_BYTES_MAX) {
      return `part ${part} of ${of} of turn ${turn} is beyond the limits`;
    }
    this.texts.push(text);
    return null;
  }

  /** The whole text once the last part is there, else null. */
  take(): string | null {
    if (!this.open || this.texts.length < this.count) return null;
    const text = this.texts.join('');
    this.texts = [];
    return text;
  }
}
