/** A binary min-heap ordered by (time, sequence): a total order as long as no pair is pushed twice. */

export interface Timed {
  readonly time: number;
  readonly sequence: number;
}

export class Heap<T extends Timed> {
  private readonly items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  /** The earliest item, left in place. O(1). */
  peek(): T | undefined {
    return this.items[0];
  }

  /** O(log n). */
  push(item: T): void {
    const items = this.items;
    let i = items.length;
    items.push(item);
    while (i > 0) {
      const parent = (i - 1) >>> 1;
      if (!before(item, items[parent]!)) break;
      items[i] = items[parent]!;
      i = parent;
    }
    items[i] = item;
  }

  /** Takes the earliest item out. O(log n). */
  pop(): T | undefined {
    const items = this.items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0 && last !== undefined) this.sink(last);
    return top;
  }

  /** Calls `visit` for every item with time ≤ `until`, in no particular order. O(items visited). */
  forEachUntil(until: number, visit: (item: T) => void): void {
    const items = this.items;
    if (items.length === 0 || items[0]!.time > until) return;
    const open = [0];
    while (open.length > 0) {
      const i = open.pop()!;
      visit(items[i]!);
      const left = 2 * i + 1;
      if (left < items.length && items[left]!.time <= until) open.push(left);
      if (left + 1 < items.length && items[left + 1]!.time <= until) open.push(left + 1);
    }
  }

  /** Keeps the items for which `keep` holds. O(n). */
  filter(keep: (item: T) => boolean): void {
    const { items } = this;
    let count = 0;
    for (const item of items) if (keep(item)) items[count++] = item;
    items.length = count;
    for (let i = (count >>> 1) - 1; i >= 0; i--) this.sink(items[i]!, i);
  }

  /** Puts the item at `i`, or below it. */
  private sink(item: T, at = 0): void {
    const items = this.items;
    const count = items.length;
    let i = at;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= count) break;
      if (child + 1 < count && before(items[child + 1]!, items[child]!)) child++;
      if (!before(items[child]!, item)) break;
      items[i] = items[child]!;
      i = child;
    }
    items[i] = item;
  }
}

function before(a: Timed, b: Timed): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}
