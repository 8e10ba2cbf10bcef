/** VMs rebooted, reset, paused and unpaused while their lease runs on. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Act,
  type Command,
  decodeState,
  encodeState,
  type Observation,
  type State,
  takeTurn,
} from '../../engine/index.js';
import { type Asked, begun, type Doing, drawn, MINUTE, nodes, play } from '../support/play.js';

const act = (lease: string, what: Act, vms: readonly number[] | null = null): Command => {
  return { type: 'ActOnLease', lease, act: what, vms };
};
const at = (minute: number, command: Command): Doing => ({ at: minute, command });

/** A lease of three VMs that runs. */
function running(more: Partial<Asked> = {}): State {
  const site = nodes(3, 1, 1024, { labels: { storage: 'vault' } });
  const state = begun([site], [{ id: 'A', vms: 3, minutes: 60, ...more }], {});
  take(state, 0, [{ type: 'VmsStarted', at: 0, lease: 'A', order: state.leases.get('A')!.run!, vms: null }]);
  return state;
}

function take(state: State, now: number, observations: Observation[], ...commands: Command[]) {
  return takeTurn(state, { observations, commands }, now);
}

/** Asks for it, and tells that it was done. */
function done(state: State, command: Command, now = state.now + 1): void {
  const { turn } = take(state, now, [], command);
  const order = turn!.decisions.find((decision) => decision.type === 'ActOrdered')!;
  take(state, now, [{ type: 'VmsActed', at: now, lease: order.lease, order: order.order, vms: order.vms }]);
}

const said = (state: State, command: Command) => {
  const { answers } = take(state, state.now + 1, [], command);
  const { decided } = answers[0]!;
  return decided.ok ? decided.requests.length : decided.rejection;
};

describe('a lease whose VMs all run', () => {
  test('is acted on where it is, and its time runs on', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 30 }], {}, [
      at(5, act('A', 'pause')),
      at(10, act('A', 'unpause')),
      at(15, act('A', 'reboot', [1, 1])),
    ]);
    expect(played.draw(40)).toBe(drawn('n1 |AAAAAA..'));
    expect(played.on('A').map(({ type }) => type)).toEqual([
      'StartOrdered',
      ...['ActOrdered', 'ActOrdered', 'ActOrdered'],
    ]);
    expect(played.over.get('A')!.ended).toBe(30 * MINUTE);
  });

  test('has its VMs paused and unpaused, some or all; once more changes nothing', () => {
    const state = running();
    const lease = state.leases.get('A')!;
    done(state, act('A', 'pause', [2, 2]));
    expect(lease.paused).toEqual([2, 2]);
    expect(said(state, act('A', 'pause', [2, 2]))).toBe(0);
    done(state, act('A', 'pause'));
    expect(lease.paused).toEqual([1, 3]);
    expect(decodeState(encodeState(state)).leases.get('A')!.paused).toEqual([1, 3]);
    done(state, act('A', 'unpause', [1, 2]));
    expect(lease.paused).toEqual([3, 3]);
    expect(said(state, act('A', 'unpause', [1, 1]))).toBe(0);
    expect(lease).toMatchObject({ phase: 'active', clockFrom: 0 });
  });

  test('does one thing at a time, and stays as it is where that fails', () => {
    const state = running();
    const { turn } = take(state, 1, [], act('A', 'pause'));
    expect(said(state, act('A', 'reset'))).toMatchObject({
      code: 'lease-state',
      detail: 'lease A is busy with what was asked before; try again',
    });
    const [ordered] = turn!.decisions;
    if (ordered?.type !== 'ActOrdered') throw new Error('it was not ordered');
    take(state, 2, [{ type: 'OrderFailed', at: 2, lease: 'A', order: ordered.order, detail: 'no' }]);
    const lease = state.leases.get('A')!;
    expect(lease).toMatchObject({ phase: 'active', paused: [], pending: [], attempts: 0, clockFrom: 0 });
    // What comes late of an order that was answered changes nothing.
    take(state, 3, [{ type: 'VmsActed', at: 3, lease: 'A', order: ordered.order, vms: null }]);
    expect(lease.paused).toEqual([]);
    expect(said(state, act('A', 'reset'))).toBe(1);
  });

  test.each([
    [[4, 4], 'terms-invalid'],
    [[0, 1], 'terms-invalid'],
    [[2, 1], 'terms-invalid'],
    [[1, 2, 2, 3], 'terms-invalid'],
    [[], 'terms-invalid'],
    [[1.5, 2], 'terms-invalid'],
  ])('has no VMs %j', (vms, code) => {
    expect(said(running(), act('A', 'reset', vms))).toMatchObject({ code, pointer: '/vms' });
  });

  test('has no guest to reboot where it is paused', () => {
    const state = running();
    done(state, act('A', 'pause', [2, 2]));
    expect(said(state, act('A', 'reboot'))).toMatchObject({
      detail: 'lease A has paused VMs among these: unpause them first',
    });
    expect(said(state, act('A', 'reboot', [1, 1, 3, 3]))).toBe(1);
  });

  test('is stopped and suspended though it is paused, and runs when it is back', async () => {
    const played = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 30 }], {}, [
      at(5, act('A', 'pause')),
      at(10, { type: 'SuspendLease', lease: 'A' }),
      at(20, { type: 'ResumeLease', lease: 'A' }),
    ]);
    expect(played.draw(45)).toBe(drawn('n1 |AA...AAAA'));
    const stopped = await play([nodes(1)], [{ id: 'A', vms: 1, minutes: 30 }], {}, [
      at(5, act('A', 'pause')),
      at(10, { type: 'CancelLease', lease: 'A' }),
    ]);
    expect(stopped.over.get('A')).toMatchObject({ outcome: 'cancelled', paused: [] });
  });

  test('is not acted on in the turn in which it leaves', () => {
    const state = running();
    const { turn, answers } = take(state, 60 * MINUTE, [], act('A', 'reboot'));
    expect(answers[0]!.decided.ok).toBe(true);
    expect(turn!.decisions.map(({ type }) => type)).toEqual(['StopOrdered', 'ChangeRefused']);
    expect(state.acts).toEqual([]);
  });

  test('waits for what is done to its VMs before they are saved', () => {
    const state = running();
    const { turn } = take(state, 1, [], act('A', 'reset'));
    const [ordered] = turn!.decisions;
    const saved = take(state, 2, [], { type: 'SuspendLease', lease: 'A' }).turn!.decisions;
    const orders = saved.filter((decision) => decision.type === 'SuspendOrdered');
    expect(orders.length).toBeGreaterThan(0);
    if (ordered?.type === 'ActOrdered') for (const order of orders) expect(order.after).toContain(ordered.order);
  });
});

