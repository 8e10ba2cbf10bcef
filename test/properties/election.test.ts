/**
 * Several services on one log, with clocks that differ, pauses, cuts and crashes, in simulated time: who leads, what a
 * leader may do, and what becomes of it all when the faults stop.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import {
  encodeBeat,
  followerDoes,
  leaderDoes,
  PACE,
  type Signs,
  UNWATCHED,
  type Watch,
  watched,
} from '../../api/election.js';
import type { Turn } from '../../engine/index.js';

const TICK = 100;
const FAULTY_MS = 90_000;
const QUIET_MS = 60_000;
/** By then one leads, however the faults ended. */
const SETTLED_MS = 15_000;
/** Clocks run so much faster or slower at most. */
const DRIFT = 0.02;

interface Fault {
  readonly at: number;
  readonly ms: number;
  readonly service: number;
  /** It stands still; it cannot reach the store; it ends, and begins anew. */
  readonly kind: 'pause' | 'cut' | 'crash';
}

/** The machines: they hear whoever has the highest epoch so far. */
class Machines {
  highest = 0;
  readonly done: { readonly order: string; readonly epoch: number }[] = [];
  private readonly known = new Set<string>();

  enact(order: string, epoch: number): void {
    if (epoch < this.highest) return;
    if (!this.known.has(order)) this.done.push({ order, epoch });
    this.known.add(order);
  }
}

/** One service, step by step. What takes time is a step that is due later. */
class Service {
  role: 'follower' | 'leader' = 'follower';
  watch: Watch = UNWATCHED;
  folded = 0;
  epoch = 0;
  latest = 0;
  confirmedAt = Number.NEGATIVE_INFINITY;
  private count = 0;
  private due: { readonly at: number; readonly step: () => void | Promise<void> }[] = [];
  private pausedUntil = 0;
  private cutUntil = 0;
  private nextLook = 0;
  private nextBeat = 0;
  private nextTurn = 0;
  /** Chosen anew in every life. */
  private stagger = 0;

  constructor(
    private readonly world: World,
    readonly index: number,
    private readonly rate: number,
    private readonly offset: number,
  ) {
    this.begin(0);
  }

  begin(now: number): void {
    this.role = 'follower';
    this.watch = UNWATCHED;
    this.due = [];
    this.confirmedAt = Number.NEGATIVE_INFINITY;
    this.nextLook = now;
    this.stagger = this.world.random(PACE.staggerMs);
  }

  meet({ kind, ms }: Fault, now: number): void {
    if (kind === 'cut') this.cutUntil = now + ms;
    else this.pausedUntil = now + ms;
    if (kind === 'crash') this.begin(now + ms);
  }

  /** Its own clock. */
  clock(now: number): number {
    return this.offset + now * this.rate;
  }

  does(now: number): ReturnType<typeof leaderDoes> {
    const { epoch, confirmedAt, latest } = this;
    return leaderDoes({ epoch, confirmedAt, latest }, this.clock(now), PACE);
  }

  async tick(now: number): Promise<void> {
    if (now < this.pausedUntil) return;
    const { due } = this;
    this.due = due.filter(({ at }) => at > now);
    for (const { at, step } of due) if (at <= now) await step();
    if (this.role === 'follower') await this.follow(now);
    else await this.lead(now);
  }

  private async follow(now: number): Promise<void> {
    if (now < this.nextLook) return;
    this.nextLook = now + PACE.pollMs;
    if (now < this.cutUntil) return;
    const { text, head } = await this.world.store.beats.last();
    this.folded = head.revision;
    this.watch = watched(this.watch, { beat: text, head }, this.clock(now), PACE);
    if (followerDoes(this.watch, this.folded, this.stagger, PACE) === 'wait') return;
    this.world.decided(now, head.epoch);
    this.nextLook = Number.POSITIVE_INFINITY;
    const claim: Turn = {
      number: head.revision + 1,
      now,
      inputs: [{ type: 'EpochClaimed', epoch: head.epoch + 1, by: `${this.index}` }],
      decisions: [],
    };
    this.later(now, () => this.claim(claim, head.epoch + 1));
  }

