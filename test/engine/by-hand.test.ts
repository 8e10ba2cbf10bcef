import { describe, expect, test } from 'vitest';
import type { Decision } from '../../engine/index.js';
import { drawn, MINUTE, nodes, play } from '../support/play.js';

/** All times here were worked out on paper. */
describe('worked out by hand', () => {
  test('FCFS waits, EASY fills the gap without delaying the first, conservative protects all', async () => {
    const leases = [
      { id: 'A', vms: 2, minutes: 20 },
      { id: 'B', vms: 3, minutes: 10 },
      { id: 'C', vms: 1, minutes: 20 },
      { id: 'D', vms: 1, minutes: 40 },
    ];
    const fcfs = await play([nodes(3)], leases, { backfilling: { kind: 'none' } });
    expect(fcfs.draw(70)).toBe(
      drawn(`
      n1 |AAAABBCCCC....
      n2 |AAAABBDDDDDDDD
      n3 |....BB........`),
    );
    const easy = await play([nodes(3)], leases, { backfilling: { kind: 'easy' } });
    expect(easy.draw(70)).toBe(
      drawn(`
      n1 |AAAABBDDDDDDDD
      n2 |AAAABB........
      n3 |CCCCBB........`),
    );
  });

  test('conservative: a lease that would delay the second waiting one waits, under EASY it does not', async () => {
    const leases = [
      { id: 'A', vms: 2, minutes: 20 },
      { id: 'B', vms: 2, minutes: 10 },
      { id: 'C', vms: 3, minutes: 10 },
      { id: 'D', vms: 1, minutes: 35 },
    ];
    const easy = await play([nodes(3)], leases, { backfilling: { kind: 'easy' } });
    expect(easy.draw(50)).toBe(
      drawn(`
      n1 |AAAABB.CC.
      n2 |AAAABB.CC.
      n3 |DDDDDDDCC.`),
    );
    const conservative = await play([nodes(3)], leases, { backfilling: { kind: 'conservative' } });
    expect(conservative.draw(75)).toBe(
      drawn(`
      n1 |AAAABBCCDDDDDDD
      n2 |AAAABBCC.......
      n3 |......CC.......`),
    );
  });

  test('VMs of different sizes share nodes: two groups, three nodes of two kinds', async () => {
    // n1, n2: 4 cpus, 4 GiB. n3: 2 cpus, 8 GiB.
    const played = await play(
      [nodes(2, 4, 4096), nodes(1, 2, 8192)],
      [
        // Two large VMs (3 cpus) fill one node each but for a cpu; two that need memory go to n3.
        {
          id: 'A',
          vms: [
            [2, 3, 1024],
            [2, 1, 4096],
          ],
          minutes: 30,
        },
        // A cpu each is left on n1 and n2.
        { id: 'B', vms: [[2, 1, 2048]], minutes: 20 },
        // Nothing of 3 cpus is left before A ends.
        { id: 'C', vms: [[1, 3, 512]], minutes: 10 },
        // Fits nowhere before B ends at 20; then beside A on n1, where C's hole (from 30, 3 of 4 cpus) leaves a cpu.
        { id: 'D', vms: [[1, 1, 2048]], minutes: 20 },
      ],
      { nodeChoice: 'first@1' },
    );
    expect(played.draw(45)).toBe(
      drawn(`
      n1 |22222222.
      n2 |2222AA...
      n3 |AAAAAA...`),
    );
    expect(played.over.get('C')!.firstStart).toBe(30 * MINUTE);
    expect(played.over.get('D')!.firstStart).toBe(20 * MINUTE);
  });

  test('a reservation that needs the node suspends the lease on it, which loses no work', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60 },
        { id: 'R', at: 15, vms: 1, minutes: 30, start: { at: 30 } },
      ],
    );
    expect(played.draw(100)).toBe(drawn('n1 |AAAAAARRRRRR.AAAAAA.'));
    const [first, second] = played.over.get('A')!.spans.filter((span) => span.kind === 'run');
    // 1024 MiB at 32 MiB/s take 32 s: saved from 29:28 to 30:00, back from 60:00 to 60:32.
    expect([first!.from, first!.until]).toEqual([0, 30 * MINUTE - 32_000]);
    expect([second!.from, second!.until]).toEqual([60 * MINUTE + 32_000, 90 * MINUTE + 64_000]);
    expect(played.over.get('R')!.firstStart).toBe(30 * MINUTE);
  });

  test('a lease that need not make room any more runs on', async () => {
    const leases = [
      { id: 'A', vms: 1, minutes: 60 },
      { id: 'R', at: 15, vms: 1, minutes: 30, start: { at: 30 } },
    ];
    const cancelled = [{ at: 20, command: { type: 'CancelLease', lease: 'R' } as const }];
    for (const suspension of ['all', 'none'] as const) {
      const played = await play([nodes(1)], leases, { suspension }, cancelled);
      expect(played.draw(65)).toBe(drawn('n1 |AAAAAAAAAAAA.'));
      expect(played.over.get('A')!.preemptions).toBe(0);
    }
  });

  test('where suspending is off, the lease runs until the reservation begins, and starts over', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 40 },
        { id: 'R', at: 15, vms: 1, minutes: 30, start: { at: 30 } },
      ],
      { suspension: 'none' },
    );
    expect(played.draw(105)).toBe(drawn('n1 |AAAAAARRRRRRAAAAAAAA.'));
    expect(played.over.get('A')!.preemptions).toBe(1);
  });

  test('a lease that is not preemptible is never preempted: the reservation is refused, with the reason', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60, preemptible: false },
        { id: 'R', at: 15, vms: 1, minutes: 30, start: { at: 30 } },
      ],
    );
    expect(played.over.get('R')!.outcome).toBe('rejected');
    expect(reasonsOf(played.on('R'))).toEqual([
      expect.objectContaining({ code: 'insufficient-capacity', blockers: ['A'], earliestRelease: 60 * MINUTE }),
    ]);
  });

  test('of several leases only those are preempted that are needed, the cheapest that suffices alone', async () => {
    const played = await play(
      [nodes(3)],
      [
        { id: 'A', vms: [[1, 1, 1024]], minutes: 60 },
        { id: 'B', vms: [[2, 1, 512]], minutes: 60 },
        { id: 'R', at: 15, vms: 2, minutes: 30, start: { at: 30 } },
      ],
    );
    expect(played.over.get('A')!.preemptions).toBe(0);
    expect(played.over.get('B')!.preemptions).toBe(1);
  });

  test('an immediate lease stops a victim now, which queues again with its order of arrival', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 30 },
        { id: 'B', at: 5, vms: 1, minutes: 10 },
        { id: 'I', at: 10, vms: 1, minutes: 10, start: 'immediate' },
      ],
    );
    expect(played.draw(65)).toBe(drawn('n1 |AAIIAAAAAABB.'));
  });

  test('an immediate lease may not delay the first that waits, and is refused when it would', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 20, preemptible: false },
        { id: 'B', at: 5, vms: 2, minutes: 10 },
        { id: 'I', at: 10, vms: 1, minutes: 10, start: 'immediate' },
        { id: 'J', at: 10, vms: 1, minutes: 15, start: 'immediate' },
      ],
    );
    expect(played.over.get('I')!.outcome).toBe('done');
    expect(played.over.get('J')!.outcome).toBe('rejected');
    expect(played.draw(35)).toBe(
      drawn(`
      n1 |AAAABB.
      n2 |..IIBB.`),
    );
  });

  test('a lease that waits longer than it wanted to is given up', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60 },
        { id: 'B', vms: 1, minutes: 10, start: { before: 30 } },
      ],
    );
    expect(played.over.get('B')!.outcome).toBe('expired');
    expect(reasonsOf(played.on('B'))).toEqual([expect.objectContaining({ code: 'not-started-in-time' })]);
  });

  test('a lease that could never fit is refused at once, and does not hold up the others', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'X', vms: 3, minutes: 10 },
        { id: 'A', vms: 2, minutes: 10 },
      ],
    );
    expect(played.over.get('X')!.outcome).toBe('rejected');
    expect(played.draw(15)).toBe(
      drawn(`
      n1 |AA.
      n2 |AA.`),
    );
  });

  test('a draining node keeps what it has and takes nothing more', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 2, minutes: 20 },
        { id: 'B', vms: 1, minutes: 20 },
        { id: 'C', vms: 1, minutes: 10 },
      ],
      {},
      [{ at: 5, command: { type: 'DrainNode', node: 1 } }],
    );
    expect(played.draw(55)).toBe(
      drawn(`
      n1 |AAAA.......
      n2 |AAAABBBBCC.`),
    );
  });

  test('a node that leaves takes best-effort leases back to the queue, and fails others', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 20 },
        { id: 'R', vms: 1, minutes: 20, start: { at: 0 } },
      ],
      { nodeChoice: 'first@1' },
      [{ at: 10, command: { type: 'RemoveNode', node: 1 } }],
    );
    expect(played.over.get('R')!.outcome).toBe('failed');
    expect(played.over.get('A')!.outcome).toBe('done');
  });

  test('cancelling frees the node at once', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60 },
        { id: 'B', vms: 1, minutes: 10 },
      ],
      {},
      [{ at: 20, command: { type: 'CancelLease', lease: 'A' } }],
    );
    expect(played.over.get('A')!.outcome).toBe('cancelled');
    expect(played.draw(35)).toBe(drawn('n1 |AAAABB.'));
  });

  test('an early end lets the queue move up, conservatively in order of arrival', async () => {
    const played = await play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60, runs: 10 },
        { id: 'B', vms: 1, minutes: 10 },
        { id: 'C', vms: 1, minutes: 10 },
      ],
      { backfilling: { kind: 'conservative' } },
    );
    expect(played.draw(35)).toBe(drawn('n1 |AABBCC.'));
    expect(played.turns.flatMap((turn) => turn.decisions).filter((d) => d.type === 'ReservationsMoved')[0]).toEqual({
      type: 'ReservationsMoved',
      leases: ['B', 'C'],
      from: [10 * MINUTE, 20 * MINUTE],
      until: [20 * MINUTE, 30 * MINUTE],
      pools: [
        [0, 1],
        [0, 1],
      ],
      cause: 'capacity-released',
    });
  });

  test('labels constrain where VMs run', async () => {
    const played = await play(
      [nodes(1, 1, 1024, { labels: { zone: 'a' } }), nodes(1, 1, 1024, { labels: { zone: 'b' } })],
      [
        { id: 'A', vms: 1, minutes: 10, zone: 'b' },
        { id: 'B', vms: 1, minutes: 10, zone: 'b' },
        { id: 'C', vms: 1, minutes: 10, zone: 'c' },
      ],
    );
    expect(played.draw(25)).toBe(
      drawn(`
      n1 |.....
      n2 |AABB.`),
    );
    expect(played.over.get('C')!.outcome).toBe('rejected');
  });
});

function reasonsOf(decisions: readonly Decision[]) {
  return decisions.flatMap((decision) => ('reasons' in decision ? decision.reasons : []));
}
