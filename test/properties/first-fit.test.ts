/** Who is found first in a long queue, beside slow twins that go through all of it. */

import { expect, test } from 'vitest';
import { type Command, Profile } from '../../engine/index.js';
import { Random } from '../../engine/kit/random.js';
import { Staircase } from '../../engine/schedule/backfill.js';
import { DEMAND, FirstFit, LENGTH, type Room, VMS } from '../../engine/state/first-fit.js';
import { type Asked, type Doing, MINUTE, nodes, play } from '../support/play.js';

const PROCS = 64;
const SHORTEST = 20;
const LENGTHS = 60;

interface Waiting {
  readonly sequence: number;
  readonly vms: number;
  remaining: number;
  terms: { groups: { demand: number[] }[]; where: null | { requires: never[] } };
  phase: 'waiting' | 'suspended';
  preparation: null;
}

/** What is asked, and what becomes of those that are found. */
interface Asking extends Room {
  take(lease: Waiting): void;
}

test('those that fit are found in order, whoever joins, leaves, comes back or changes (10^5 operations)', () => {
  const found = { begun: 0, inVain: 0 };
  for (let seed = 1; seed <= 10; seed++) new Play(new Random(seed), 500, PROCS, 0, found).go(8000);
  // Rows so long that they have blocks of blocks.
  new Play(new Random(11), 9000, 2, 0, found).go(30_000);
  expect(found.begun).toBeGreaterThan(3000);
  expect(found.inVain).toBeGreaterThan(3000);
}, 120_000);

test('so are those that ask for several resources, and all that are not told by what they ask for (10^5 operations)', () => {
  const found = { begun: 0, inVain: 0 };
  for (let seed = 1; seed <= 10; seed++) new Play(new Random(seed), 500, 8, 2, found).go(8000);
  new Play(new Random(11), 9000, 2, 1, found).go(30_000);
  expect(found.begun).toBeGreaterThan(3000);
  expect(found.inVain).toBeGreaterThan(500);
}, 120_000);

/** About `waiting` leases of up to `widest` VMs wait. Those that are found begin, or not, and leave. */
class Play {
  private readonly fast = new FirstFit<Waiting>();
  private readonly queue: Waiting[] = [];
  private readonly gone: Waiting[] = [];
  private sequence = 0;

  constructor(
    private readonly random: Random,
    private readonly waiting: number,
    private readonly widest: number,
    private readonly resources: number,
    private readonly found: { begun: number; inVain: number },
  ) {}

  go(operations: number): void {
    while (this.queue.length < this.waiting) this.arrive();
    for (let i = 0; i < operations; i++) {
      const what = this.random.below(16);
      if (this.queue.length < this.waiting && what < 10) this.arrive();
      else if (what < 11) this.leave(this.random.pick(this.queue));
      else if (what < 12) this.comeBack();
      else if (what < 13) this.change(this.random.pick(this.queue));
      else this.ask();
    }
  }

  private arrive(): void {
    const vms = this.random.chance(1, 2) ? 1 : 1 + this.random.below(this.widest);
    const groups = [{ demand: this.demand() }];
    if (this.random.chance(1, 50)) groups.push({ demand: this.demand() });
    const where = this.random.chance(1, 50) ? { requires: [] } : null;
    const phase = this.random.chance(1, 50) ? ('suspended' as const) : ('waiting' as const);
    const sequence = ++this.sequence;
    const lease = { sequence, vms, remaining: this.length(), terms: { groups, where }, phase, preparation: null };
    this.queue.push(lease);
    this.fast.add(lease);
  }

  private leave(lease: Waiting | undefined): void {
    if (lease === undefined) return;
    this.queue.splice(this.queue.indexOf(lease), 1);
    if (this.random.chance(1, 4)) lease.phase = 'suspended'; // it may have become something else by then
    this.fast.delete(lease);
    if (this.random.chance(1, 8)) expect(this.fast.delete(lease)).toBe(false); // it may be told twice
    if (this.gone.push(lease) > 30) this.gone.shift();
  }

  private comeBack(): void {
    const [lease] = this.gone.splice(this.random.below(this.gone.length + 1), 1);
    if (lease === undefined) return;
    lease.remaining = this.length();
    lease.phase = 'waiting';
    this.queue.push(lease);
    this.queue.sort((a, b) => a.sequence - b.sequence);
    this.fast.add(lease);
  }

  private change(lease: Waiting | undefined): void {
    if (lease === undefined) return;
    // Who does not wait is not found for that.
    for (const one of [lease, ...this.gone])
      this.fast.change(one, () => {
        one.remaining = this.length();
        if (this.random.chance(1, 2)) one.terms.groups[0]!.demand = this.demand();
      });
  }

  private ask(): void {
    const first = this.random.chance(3, 4) ? 1 : this.random.below(this.queue.length);
    if (!this.fast.knows(this.queue, first, this.resources)) return;
    const asking = this.resources === 0 ? this.stairs() : this.site();
    const expected = this.inTurn(this.queue.slice(first), asking());
    const begun: Waiting[] = [];
    const room = asking();
    for (const lease of this.fast.from(this.queue[first]!.sequence, room)) {
      room.take(lease);
      begun.push(lease);
    }
    expect(begun).toEqual(expected);
    for (const lease of begun) this.leave(lease);
    this.found.begun += begun.length;
    if (begun.length === 0) this.found.inVain++;
  }