  private async claim(claim: Turn, epoch: number): Promise<void> {
    const { now, store, machines } = this.world;
    const taken = now >= this.cutUntil && (await store.append(claim, claim.number - 1, epoch)).outcome === 'appended';
    if (!taken) return this.begin(now);
    this.world.changed(now);
    this.role = 'leader';
    this.epoch = epoch;
    this.latest = epoch;
    this.folded = claim.number;
    this.nextBeat = now;
    this.nextTurn = now;
    this.later(now, () => {
      machines.highest = Math.max(machines.highest, epoch);
    });
  }

  private async lead(now: number): Promise<void> {
    if (this.does(now) === 'stand-by') return this.begin(now);
    if (now >= this.nextBeat) {
      this.nextBeat = now + PACE.beatMs;
      const began = this.clock(now);
      this.later(now, () => this.beat(began));
    }
    if (now >= this.nextTurn) {
      this.nextTurn = now + 700;
      await this.takeTurn(now);
    }
  }

  /** It arrives; that it did is known later. */
  private async beat(began: number): Promise<void> {
    const { now, store } = this.world;
    if (now < this.cutUntil) return;
    const text = encodeBeat({ epoch: this.epoch, count: ++this.count, url: `${this.index}`, left: false });
    const head = await store.beats.beat(text, this.epoch);
    if (head.epoch === this.epoch) this.world.changed(now);
    this.later(now, () => {
      if (head.epoch > this.epoch) this.latest = head.epoch;
      else this.confirmedAt = began;
    });
  }

  /** A turn with an order; the order is sent once the turn is in the log, and it is certain that nobody else leads. */
  private async takeTurn(now: number): Promise<void> {
    if (now < this.cutUntil) return;
    const { epoch } = this;
    const turn: Turn = { number: this.folded + 1, now, inputs: [], decisions: [] };
    const { outcome } = await this.world.store.append(turn, this.folded, epoch);
    if (outcome !== 'appended') {
      this.latest = Math.max(this.latest, epoch + 1);
      return;
    }
    this.world.changed(now);
    this.folded = turn.number;
    if (this.does(now) === 'enact') this.world.sent(this, now);
    // It may stand still between the decision and the word.
    if (this.does(now) === 'enact') this.later(now, () => this.world.machines.enact(`${turn.number}.0`, epoch));
  }

  /** Whatever waits for the network, or for the process to go on, happens a while later. */
  private later(now: number, step: () => void | Promise<void>): void {
    this.due.push({ at: now + this.world.random(600), step });
  }
}

class World {
  now = 0;
  readonly log = new MemoryLog();
  readonly store = new MemoryStore(this.log);
  readonly machines = new Machines();
  readonly services: Service[];
  claims = 0;
  private changedAt = Number.NEGATIVE_INFINITY;
  private readonly rolls: readonly number[];
  private rolled = 0;

  constructor(clocks: readonly { readonly rate: number; readonly offset: number }[], rolls: readonly number[]) {
    this.rolls = rolls;
    this.services = clocks.map(({ rate, offset }, index) => new Service(this, index, rate, offset));
  }

  /** From 0 to `most`. */
  random(most: number): number {
    return Math.floor((this.rolls[this.rolled++ % this.rolls.length]! / 1_000) * most);
  }

  /** The leader has shown that it lives. */
  changed(now: number): void {
    this.changedAt = now;
  }

  /** A follower is about to claim: nobody has shown anything for a lease, by any clock. */
  decided(now: number, epoch: number): void {
    this.claims++;
    if (epoch > 0) expect(now - this.changedAt).toBeGreaterThanOrEqual(PACE.leaseMs * (1 - DRIFT) - 2 * TICK);
  }

  /** A leader sends an order: the store has heard of it lately, and it did so while the log was its own. */
  sent(service: Service, now: number): void {
    expect(service.clock(now) - service.confirmedAt).toBeLessThan(PACE.leadMs);
  }

  async run(faults: readonly Fault[]): Promise<void> {
    for (; this.now < FAULTY_MS + QUIET_MS; this.now += TICK) {
      for (const fault of faults)
        if (fault.at === this.now) this.services[fault.service % this.services.length]!.meet(fault, this.now);
      for (const service of this.services) await service.tick(this.now);
      if (this.now === FAULTY_MS + SETTLED_MS) this.settled();
    }
  }

  private epochsWhenSettled = 0;

