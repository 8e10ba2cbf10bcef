/** The future of a simulated cluster: a heap ordered by (time, priority, sequence), which is a total order. */

import { Heap, type Instant, type Timed } from '../../engine/index.js';

/** What comes first at one instant: the lower number. Three bits. */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Something that will happen; `what` is null once it has been called off. */
export interface Happening<T> extends Timed {
  what: T | null;
}

/** Priority and running number share one exact integer: 3 + 50 bits. */
const PRIORITY_STEP = 2 ** 50;

export class Timeline<T> {
  private readonly heap = new Heap<Happening<T>>();
  private added = 0;
  private calledOff = 0;

  /** O(log n). */
  add(time: Instant, priority: Priority, what: T): Happening<T> {
    const happening = { time, sequence: priority * PRIORITY_STEP + this.added++, what };
    this.heap.push(happening);
    return happening;
  }

  /** It will not happen. What has happened already is left alone. */
  callOff(happening: Happening<unknown>): void {
    if (happening.what === null) return;
    happening.what = null;
    this.calledOff++;
    if (this.calledOff > 64 && this.calledOff * 2 > this.heap.size) {
      this.heap.filter((item) => item.what !== null);
      this.calledOff = 0;
    }
  }

  /** When the next thing happens; null: nothing is left. */
  next(): Instant | null {
    return this.first()?.time ?? null;
  }

  /** Takes out the next thing that happens at or before `until`. O(log n). */
  take(until: Instant): { readonly time: Instant; readonly what: T } | null {
    const first = this.first();
    if (first === undefined || first.time > until) return null;
    this.heap.pop();
    const { time, what } = first;
    first.what = null;
    return { time, what: what! };
  }

  private first(): Happening<T> | undefined {
    let first = this.heap.peek();
    while (first !== undefined && first.what === null) {
      this.heap.pop();
      if (this.calledOff > 0) this.calledOff--;
      first = this.heap.peek();
    }
    return first;
  }
}
