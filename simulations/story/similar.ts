/** Names like one that is not known: the nearest of those seen, in bounded memory. */

import { editDistance } from '../input-error.js';

const KEPT = 5;

export class Similar {
  private readonly nearest: { readonly name: string; readonly distance: number }[] = [];

  constructor(private readonly wanted: string) {}

  /** O(length × length), and only for names about as long. */
  add(name: string): void {
    const distance = distanceOf(this.wanted, name);
    const most = Math.max(2, Math.floor(this.wanted.length / 3));
    if (distance > most || this.nearest.some((other) => other.name === name)) return;
    const place = this.nearest.findIndex((other) => other.distance > distance);
    if (place < 0) this.nearest.push({ name, distance });
    else this.nearest.splice(place, 0, { name, distance });
    if (this.nearest.length > KEPT) this.nearest.pop();
  }

  /** The nearest first; of those as near, those seen first. */
  get found(): readonly string[] {
    return this.nearest.map(({ name }) => name);
  }
}

/** One that begins with the other is near: ids are often cut off when they are copied. */
function distanceOf(wanted: string, name: string): number {
  if (wanted.length >= 4 && name.startsWith(wanted)) return 0;
  if (Math.abs(wanted.length - name.length) > 3 || name.length > 64) return Number.POSITIVE_INFINITY;
  return editDistance(wanted.toLowerCase(), name.toLowerCase());
}
