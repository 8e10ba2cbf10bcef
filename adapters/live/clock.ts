/** Clocks of the live service: the wall's, or a faster one for trying things out. */

import type { Instant } from '../../engine/index.js';

export interface Clock {
  now(): Instant;
  /** How many real milliseconds from now on it takes until this clock shows `until`; not above 0: it does already. */
  realMs(until: Instant): number;
}

export const wallClock: Clock = {
  now: () => Date.now(),
  realMs: (until) => until - Date.now(),
};

/** Shows `from` now, and goes `scale` times as fast as real time. `scale` > 0. */
export function scaledClock(scale: number, from: Instant): Clock {
  const began = performance.now();
  const elapsed = (): number => performance.now() - began;
  return {
    now: () => from + Math.floor(elapsed() * scale),
    realMs: (until) => (until - from) / scale - elapsed(),
  };
}

/** The wall's clock where that will do; otherwise one that goes `scale` times as fast, and is not before `last`. */
export function clockFrom(scale: number, last: Instant): Clock {
  const from = Math.max(Date.now(), last);
  return scale === 1 && from > last ? wallClock : scaledClock(scale, from);
}
