/** A lease that is stuck: its orders sent again, begun anew, or said to have been carried out. */

import { describe, expect, test } from 'vitest';
import { type Command, nextWakeup, ordersOf, type State, takeTurn } from '../../engine/index.js';
import { begun, MINUTE, nodes, submission } from '../support/play.js';

const recover = (how: 'retry' | 'recreate' | 'force'): Command => ({ type: 'RecoverLease', lease: 'A', how });

/** One lease that was ordered to start, on one node; nobody has answered. */
const starting = () => begun([nodes(1)], [{ id: 'A', vms: 1, minutes: 60 }], { orderTimeout: MINUTE });

function asked(state: State, now: number, ...commands: Command[]) {
  const { turn, answers } = takeTurn(state, { observations: [], commands }, now);
  return { turn, decided: answers[0]?.decided ?? null };
}

describe('a lease whose order nobody answers', () => {
  test('is overdue right after its order where the policy has no patience at all', () => {
    const state = begun([nodes(1)], [{ id: 'A', vms: 1, minutes: 60 }], { orderTimeout: 0 });
    const due = nextWakeup(state, state.now)!;
    expect(due).toBe(state.now + 1);
    expect(asked(state, due).turn!.decisions).toMatchObject([{ type: 'OrderOverdue' }]);
    expect(nextWakeup(state, due)).toBeGreaterThan(due);
  });

  test('has it sent again, the very same', () => {
    const state = starting();
    const ordered = state.leases.get('A')!.pending[0]!.decision;
    const overdue = asked(state, 2 * MINUTE).turn!;
    expect(overdue.decisions).toMatchObject([{ type: 'OrderOverdue' }]);
    expect(ordersOf(state, overdue)).toEqual([]);
    const { turn } = asked(state, 3 * MINUTE, recover('retry'));
    expect(turn!.decisions).toEqual([]);
    expect(ordersOf(state, turn!)).toMatchObject([{ decision: ordered, issued: 0 }]);
  });

  test('begins anew, however often it had failed', () => {
    const state = starting();
    const lease = state.leases.get('A')!;
    lease.attempts = 100;
    const { turn } = asked(state, MINUTE, recover('recreate'));
    const [stop] = turn!.decisions;
    expect(stop).toMatchObject({
      type: 'StopOrdered',
      // biome-ignore lint/suspicious/noThenProperty: the event's own word; the object is never awaited
      then: 'queue',
      reasons: [{ code: 'recovery-requested' }],
    });
    if (stop?.type !== 'StopOrdered') throw new Error('it was not stopped');
    const common = { at: 2 * MINUTE, lease: 'A', order: stop.order };
    const after = takeTurn(
      state,
      { observations: [{ type: 'VmsStopped', ...common, vms: null }], commands: [] },
      common.at,
    );
    expect(after.turn!.decisions).toMatchObject([{ type: 'StartOrdered', lease: 'A' }]);
    expect(lease).toMatchObject({ phase: 'starting', attempts: 1 });
  });

  test('runs, where somebody who has looked says so', () => {
    const state = starting();
    asked(state, MINUTE, recover('force'));
    expect(state.leases.get('A')).toMatchObject({ phase: 'active', clockFrom: MINUTE, pending: [] });
    expect(asked(state, MINUTE, recover('force')).decided).toMatchObject({
      ok: false,
      rejection: { code: 'lease-state', detail: 'lease A waits for no order' },
    });
  });

  test('is over, where its stop was carried out though nobody says so', () => {
    const state = starting();
    asked(state, MINUTE, recover('force'));
    asked(state, 2 * MINUTE, { type: 'CancelLease', lease: 'A' });
    expect(state.leases.get('A')!.phase).toBe('stopping');
    expect(asked(state, 3 * MINUTE, recover('recreate')).decided!.ok).toBe(false);
    asked(state, 3 * MINUTE, recover('force'));
    expect(state.leases.get('A')).toBeUndefined();
  });
});

test('what was promised its time does not begin anew', () => {
  const state = begun([nodes(1)], [{ id: 'A', vms: 1, minutes: 60, start: 'immediate' }], {});
  expect(asked(state, MINUTE, recover('recreate')).decided).toMatchObject({
    rejection: { detail: 'lease A was promised its time, and does not wait in the queue again' },
  });
});

test('an order to start is overdue only when VMs that must be ready have had their time', () => {
  const state = begun([nodes(1)], [], { orderTimeout: MINUTE });
  const asks = submission({ id: 'A', vms: 1, minutes: 60 });
  if (asks.type !== 'SubmitLease') throw new Error('nothing was asked for');
  const terms = { ...asks.terms, readyWithin: 10 * MINUTE };
  const { turn } = asked(state, 0, { ...asks, terms });
  expect(turn!.decisions).toMatchObject([{ type: 'StartOrdered', deadline: 11 * MINUTE }]);
});
