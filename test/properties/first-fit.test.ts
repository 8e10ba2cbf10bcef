/** Who is found first in a long queue, beside slow twins that go through all of it. */

import { expect, test } from 'vitest';
import { type Command, Profile } from '../../engine/index.js';
import { Random } from '../../engine/kit/random.js';
import { Staircase } from '../../engine/schedule/backfill.js';
import { FirstFit } from '../../engine/state/first-fit.js';
import { type Asked, type Doing, MINUTE, nodes, play } from '../support/play.js';

const PROCS = 64;
const SHORTEST = 20;
const LENGTHS = 60;

interface Waiting {
  readonly sequence: number;
  readonly vms: number;
  remaining: number;
}

test('those that fit are found in order, whoever joins, leaves, comes back or changes (10^5 operations)', () => {
  const found = { begun: 0, inVain: 0 };
  for (let seed = 1; seed <= 10; seed++) new Play(new Random(seed), 500, PROCS, found).go(8000);
  // Rows so long that they have blocks of blocks.
  new Play(new Random(11), 9000, 2, found).go(30_000);
  expect(found.begun).toBeGreaterThan(3000);
  expect(found.inVain).toBeGreaterThan(3000);
}, 120_000);

/** About `waiting` leases of up to `widest` VMs wait. Those that are found begin, and with that leave. */
class Play {
  private readonly fast = new FirstFit<Waiting>();
  private readonly queue: Waiting[] = [];
  private readonly gone: Waiting[] = [];
  private sequence = 0;

  constructor(
    private readonly random: Random,
    private readonly waiting: number,
    private readonly widest: number,
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
    const lease = { sequence: ++this.sequence, vms, remaining: this.length() };
    this.queue.push(lease);
    this.fast.add(lease);
  }

  private leave(lease: Waiting | undefined): void {
    if (lease === undefined) return;
    this.queue.splice(this.queue.indexOf(lease), 1);
    this.fast.delete(lease);
    if (this.random.chance(1, 8)) this.fast.delete(lease); // it may be told twice
    if (this.gone.push(lease) > 30) this.gone.shift();
  }

  private comeBack(): void {
    const [lease] = this.gone.splice(this.random.below(this.gone.length + 1), 1);
    if (lease === undefined) return;
    lease.remaining = this.length();
    this.queue.push(lease);
    this.queue.sort((a, b) => a.sequence - b.sequence);
    this.fast.add(lease);
  }

  private change(lease: Waiting | undefined): void {
    if (lease === undefined) return;
    lease.remaining = this.length();
    this.fast.note(lease);
    for (const other of this.gone) this.fast.note(other); // who does not wait is not found for that
  }

  private ask(): void {
    const first = this.random.chance(3, 4) ? 1 : this.random.below(this.queue.length);
    if (!this.fast.knows(this.queue, first)) return;
    const profile = this.profile();
    const expected = inTurn(this.queue.slice(first), new Staircase(profile, 0));
    const stairs = new Staircase(profile, 0);
    const begun: Waiting[] = [];
    for (const lease of this.fast.from(this.queue[first]!.sequence, stairs)) {
      stairs.take(lease.vms, lease.remaining);
      begun.push(lease);
    }
    expect(begun).toEqual(expected);
    for (const lease of begun) this.leave(lease);
    this.found.begun += begun.length;
    if (begun.length === 0) this.found.inVain++;
  }

  /** Mostly little is free, and less later. */
  private profile(): Profile {
    const profile = new Profile([PROCS]);
    let free = this.random.below(12);
    profile.add(0, 1000, [PROCS - free], -1);
    for (let holds = this.random.below(4); holds > 0; holds--) {
      const held = this.random.below(free + 1);
      profile.add(1 + this.random.below(SHORTEST + LENGTHS), 1000, [held], -1);
      free -= held;
    }
    return profile;
  }

  private length(): number {
    return SHORTEST + this.random.below(LENGTHS);
  }
}

/** The slow twin. */
function inTurn(waiting: readonly Waiting[], stairs: Staircase): Waiting[] {
  return waiting.filter(({ vms, remaining }) => {
    const fits = stairs.fits(vms, remaining);
    if (fits) stairs.take(vms, remaining);
    return fits;
  });
}

test('turns of a long queue are the same as where a limit makes all of it be gone through', async () => {
  let long = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const { asked, doings } = backlog(new Random(seed));
    const turnsWith = async (candidatesMax: number | null) => {
      const policy = { backfilling: { kind: 'easy' }, candidatesMax, suspension: 'none' } as const;
      const { turns } = await play([nodes(PROCS, 1, 1024, { exclusive: true })], asked, policy, doings);
      return turns.slice(1).map(({ now, decisions }) => ({ now, decisions }));
    };
    const turns = await turnsWith(null);
    expect(turns).toEqual(await turnsWith(1e9));
    long += turns.length;
  }
  expect(long).toBeGreaterThan(2500);
}, 120_000);

/** Nearly all arrive at once; some are cancelled, shortened or held for a while, and advance leases suspend those that run. */
function backlog(random: Random): { asked: Asked[]; doings: Doing[] } {
  const asked: Asked[] = [];
  const doings: Doing[] = [];
  for (let i = 0; i < 600; i++) {
    const minutes = 5 + random.below(120);
    const vms = random.chance(1, 2) ? 1 : 1 + random.below(PROCS / 2);
    const runs = 1 + random.below(minutes);
    const at = random.below(30);
    if (random.chance(1, 30))
      asked.push({ id: `${i}`, at, vms, minutes, runs, start: { at: at + 60 + random.below(600) } });
    else asked.push({ id: `${i}`, at, vms, minutes, runs });
    const then = (after: number, command: Command): unknown => doings.push({ at: at + after, command });
    const what = random.below(12);
    if (what === 0) then(random.below(100), { type: 'CancelLease', lease: `${i}` });
    if (what === 1)
      then(random.below(100), { type: 'ChangeDuration', lease: `${i}`, duration: (1 + random.below(90)) * MINUTE });
    if (what === 2) then(random.below(50), { type: 'HoldLease', lease: `${i}` });
    if (what === 2) then(60 + random.below(300), { type: 'ReleaseLease', lease: `${i}` });
  }
  return { asked, doings };
}
