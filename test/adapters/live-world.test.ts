/** The live world: what goes into which batch, and what becomes of commands that get into none. */

import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { emptyState, run, type Answer, type Command, type Inbox, type Observation } from '../../engine/index.js';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { scaledClock, wallClock, type Clock } from '../../adapters/live/clock.js';
import { SimulatedCluster } from '../../adapters/simulated/cluster.js';
import { BATCH_MAX, InboxError, LiveWorld } from '../../adapters/live/world.js';

function cancel(lease: string): Command {
  return { type: 'CancelLease', lease };
}

function ended(lease: string, at: number): Observation {
  return { type: 'LeaseEnded', at, lease, order: '1.0' };
}

/** A clock that the test sets. It lets timers ring at once. */
class HandClock implements Clock {
  constructor(public time: number) {}
  now = () => this.time;
  realMs = () => 0;
}

function world(options: { clock?: Clock; inboxMax?: number; from?: number } = {}) {
  const observations = new Subject<Observation>();
  return { observations, world: new LiveWorld({ observations, ...options }) };
}

type Batch = { readonly now: number; readonly inbox: Inbox } | null;

function asked(batch: Batch): string[] {
  return batch!.inbox.commands.map((command) => ('lease' in command ? command.lease : command.type));
}

/** Answers a batch as the loop would. */
function answer(w: LiveWorld, batch: Batch, turn: number): void {
  w.answer(
    batch!.inbox.commands.map((command): Answer => {
      return { command, decided: { ok: true, requests: [] }, turn, decisions: [] };
    }),
  );
}

describe('batches', () => {
  it('hold everything that has arrived while the last turn was being written', async () => {
    const { world: w, observations } = world();
    const first = w.submit(cancel('A'));
    const batch = await w.next(null);
    expect(asked(batch)).toEqual(['A']);
    const later = [w.submit(cancel('B')), w.submit(cancel('C'))];
    observations.next(ended('D', 1));
    answer(w, batch, 1);
    const next = await w.next(null);
    expect(asked(next)).toEqual(['B', 'C']);
    expect(next!.inbox.observations).toEqual([ended('D', 1)]);
    answer(w, next, 2);
    expect((await first).turn).toBe(1);
    expect((await Promise.all(later)).map((one) => [one.turn, one.command])).toEqual([
      [2, cancel('B')],
      [2, cancel('C')],
    ]);
  });

  it('are waited for', async () => {
    const { world: w, observations } = world();
    const batch = w.next(null);
    setTimeout(() => observations.next(ended('A', 1)), 5);
    expect((await batch)!.inbox.observations).toEqual([ended('A', 1)]);
    const next = w.next(null);
    setTimeout(() => void w.submit(cancel('B')), 5);
    expect(asked(await next)).toEqual(['B']);
  });

  it('share a turn though they arrive one after another in one sweep of the sockets', async () => {
    const { world: w } = world();
    const batch = w.next(null);
    for (const lease of ['A', 'B']) setImmediate(() => void w.submit(cancel(lease)));
    expect(asked(await batch)).toEqual(['A', 'B']);
  });

  it('hold observations in order of what happened', async () => {
    const { world: w, observations } = world();
    for (const one of [ended('A', 5), ended('B', 3), ended('C', 5), ended('D', 3)]) observations.next(one);
    const { inbox } = (await w.next(null))!;
    expect(inbox.observations.map((one) => 'lease' in one && one.lease)).toEqual(['B', 'D', 'A', 'C']);
  });

  it('are limited; the rest comes next, in order', async () => {
    const { world: w } = world();
    const leases = Array.from({ length: BATCH_MAX + 5 }, (_, i) => `L${i}`);
    const answers = leases.map((lease) => w.submit(cancel(lease)));
    const first = await w.next(null);
    answer(w, first, 1);
    const second = await w.next(null);
    answer(w, second, 2);
    expect([...asked(first), ...asked(second)]).toEqual(leases);
    expect(asked(first).length).toBe(BATCH_MAX);
    expect((await Promise.all(answers)).map((one) => one.turn).filter((turn) => turn === 2).length).toBe(5);
  });
});