test('a lease that does not run is not acted on', () => {
  const state = begun(
    [nodes(1)],
    ['A', 'B'].map((id) => ({ id, vms: 1, minutes: 60 })),
    {},
  );
  expect(said(state, act('A', 'pause'))).toMatchObject({
    detail: 'lease A is starting; pausing is for leases whose VMs all run',
  });
  expect(said(state, act('B', 'reset'))).toMatchObject({ code: 'lease-state' });
  expect(said(state, act('C', 'reset'))).toMatchObject({ code: 'lease-unknown' });
});

test('whatever is asked, acts change neither nodes nor capacity nor time', () => {
  const acts = fc.array(
    fc.record({
      what: fc.constantFrom<Act>('reboot', 'reset', 'pause', 'unpause'),
      vms: fc.option(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))),
      outcome: fc.constantFrom('done', 'failed', 'open'),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(acts, (asked) => {
      const state = running();
      const lease = state.leases.get('A')!;
      const held = () => [
        ...[lease.phase, lease.nodes, lease.from, lease.until, lease.remaining, lease.clockFrom],
        state.pools.map((pool) => [0, 30, 59, 61].map((minute) => pool.profile.freeAt(minute * MINUTE, 0))),
      ];
      const before = held();
      for (const { what, vms, outcome } of asked) {
        const { turn } = take(state, state.now, [], act('A', what, vms));
        const ordered = turn?.decisions.find((decision) => decision.type === 'ActOrdered');
        if (ordered === undefined || outcome === 'open') continue;
        const common = { at: state.now, lease: 'A', order: ordered.order };
        const answer: Observation =
          outcome === 'done'
            ? { type: 'VmsActed', ...common, vms: ordered.vms }
            : { type: 'OrderFailed', ...common, detail: '' };
        const { decisions } = take(state, state.now, [answer]).turn!;
        expect(decisions).toEqual([]);
      }
      expect(held()).toEqual(before);
    }),
  );
});

describe('disks of VMs that run', () => {
  const move = (to?: string, vms: readonly number[] | null = null): Command => {
    return { type: 'ActOnLease', lease: 'A', act: 'move-disks', vms, ...(to === undefined ? {} : { to }) };
  };

  test('are ordered to move to a place, and the order is never overdue', () => {
    const state = running();
    const { turn } = take(state, 1, [], move('/mnt/ssd', [2, 2]));
    const order = turn!.decisions.find((decision) => decision.type === 'ActOrdered')!;
    expect(order).toMatchObject({ act: 'move-disks', to: '/mnt/ssd', vms: [2, 2], deadline: null });
    expect(decodeState(encodeState(state)).leases.get('A')!.pending[0]!.decision).toEqual(order);
    expect(said(state, move('/mnt/ssd', [2, 2]))).toMatchObject({ code: 'lease-state' });
    take(state, 3, [{ type: 'OrderFailed', at: 3, lease: 'A', order: order.order, detail: 'no space left' }]);
    expect(state.leases.get('A')).toMatchObject({ phase: 'active', pending: [] });
  });

  test('stay where they are found again, if they are what is kept when a node is lost', () => {
    const state = running({ onNodeLost: 'migrate', storage: 'vault' });
    expect(said(state, move('/mnt/ssd'))).toMatchObject({ code: 'lease-state' });
    expect(said(state, act('A', 'reboot'))).toBe(1);
  });

  test('are moved to somewhere, and nothing else is', () => {
    const state = running();
    expect(said(state, move())).toMatchObject({ code: 'terms-invalid', pointer: '/to' });
    expect(said(state, move('x'.repeat(513)))).toMatchObject({ code: 'terms-invalid', pointer: '/to' });
    const reboot = { type: 'ActOnLease', lease: 'A', act: 'reboot', vms: null, to: '/mnt/ssd' } as const;
    expect(said(state, reboot)).toMatchObject({ code: 'terms-invalid', pointer: '/to' });
  });
});
