/** A service that was away overnight: what was reserved meanwhile does not all begin at once when it is back. */

import { describe, expect, it } from 'vitest';
import {
  audit,
  decodeTurn,
  emptyState,
  encodeTurn,
  type Observation,
  POLICY_DEFAULT,
  type Start,
  takeTurn,
  type Turn,
} from '../../engine/index.js';

const HOUR = 3_600_000;
const LEASES = 5;
/** When the first lease is there. */
const BEGIN = 1000;

const KINDS = ['conservative', 'easy'] as const;
const ONE_AFTER_ANOTHER = (i: number): Start => ({ kind: 'advance', at: BEGIN + i * HOUR });

describe.each([true, false])('one node, exclusive: %s', (exclusive) => {
  it.each(KINDS)('advance leases whose time has passed are given up, %s', (kind) => {
    const back = away(exclusive, kind, ONE_AFTER_ANOTHER, BEGIN + 9 * HOUR);
    expect(starts(back)).toEqual([]);
    expect(back.decisions.flatMap((one) => (one.type === 'Failed' ? one.lease : []))).toEqual(['L1', 'L2', 'L3', 'L4']);
    expect(back.decisions.find(({ type }) => type === 'Failed')).toMatchObject({ reasons: [{ code: 'turns-missed' }] });
  });

  it.each(KINDS)('an advance lease that is not over yet has what is left, %s', (kind) => {
    const back = away(exclusive, kind, ONE_AFTER_ANOTHER, BEGIN + 2.5 * HOUR);
    expect(starts(back)).toEqual([['L2', BEGIN + 3 * HOUR]]);
    expect(back.decisions.flatMap((one) => (one.type === 'Failed' ? one.lease : []))).toEqual(['L1']);
  });

  it('reservations of best-effort leases are made anew, in their order and for all their time', () => {
    const now = BEGIN + 9.5 * HOUR;
    const back = away(exclusive, 'conservative', () => ({ kind: 'best-effort', before: null }), now);
    expect(starts(back)).toEqual([['L1', now + HOUR]]);
    expect(back.decisions.find(({ type }) => type === 'ReservationsMoved')).toMatchObject({
      leases: ['L1', 'L2', 'L3', 'L4'],
      from: [now, now + HOUR, now + 2 * HOUR, now + 3 * HOUR],
      cause: 'turns-missed',
    });
  });

  it('a little late is not missed', () => {
    const back = away(exclusive, 'conservative', () => ({ kind: 'best-effort', before: null }), BEGIN + HOUR + 5);
    expect(back.inputs).toEqual([]);
    expect(starts(back)).toEqual([['L1', BEGIN + 2 * HOUR]]);
  });
});

it('is in the log, and a replay decides the same', async () => {
  const turns: Turn[] = [];
  away(true, 'conservative', ONE_AFTER_ANOTHER, BEGIN + 9 * HOUR, turns);
  expect(turns.at(-1)!.inputs).toEqual([{ type: 'TurnsMissed', at: BEGIN + 9 * HOUR, since: BEGIN + HOUR }]);
  const read = turns.map((turn) => decodeTurn(encodeTurn(turn)));
  expect(await audit(emptyState(), each(read))).toBeNull();
});

/** Leases of an hour on one node, of which the first begins; then nobody plans until `back`. */
function away(
  exclusive: boolean,
  kind: (typeof KINDS)[number],
  start: (i: number) => Start,
  back: number,
  turns: Turn[] = [],
): Turn {
  const state = emptyState();
  const take = (...[inbox, now]: [Parameters<typeof takeTurn>[1], number]) => {
    const { turn } = takeTurn(state, inbox, now);
    turns.push(turn!);
    return turn!;
  };
  const node = { count: 1, capacity: [1000], exclusive, labels: {}, names: null, units: {} };
  const genesis = [
    { type: 'ClaimEpoch', epoch: 1 },
    { type: 'AdoptPolicy', policy: { ...POLICY_DEFAULT, suspension: 'none', backfilling: { kind } } },
    { type: 'DeclareSite', resources: [{ name: 'cpu', kind: 'amount' }] },
    { type: 'AddNodes', nodes: node },
  ] as const;
  take({ observations: [], commands: genesis }, 0);
  const commands = Array.from({ length: LEASES }, (_, i) => ({
    type: 'SubmitLease' as const,
    lease: `L${i}`,
    key: null,
    terms: {
      groups: [{ name: null, vms: 1, demand: [1000], image: null }],
      duration: HOUR,
      start: start(i),
      preemptible: true,
      where: null,
      name: null,
      user: null,
      project: null,
      labels: {},
    },
  }));
  const { decisions } = take({ observations: [], commands }, BEGIN);
  const begun = decisions.flatMap((one): Observation[] =>
    one.type === 'StartOrdered'
      ? [{ type: 'VmsStarted', at: BEGIN, lease: one.lease, order: one.order, vms: null }]
      : [],
  );
  take({ observations: begun, commands: [] }, BEGIN);
  return take({ observations: [], commands: [] }, back);
}

function starts({ decisions }: Turn): [string, number][] {
  return decisions.flatMap((one): [string, number][] => (one.type === 'StartOrdered' ? [[one.lease, one.until]] : []));
}

async function* each(turns: readonly Turn[]): AsyncIterable<Turn> {
  yield* turns;
}
