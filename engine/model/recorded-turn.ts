/**
 * A turn out of a log. Its decisions are most of its text, and whoever replays it has just made the same: letter for letter
 * the same, they need not be decoded, checked and compared member by member.
 */

import { decodeTurn, HEAD } from './codec.js';
import type { Decision, Input, Turn } from './events.js';
import { check } from './shapes.js';

const MEMBER = ',"decisions":';

export class RecordedTurn implements Turn {
  private known: readonly Decision[] | null = null;

  private constructor(
    readonly number: number,
    readonly now: number,
    readonly inputs: readonly Input[],
    private readonly text: string,
    /** Where in the text the member with the decisions begins. */
    private readonly at: number,
  ) {}

  /** Throws a CodecError that names the member at fault; where it is in the decisions, only when those are looked at. */
  static decode(text: string): RecordedTurn {
    const at = text.indexOf(MEMBER);
    const head = at < 0 ? null : headOf(text.slice(0, at));
    if (head !== null) return new RecordedTurn(head.number, head.now, head.inputs, text, at);
    const { number, now, inputs, decisions } = decodeTurn(text);
    const turn = new RecordedTurn(number, now, inputs, text, at);
    turn.known = decisions;
    return turn;
  }

  /** Throws a CodecError. */
  get decisions(): readonly Decision[] {
    this.known ??= decodeTurn(this.text).decisions;
    return this.known;
  }

  /** Whether these were decided, the order of members aside. Throws a CodecError. O(characters of both). */
  says(decisions: readonly Decision[]): boolean {
    if (this.known === null) {
      const rest = `${JSON.stringify(decisions)}}`; // the last brace is the turn's
      const begin = this.at + MEMBER.length;
      if (this.text.length === begin + rest.length && this.text.endsWith(rest)) {
        this.known = decisions;
        return true;
      }
    }
    return same(decisions, this.decisions);
  }
}

/** What comes before the decisions; null: the text is not as `encodeTurn` writes it, or wrong. */
function headOf(text: string): Omit<Turn, 'decisions'> | null {
  try {
    // It is the turn's own member that begins here only where one brace closes all that is open.
    const head: unknown = JSON.parse(`${text}}`);
    check(head, HEAD, 'turn');
    return head as Omit<Turn, 'decisions'>;
  } catch {
    return null;
  }
}

/** Whether two JSON values are equal, member order aside. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!same(a[i], b[i])) return false;
    return true;
  }
  const one = a as Record<string, unknown>;
  const other = b as Record<string, unknown>;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  for (const name of names) if (!same(one[name], other[name])) return false;
  return true;
}
