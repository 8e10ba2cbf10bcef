/** When a host counts as unreachable, and what the log hears of it. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Away, Liveness } from '../../adapters/libvirt/liveness.js';

const GRACE_MS = 60_000;

describe('a host', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function liveness(away: Away = new Map()) {
    const heard: string[] = [];
    const tell = ({ type }: { readonly type: string }) => void heard.push(type);
    return { heard, one: new Liveness({ graceMs: GRACE_MS, away, now: () => 0, tell, onUnreachable: () => {} }) };
  }

  test('that is silent for long is unreachable, once, and is found when it answers, once', () => {
    const { heard, one } = liveness();
    one.isSilent(1);
    vi.advanceTimersByTime(GRACE_MS - 1);
    one.isSilent(1);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(heard).toEqual(['NodeUnreachable']);
    one.isSilent(1);
    vi.advanceTimersByTime(GRACE_MS);
    for (let time = 0; time < 2; time++) one.answers(1);
    expect(heard).toEqual(['NodeUnreachable', 'NodeFound']);
  });

  test('that answers in time was never away', () => {
    const { heard, one } = liveness();
    for (let time = 0; time < 3; time++) {
      one.isSilent(1);
      vi.advanceTimersByTime(GRACE_MS - 1);
      one.answers(1);
    }
    vi.advanceTimersByTime(GRACE_MS);
    expect(heard).toEqual([]);
  });

  test.each(['unreachable', 'lost'] as const)('that the log has as %s is told of when it answers only', (status) => {
    const { heard, one } = liveness(new Map([[1, status]]));
    one.isSilent(1);
    vi.advanceTimersByTime(2 * GRACE_MS);
    expect(heard).toEqual([]);
    one.answers(1);
    expect(heard).toEqual(['NodeFound']);
  });

  test('that has left the site, or whose service ends, is told of no more', () => {
    for (const end of ['forget', 'close'] as const) {
      const { heard, one } = liveness();
      one.isSilent(1);
      one[end](1);
      vi.advanceTimersByTime(2 * GRACE_MS);
      one.answers(1);
      expect(heard).toEqual([]);
    }
  });
});
