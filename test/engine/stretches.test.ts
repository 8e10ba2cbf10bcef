import { expect, test } from 'vitest';
import { FOREVER, Profile } from '../../engine/index.js';
import { Random } from '../../engine/kit/random.js';
import { Stretches } from '../../engine/schedule/stretches.js';

const NOW = 5;
const CAPACITY = 12;
const HELD_MAX = 14;
/** Behind it, everything is free. */
const HORIZON = 400;

interface Hold {
  readonly from: number;
  readonly length: number;
  readonly nodes: number;
}

test('with stretches, reservations move as where every instant is looked at, while others end and come', () => {
  for (let seed = 1; seed <= 400; seed++) play(new Random(seed), 260);
}, 120_000);

/** Reservations that move to where they could begin instead, as one pass moves them; some end meanwhile, others come. */
function play(random: Random, operations: number): void {
  const fast = new Profile([CAPACITY]);
  const slow = new Array<number>(HORIZON).fill(CAPACITY);
  const held: Hold[] = [];
  const add = ({ from, length, nodes }: Hold, factor: number): void => {
    fast.add(from, from + length, [nodes], factor);
    for (let at = from; at < from + length; at++) slow[at]! += factor * nodes;
  };
  const come = (): void => {
    const hold = { from: 0, length: 1 + random.below(15), nodes: 1 + random.below(CAPACITY) };
    held.push({ ...hold, from: earliest(slow, hold, NOW + random.below(60)) });
    add(held.at(-1)!, -1);
  };
  while (held.length < HELD_MAX) come();
  const stretches = new Stretches(NOW);
  for (let i = 0; i < operations; i++) {
    const index = random.below(held.length);
    const hold = held[index]!;
    const { from, length, nodes } = hold;
    if (random.chance(1, 8)) {
      held.splice(index, 1);
      add(hold, 1);
      stretches.raise(fast, from, from + length, nodes, fast.most(from, from + length));
      if (random.chance(1, 2)) while (held.length < HELD_MAX) come();
      else if (held.length === 0) come();
      continue;
    }
    // 1. The slow way: lifted, and put back.
    add(hold, 1);
    const best = earliest(slow, hold, NOW);
    add(hold, -1);
    // 2. As compression goes about it.
    const since = Math.min(stretches.first(fast, nodes, length), fast.freeSince(from, nodes, NOW));
    const at = since >= from ? FOREVER : fast.earliestInstead(since, nodes, length, from);
    if (at !== (best < from ? best : FOREVER)) expect({ hold, at }).toEqual({ hold, at: best });
    if (at === FOREVER) {
      if (since < from) stretches.lower(nodes, length, from);
      continue;
    }
    add(hold, 1);
    held[index] = { ...hold, from: at };
    add(held[index]!, -1);
    const left = Math.max(from, at + length);
    if (left < from + length) stretches.raise(fast, left, from + length, nodes, fast.most(left, from + length));
  }
}

function earliest(free: readonly number[], { length, nodes }: Hold, after: number): number {
  for (let from = after; ; from++) {
    let at = from;
    while (at < from + length && (free[at] ?? CAPACITY) >= nodes) at++;
    if (at === from + length) return from;
  }
}
