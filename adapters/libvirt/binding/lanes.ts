/** The connections of a host: a few, so that a call that takes minutes keeps no other waiting. */

import { type CallKind, monotonicMs } from './calls.js';
import { Lane } from './lane.js';
import { UNDER_WAY_MAX } from './limits.js';

type Pace = CallKind['pace'];

const IDLE_MS = 60_000;
/** So long after nobody waits for them any more, calls count as never ending. */
const STUCK_MS = 5_000;

/** A call's turn: until when somebody waits for it. */
export interface Turn {
  until: number;
}

interface Queue {
  readonly underWay: Set<Turn>;
  readonly waiting: (() => void)[];
}

export class Lanes {
  private readonly free: Lane[];
  private readonly queues: Record<Pace, Queue> = { quick: queue(), slow: queue(), guest: queue(), long: queue() };

  /** @param base Opened already, and kept: it hears what happens. */
  constructor(
    private readonly uri: string,
    private readonly base: Lane,
  ) {
    this.free = [base];
  }

  /** Runs with a connection of its own. `null`: the time was over before there was one, and nothing was done. */
  async with<T>(pace: Pace, turn: Turn, work: (lane: Lane) => Promise<T>): Promise<{ readonly value: T } | null> {
    const { underWay, waiting } = this.queues[pace];
    if (underWay.size >= UNDER_WAY_MAX[pace]) await new Promise<void>((resolve) => waiting.push(resolve));
    underWay.add(turn);
    try {
      if (monotonicMs() >= turn.until) return null;
      const lane = this.free.pop() ?? (await Lane.open(this.uri));
      try {
        return monotonicMs() >= turn.until ? null : { value: await work(lane) };
      } finally {
        this.giveBack(lane);
      }
    } finally {
      underWay.delete(turn);
      waiting.shift()?.();
    }
  }

  private giveBack(lane: Lane): void {
    lane.freeSince = monotonicMs();
    if (lane === this.base || lane.isAlive) this.free.push(lane);
    else lane.close();
  }

  /** Every now and then: closes what nobody uses. True: all calls of a pace hang, and no other will ever get its turn. */
  sweep(): boolean {
    const now = monotonicMs();
    for (const lane of this.free.filter((one) => one !== this.base && now - one.freeSince > IDLE_MS)) {
      this.free.splice(this.free.indexOf(lane), 1);
      lane.close();
    }
    return Object.entries(this.queues).some(
      ([pace, { underWay }]) =>
        underWay.size >= UNDER_WAY_MAX[pace as Pace] && [...underWay].every(({ until }) => now > until + STUCK_MS),
    );
  }
}

function queue(): Queue {
  return { underWay: new Set(), waiting: [] };
}
