/** What a simulated world needs that goes on from the middle of a log: nothing given twice, an end, a log that nobody keeps. */

import {
  type Cluster,
  type EventStore,
  type Instant,
  InvariantError,
  type OrderId,
  type StateView,
  type Turn,
  type World,
} from '../../engine/index.js';

/** The cluster, except that orders that it was given before are not given again. */
export function withoutGiven(cluster: Cluster, given: ReadonlySet<OrderId>): Cluster {
  return {
    enact: (order) => {
      if (!given.has(order.id)) cluster.enact(order);
    },
    survey: () => cluster.survey(),
  };
}

/** The world, until what comes next lies beyond `end`. */
export function until(world: World, end: Instant): World {
  return {
    next: async (wakeup) => {
      const batch = await world.next(wakeup);
      return batch === null || batch.now > end ? null : batch;
    },
    answer: (answers) => world.answer(answers),
  };
}

/** A log that nobody keeps. `onTurn` hears of each turn. */
export function unkept(state: StateView, onTurn: (turn: Turn) => void): EventStore {
  const unread = (): never => {
    throw new InvariantError('what would have been is not kept');
  };
  return {
    append: async (turn) => {
      onTurn(turn);
      return { outcome: 'appended', revision: turn.number };
    },
    head: async () => ({ revision: state.turn, epoch: state.epoch }),
    read: unread,
    subscribe: unread,
    saveSnapshot: async () => {},
    latestSnapshot: async () => null,
    close: async () => {},
  };
}
