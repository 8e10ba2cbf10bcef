/** Reading a log page by page, and following it as it grows: the same for every store that keeps turns. */

import type { Revision, Turn } from '../../engine/index.js';
import { StoreError, closedError } from './errors.js';

interface Numbered {
  readonly number: Revision;
}

/** A log as pages of turns, decoded or as stored; where a server keeps it, the answers come later. */
export interface PagedLog<T extends Numbered = Turn> {
  readonly closed: boolean;
  /** The number of the last turn. */
  last(): Revision | Promise<Revision>;
  /** The turns after `after`, in order, as many as one page holds; none: there are no more now. */
  page(after: Revision): readonly T[] | Promise<readonly T[]>;
}

/** A log that can be followed by looking again. */
export interface Pages<T extends Numbered = Turn> extends PagedLog<T> {
  /** Resolves when there may be more than there was at the call, and whenever `wake` is called. */
  more(): Promise<void>;
  wake(): void;
}

/**
 * Turns after `after`, up to the one that was the last when the reading began. Fails when the store is closed before
 * that: a short read is no end of the log.
 */
export async function* readPages<T extends Numbered>(pages: PagedLog<T>, after: Revision): AsyncGenerator<T> {
  if (pages.closed) throw closedError();
  const last = await pages.last();
  let read = after;
  while (read < last) {
    if (pages.closed) throw closedError();
    const page = await pages.page(read);
    if (page.length === 0) throw new StoreError('corrupt', `turn ${read + 1} is missing from the log`, read + 1);
    for (const turn of page) {
      if (turn.number > last) return;
      yield turn;
      read = turn.number;
      if (pages.closed && read < last) throw closedError();
    }
  }
}

/** Turns after `after`, then every later one, until the store is closed or the reader leaves. */
export function followPages(pages: Pages, after: Revision): AsyncIterableIterator<Turn> {
  let left = false;
  const turns = (async function* () {
    let read = after;
    while (!pages.closed && !left) {
      // Asked for first: what is appended while the page is read would be missed.
      const more = pages.more();
      const page = await pages.page(read);
      for (const turn of page) {
        yield turn;
        read = turn.number;
        if (pages.closed || left) return;
      }
      if (page.length === 0) await more;
    }
  })();
  return {
    next: () => turns.next(),
    // A generator that waits does not hear of its return before it is woken.
    return: () => {
      left = true;
      pages.wake();
      return turns.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Wakes all who wait for the next append. */
export class Signal {
  private waiting: (() => void)[] = [];

  wait(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  fire(): void {
    if (this.waiting.length === 0) return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
