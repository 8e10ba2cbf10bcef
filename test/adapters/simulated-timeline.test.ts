/** The future in order: time, then priority, then who came first; whatever was called off never happens. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timeline, type Happening, type Priority } from '../../adapters/simulated/timeline.js';

describe('the timeline', () => {
  it('is ordered by time, priority and sequence, which leaves no ties', () => {
    const items = fc.array(fc.record({ time: fc.nat(5), priority: fc.nat(7), off: fc.boolean() }), { maxLength: 300 });
    fc.assert(
      fc.property(items, (all) => {
        const timeline = new Timeline<number>();
        const added: Happening<number>[] = all.map(({ time, priority }, i) =>
          timeline.add(time, priority as Priority, i),
        );
        all.forEach(({ off }, i) => {
          if (off) timeline.callOff(added[i]!);
        });
        const expected = all
          .map((item, i) => ({ ...item, i }))
          .filter((item) => !item.off)
          .sort((a, b) => a.time - b.time || a.priority - b.priority || a.i - b.i);
        const taken: number[] = [];
        for (let next = timeline.next(); next !== null; next = timeline.next()) {
          expect(timeline.take(next - 1)).toBeNull();
          taken.push(timeline.take(next)!.what);
        }
        expect(taken).toEqual(expected.map((item) => item.i));
      }),
    );
  });

  it('passes over what is called off after it has happened, and twice', () => {
    const timeline = new Timeline<string>();
    const a = timeline.add(1, 0, 'a');
    const b = timeline.add(2, 0, 'b');
    timeline.take(1);
    timeline.callOff(a);
    timeline.callOff(b);
    timeline.callOff(b);
    expect(timeline.next()).toBeNull();
  });
});