  /** The slow twin. */
  private inTurn(waiting: readonly Waiting[], room: Asking): Waiting[] {
    return waiting.filter(({ vms, remaining, terms, phase }, i) => {
      const told = phase === 'waiting' && terms.groups.length === 1 && terms.where === null;
      const cells = new Float64Array(DEMAND + this.resources);
      if (told || this.resources === 0) {
        [cells[VMS], cells[LENGTH]] = [vms, remaining];
        for (let r = 0; r < this.resources; r++) cells[DEMAND + r] = terms.groups[0]!.demand[r]!;
      }
      const may = room.mayFit(cells, 0);
      if (may) room.take(waiting[i]!);
      return may;
    });
  }

  /** Mostly little is free, and less later. */
  private stairs(): () => Asking {
    const profile = new Profile([PROCS]);
    let free = this.random.below(12);
    profile.add(0, 1000, [PROCS - free], -1);
    for (let holds = this.random.below(4); holds > 0; holds--) {
      const held = this.random.below(free + 1);
      profile.add(1 + this.random.below(SHORTEST + LENGTHS), 1000, [held], -1);
      free -= held;
    }
    return () => {
      const stairs = new Staircase(profile, 0);
      const take = ({ vms, remaining }: Waiting) => stairs.take(vms, remaining);
      return { mayFit: (cells, at) => stairs.mayFit(cells, at), take };
    };
  }

  /** Something is free; of those that ask, every other one begins, and whoever asks for as much as the others is told by that. */
  private site(): () => Asking {
    const free = Array.from({ length: this.resources }, () => this.random.below(60));
    return () => {
      const left = [...free];
      const inVain: Float64Array[] = [];
      const reaches = (cells: Float64Array, at: number, asked: Float64Array) =>
        asked.every((x, i) => cells[at + i]! >= x);
      return {
        mayFit: (cells, at) =>
          left.every((amount, r) => cells[at + VMS]! * cells[at + DEMAND + r]! <= amount) &&
          !inVain.some((asked) => reaches(cells, at, asked)),
        take: ({ sequence, vms, remaining, terms }) => {
          const { demand } = terms.groups[0]!;
          const fits = left.every((amount, r) => vms * demand[r]! <= amount);
          if (fits && sequence % 2 === 0) for (const r of left.keys()) left[r]! -= vms * demand[r]!;
          else inVain.push(Float64Array.of(vms, remaining, ...demand));
        },
      };
    };
  }

  private demand(): number[] {
    return Array.from({ length: this.resources }, () => 1 + this.random.below(12));
  }

  private length(): number {
    return SHORTEST + this.random.below(LENGTHS);
  }
}

test.each([
  { name: 'counted nodes', site: [nodes(PROCS, 1, 1024, { exclusive: true })], suspension: 'none' as const },
  { name: 'shared nodes', site: [nodes(10, 4, 4096), nodes(3, 8, 16_384)], suspension: 'all' as const },
])(
  'turns of a long queue on $name are the same as where a limit makes all of it be gone through',
  async (on) => {
    let long = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const { asked, doings } = backlog(new Random(seed), on.name === 'shared nodes');
      const turnsWith = async (candidatesMax: number | null) => {
        const policy = { backfilling: { kind: 'easy' }, candidatesMax, suspension: on.suspension } as const;
        const { turns } = await play(on.site, asked, policy, doings);
        return turns.slice(1).map(({ now, decisions }) => ({ now, decisions }));
      };
      const turns = await turnsWith(null);
      expect(turns).toEqual(await turnsWith(1e9));
      long += turns.length;
    }
    expect(long).toBeGreaterThan(2500);
  },
  240_000,
);

/**
 * Nearly all arrive at once; some are cancelled, shortened, made larger or held for a while, and advance leases suspend those
 * that run. `sizes`: VMs of many sizes, not always alike, some only on some nodes.
 */
function backlog(random: Random, sizes: boolean): { asked: Asked[]; doings: Doing[] } {
  const asked: Asked[] = [];
  const doings: Doing[] = [];
  const group = () => [1 + random.below(4), 1 + random.below(4), 256 * (1 + random.below(12))] as const;
  const some = () => (random.chance(1, 20) ? [group(), group()] : [group()]);
  for (let i = 0; i < 600; i++) {
    const minutes = 5 + random.below(120);
    const vms = sizes ? some() : random.chance(1, 2) ? 1 : 1 + random.below(PROCS / 2);
    const runs = 1 + random.below(minutes);
    const at = random.below(30);
    const on = sizes && random.chance(1, 40) ? { on: [1, 2, 11] } : {};
    if (random.chance(1, 30))
      asked.push({ id: `${i}`, at, vms, minutes, runs, start: { at: at + 60 + random.below(600) } });
    else asked.push({ id: `${i}`, at, vms, minutes, runs, ...on });
    const then = (after: number, command: Command): unknown => doings.push({ at: at + after, command });
    const what = random.below(14);
    if (what === 0) then(random.below(100), { type: 'CancelLease', lease: `${i}` });
    if (what === 1)
      then(random.below(100), { type: 'ChangeDuration', lease: `${i}`, duration: (1 + random.below(90)) * MINUTE });
    if (what === 2) then(random.below(50), { type: 'HoldLease', lease: `${i}` });
    if (what === 2) then(60 + random.below(300), { type: 'ReleaseLease', lease: `${i}` });
    if (what === 3 && sizes)
      then(random.below(100), { type: 'ResizeLease', lease: `${i}`, demands: [[1000 * (1 + random.below(4)), 512]] });
  }
  return { asked, doings };
}