  /** One leads, and acts; the others know it. */
  settled(): void {
    const leaders = this.services.filter(({ role }) => role === 'leader');
    expect(leaders.map(({ epoch }) => epoch)).toEqual([this.log.epoch]);
    expect(leaders[0]!.does(this.now)).toBe('enact');
    this.epochsWhenSettled = this.log.epoch;
  }

  judge(): void {
    // 1. Nobody is superseded who lives and can reach the store.
    this.settled();
    expect(this.log.epoch).toBe(this.epochsWhenSettled);
    // 2. Epochs go up, each is claimed once.
    const epochs = this.log.turns.flatMap(({ inputs }) =>
      inputs.flatMap((input) => (input.type === 'EpochClaimed' ? [input.epoch] : [])),
    );
    expect(epochs).toEqual(epochs.map((_, i) => i + 1));
    // 3. Machines obey one after the other, and only orders that are in the log.
    const { done } = this.machines;
    expect(done.map(({ epoch }) => epoch)).toEqual(done.map(({ epoch }) => epoch).sort((a, b) => a - b));
    for (const { order } of done) expect(Number.parseInt(order, 10)).toBeLessThanOrEqual(this.log.turns.length);
    expect(done.length).toBeGreaterThan(0);
  }
}

const FAULT: fc.Arbitrary<Fault> = fc.record({
  at: fc.integer({ min: 0, max: FAULTY_MS / TICK / 2 }).map((tick) => tick * TICK),
  ms: fc.oneof(fc.integer({ min: 100, max: 3_000 }), fc.integer({ min: 5_000, max: 40_000 })),
  service: fc.nat(9),
  kind: fc.constantFrom('pause', 'cut', 'crash'),
});
const CLOCK = fc.record({
  rate: fc.integer({ min: -1_000, max: 1_000 }).map((part) => 1 + (part / 1_000) * DRIFT),
  offset: fc.integer({ min: 0, max: 1_000_000 }),
});
const ROLLS = fc.array(fc.nat(1_000), { minLength: 50, maxLength: 200 });

describe('several services', () => {
  it('have one leader at a time, obeyed by the machines, and one that stays when the faults stop', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(CLOCK, { minLength: 2, maxLength: 4 }),
        fc.array(FAULT, { maxLength: 12 }),
        ROLLS,
        async (clocks, faults, rolls) => {
          const world = new World(clocks, rolls);
          await world.run(faults);
          world.judge();
        },
      ),
      { numRuns: Number(process.env.LEASEHOLD_ELECTION_RUNS ?? '150') },
    );
  });

  it('keep their leader as long as it lives, whatever becomes of the others', async () => {
    const world = new World([CLOCKS.slow, CLOCKS.fast, CLOCKS.fast], [1_000, 0, 500]);
    await world.run([]);
    expect(world.log.epoch).toBe(1);
  });
});

const CLOCKS = { slow: { rate: 1 - DRIFT, offset: 0 }, fast: { rate: 1 + DRIFT, offset: 500 } };

describe('how long a follower has seen nothing', () => {
  const SIGNS: fc.Arbitrary<Signs> = fc.record({
    beat: fc.constantFrom(null, 'a', 'b'),
    head: fc.record({ revision: fc.nat(1), epoch: fc.constant(1) }),
  });

  it('is the time in which it looked, since it last saw something new', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ signs: SIGNS, after: fc.nat(20_000) }), { minLength: 1, maxLength: 40 }),
        (looks) => {
          let [watch, now] = [UNWATCHED, 0];
          const seen: { readonly at: number; readonly text: string }[] = [];
          for (const { signs, after } of looks) {
            now += after;
            watch = watched(watch, signs, now, PACE);
            seen.push({ at: now, text: `${signs.beat} ${signs.head.revision}` });
            expect(watch.silentMs).toBe(silence(seen));
          }
        },
      ),
    );
  });

  /** The slow way: from the last look back to the first that saw the same. */
  function silence(seen: readonly { readonly at: number; readonly text: string }[]): number {
    let silent = 0;
    for (let i = seen.length - 1; i > 0 && seen[i]!.text === seen[i - 1]!.text; i--)
      silent += Math.min(seen[i]!.at - seen[i - 1]!.at, PACE.beatMs);
    return silent;
  }
});