describe('time', () => {
  it('brings a batch at the wake-up, without input', async () => {
    const clock = new HandClock(10);
    const { world: w } = world({ clock });
    const batch = w.next(15);
    setTimeout(() => {
      clock.time = 15;
    }, 5);
    expect(await batch).toEqual({ now: 15, inbox: { observations: [], commands: [] } });
  });

  it('is taken at its own instant when it rings a little late; what has happened since comes next', async () => {
    const clock = { time: 1_007, now: () => clock.time, realMs: (until: number) => until - clock.time };
    const { world: w, observations } = world({ clock, from: 900 });
    void w.submit(cancel('A'));
    observations.next(ended('later', 1_003));
    observations.next(ended('before', 999));
    const batch = await w.next(1_000);
    expect(batch).toMatchObject({ now: 1_000, inbox: { observations: [ended('before', 999)] } });
    expect(asked(batch)).toEqual(['A']);
    answer(w, batch, 1);
    expect(await w.next(5_000)).toMatchObject({ now: 1_007, inbox: { observations: [ended('later', 1_003)] } });
  });

  it('that rings late is taken when it rings', async () => {
    const clock = { time: 2_000, now: () => clock.time, realMs: (until: number) => until - clock.time };
    const { world: w } = world({ clock, from: 900 });
    expect((await w.next(1_000))!.now).toBe(2_000);
  });

  it('does not wait for a wake-up that is due', async () => {
    const { world: w } = world({ clock: new HandClock(10), from: 20 });
    expect((await w.next(20))!.now).toBe(20);
  });

  it('never goes back, neither behind the log nor with the clock', async () => {
    const clock = new HandClock(100);
    const { world: w } = world({ clock, from: 150 });
    for (const [time, now] of [
      [100, 150],
      [180, 180],
      [170, 180],
      [181, 181],
    ] as const) {
      clock.time = time;
      void w.submit(cancel('A'));
      const batch = await w.next(null);
      expect(batch!.now).toBe(now);
      answer(w, batch, 1);
    }
  });

  it('may be so far away that no timer reaches it', async () => {
    const { world: w, observations } = world({ clock: { now: () => 0, realMs: () => 2 ** 40 } });
    let rang = false;
    const batch = w.next(2 ** 40).then((one) => {
      rang = true;
      return one;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(rang).toBe(false);
    observations.next(ended('A', 1));
    expect((await batch)!.now).toBe(0);
  });

  it('goes faster on a scaled clock', async () => {
    const clock = scaledClock(1_000_000, 5_000);
    expect(clock.now()).toBeGreaterThanOrEqual(5_000);
    const now = clock.now();
    const far = clock.realMs(now + 1_000_000_000);
    expect(far).toBeLessThanOrEqual(1_000);
    const { world: w } = world({ clock });
    expect((await w.next(now + 1_000_000))!.now).toBeGreaterThanOrEqual(now + 1_000_000);
    expect(wallClock.realMs(wallClock.now() + 500)).toBeLessThanOrEqual(500);
  });
});

describe('commands that get into no turn', () => {
  it('are refused as busy when too many wait, until there is room again', async () => {
    const { world: w } = world({ inboxMax: 2 });
    void w.submit(cancel('A'));
    void w.submit(cancel('B'));
    await expect(w.submit(cancel('C'))).rejects.toMatchObject({ name: 'InboxError', code: 'busy' });
    expect(w.inboxLength).toBe(2);
    const batch = await w.next(null);
    void w.submit(cancel('D'));
    answer(w, batch, 1);
    expect(asked(await w.next(null))).toEqual(['D']);
  });

  it('are refused when the world closes; the turn in hand is still answered', async () => {
    const { world: w } = world();
    const first = w.submit(cancel('A'));
    const batch = await w.next(null);
    const second = w.submit(cancel('B'));
    w.close();
    w.close();
    await expect(second).rejects.toEqual(new InboxError('closing'));
    await expect(w.submit(cancel('C'))).rejects.toMatchObject({ code: 'closing' });
    answer(w, batch, 1);
    expect((await first).turn).toBe(1);
    expect(await w.next(null)).toBeNull();
  });

  it('do not keep a world open that waits', async () => {
    const { world: w } = world();
    const batch = w.next(null);
    setTimeout(() => w.close(), 5);
    expect(await batch).toBeNull();
  });
});

describe('the loop', () => {
  it('must answer every command', async () => {
    const { world: w } = world();
    void w.submit(cancel('A'));
    await w.next(null);
    expect(() => w.answer([])).toThrow('every command of a turn is answered');
    await expect(w.next(null)).rejects.toThrow('every command of a turn is answered before the next turn');
  });

  it('ends when the cluster can no longer be observed', async () => {
    const { world: w, observations } = world();
    const batch = w.next(null);
    observations.error(new Error('the journal cannot be written'));
    await expect(batch).rejects.toThrow('the journal cannot be written');
  });

  it('turns commands into turns and answers them', async () => {
    const { world: w } = world();
    const log = new MemoryLog();
    const cluster = new SimulatedCluster();
    const running = run(emptyState(), { store: new MemoryStore(log), cluster, world: w });
    const claimed = await w.submit({ type: 'ClaimEpoch', epoch: 1 });
    expect(claimed).toMatchObject({ turn: 1, decided: { ok: true } });
    const unknown = await w.submit(cancel('nobody'));
    expect(unknown.decided).toMatchObject({ ok: false, rejection: { code: 'lease-unknown' } });
    w.close();
    expect((await running).turn).toBe(1);
    expect(log.turns.length).toBe(1);
  });
});
