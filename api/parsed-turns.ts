/** Turns as they were parsed last: many who listen at the same time look into the same ones, which are parsed once. */

import type { Turn } from '../engine/index.js';

/** Of which those that are long take most of the room: about as much as so many parts of the feed. */
const KEPT_MAX = 64;

export class ParsedTurns {
  private readonly kept = new Map<string, Turn>();

  /** The turn that `text` is, as it stands in the log. It is shared: read it only. */
  of(text: string): Turn {
    const known = this.kept.get(text);
    if (known !== undefined) return known;
    const turn = JSON.parse(text) as Turn;
    if (this.kept.size >= KEPT_MAX) this.kept.delete(this.kept.keys().next().value!);
    this.kept.set(text, turn);
    return turn;
  }
}
