/** Waits for what must become true some time: long enough for a machine that is busy. */

import { expect } from 'vitest';

/** `await eventually(() => read()).toBe(…)`. */
export function eventually<T>(read: () => T | Promise<T>) {
  return expect.poll(read, { timeout: 60_000 });
}
