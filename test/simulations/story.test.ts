/** The life of a lease, as told from its log: judged against the log itself. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyState, foldTurn, type LeaseId, type Turn } from '../../engine/index.js';
import { type LeaseState, stateOf } from '../../simulations/story/lease-state.js';
import { leasesOf, preemptorsOf } from '../../simulations/story/mentions.js';
import { type StoryLine, Storyteller } from '../../simulations/story/story.js';
import { SITES, workloads } from '../properties/workloads.js';
import { type Asked, MINUTE, nodes, type Played, play } from '../support/play.js';
import { swarm } from '../swarm/swarm.js';

const RUNS = Number(process.env.LEASEHOLD_AUDIT_RUNS ?? '25');
const PATIENCE = 60_000 + RUNS * 6_000;

function storyOf(turns: readonly Turn[], lease: LeaseId): readonly StoryLine[] {
  const teller = new Storyteller(lease);
  for (const turn of turns) teller.take(turn);
  return teller.lines;
}

/** How every lease is after the last turn, by the log alone. */
function finalStates(turns: readonly Turn[]): Map<LeaseId, LeaseState> {
  const states = new Map<LeaseId, LeaseState>();
  let state = emptyState();
  for (const turn of turns) {
    state = foldTurn(state, turn);
    for (const lease of state.over) states.set(lease.id, stateOf(lease));
  }
  for (const lease of state.leases.values()) states.set(lease.id, stateOf(lease));
  return states;
}

/** What must be true of the stories of all leases of a log. */
function judge(turns: readonly Turn[]): void {
  const states = finalStates(turns);
  const stories = new Map([...states.keys()].map((lease) => [lease, storyOf(turns, lease)]));
  for (const [lease, lines] of stories) {
    expect(lines[0]).toMatchObject({ kind: 'request', type: 'LeaseRequested' });
    expect(lines.at(-1)!.state, lease).toBe(states.get(lease));
    lines.forEach((line, i) => {
      const before = lines[i - 1] ?? line;
      expect(line.turn).toBeGreaterThanOrEqual(before.turn);
      expect(Date.parse(line.at)).toBeGreaterThanOrEqual(Date.parse(before.at));
      expect(line.kind === 'decision').toBe(line.rule !== null);
      if (line.until != null) expect(Date.parse(line.until)).toBeGreaterThanOrEqual(Date.parse(line.at));
      for (const blocker of line.reasons.flatMap(({ blockers }) => blockers))
        expect(blocker.startsWith('node:') || states.has(blocker), blocker).toBe(true);
    });
  }
  for (const turn of turns)
    for (const decision of turn.decisions)
      for (const preemptor of preemptorsOf(decision)) {
        const victim = leasesOf(decision)[0]!;
        const line = { turn: turn.number, type: decision.type };
        expect(stories.get(victim)).toContainEqual(expect.objectContaining(line));
        if (preemptor !== victim)
          expect(stories.get(preemptor)).toContainEqual(expect.objectContaining({ ...line, about: victim }));
      }
}

const messages = async (played: Promise<Played>, lease: LeaseId): Promise<string[]> =>
  storyOf((await played).turns, lease).map(
    ({ turn, state, message, reasons, until }) =>
      `${turn} ${state}: ${message}${until == null ? '' : ` until ${until.slice(11, 16)}`}${reasons.map((one) => ` (${one.message})`).join('')}`,
  );

describe('the story of a lease', () => {
  it(
    'agrees with the log, for every lease of random workloads',
    async () => {
      const mixes = fc.constantFrom({ advance: 0 }, { advance: 4 }, { advance: 2, immediate: 3 });
      const policies = fc.record({
        backfilling: fc.constantFrom(
          ...([{ kind: 'none' }, { kind: 'easy' }, { kind: 'conservative' }, { kind: 'sticky', depth: 2 }] as const),
        ),
        suspension: fc.constantFrom('none' as const, 'all' as const),
      });
      const sites = fc.constantFrom(...Object.keys(SITES));
      await fc.assert(
        fc.asyncProperty(mixes.chain(workloads), sites, policies, async (asked, site, policy) => {
          judge((await play(SITES[site]!, asked, policy)).turns);
        }),
        { numRuns: RUNS },
      );
    },
    PATIENCE,
  );

  it(
    'agrees with the log where nodes are lost, orders fail, and observations come late or twice',
    async () => {
      for (let seed = 1; seed <= RUNS / 2; seed++) judge((await swarm(seed)).turns);
    },
    PATIENCE,
  );

  const one: Asked = { id: 'A', vms: 1, minutes: 60, preemptible: false };
  const two: Asked = { id: 'B', at: 10, vms: 1, minutes: 30 };

  it('says whom it waits for, and until when', async () => {
    expect(await messages(play([nodes(1)], [one, two]), 'B')).toEqual([
      '3 waiting: asked for: 1 VM of cpu 1, memoryMiB 1024 for PT30M, when possible',
      '3 waiting: waits until 01:00 (not enough cpu is free (1 needed, 0 there); held by A, until 1970-01-01T01:00:00Z as planned)',
      '4 starting: ordered to start on node 1, until 1970-01-01T01:30:00Z',
      '5 active: its VMs run',
      '5 done: ended by itself',
    ]);
  });

  it('says so when what it waits for becomes another', async () => {
    // D is promised the place that B was expected to have after A, and A ends early.
    const asked: Asked[] = [
      { ...one, runs: 20 },
      { ...two, minutes: 50 },
      { id: 'D', at: 15, vms: 1, minutes: 60, start: { at: 60 } },
    ];
    const lines = await messages(play([nodes(1)], asked), 'B');
    const waits = lines.filter((line) => line.includes('waits'));
    expect(waits.map((line) => /until (\d\d:\d\d) .*(held by .*, until \S+) as planned/.exec(line)?.slice(1))).toEqual([
      ['00:15', 'held by A, until 1970-01-01T01:00:00Z'],
      ['00:20', 'held by A, D, until 1970-01-01T02:00:00Z'],
      ['02:00', 'held by D, until 1970-01-01T02:00:00Z'],
    ]);
  });

  it('tells a preemption to both, and the return', async () => {
    const played = play(
      [nodes(1)],
      [
        { id: 'A', vms: 1, minutes: 60 },
        { id: 'B', at: 5, vms: 1, minutes: 10, start: { at: 30 } },
      ],
    );
    const victim = await messages(played, 'A');
    expect(victim.find((line) => line.includes('suspension planned'))).toContain('(its capacity was taken by B)');
    expect(
      victim.map((line) => line.split(':')[0]!.split(' ')[1]).filter((state, i, all) => state !== all[i - 1]),
    ).toEqual([...['waiting', 'starting', 'active', 'suspending', 'suspended', 'resuming', 'active', 'done']]);
    expect((await messages(played, 'B'))[1]).toContain('A: suspension planned');
  });

  it('says by which rule one begins before others that wait', async () => {
    const played = await play(
      [nodes(2)],
      [
        { id: 'A', vms: 1, minutes: 60 },
        { id: 'B', at: 5, vms: 2, minutes: 10 },
        { id: 'C', at: 10, vms: 1, minutes: 20 },
      ],
    );
    const rules = (lease: string) => storyOf(played.turns, lease).find(({ type }) => type === 'StartOrdered')!.rule;
    expect(rules('A')).toBe('queue-order priority, node-choice greedy@1');
    expect(rules('B')).toBe('queue-order priority, node-choice greedy@1');
    expect(rules('C')).toBe('backfilling easy, node-choice greedy@1');
  });

  it('says why one is refused at once, and what one waits for that follows another', async () => {
    const asked: Asked[] = [
      { id: 'A', vms: 1, minutes: 60 },
      { id: 'B', at: 5, vms: 2, minutes: 10 },
      { id: 'C', at: 10, vms: 1, minutes: 20, after: [{ lease: 'A', on: 'end' }] },
    ];
    const played = play([nodes(1)], asked);
    expect(await messages(played, 'B')).toEqual([
      '3 waiting: asked for: 2 VMs of cpu 1, memoryMiB 1024 for PT10M, when possible',
      expect.stringMatching(/^3 rejected: refused \(the site is too small/),
    ]);
    const lines = await messages(played, 'C');
    expect(lines[1]).toMatch(/waits until 01:00 \(it follows A\)$/);
    expect(lines).toContainEqual(expect.stringContaining('A: ended by itself'));
  });

  it('asks ever more rarely why a lease waits on', async () => {
    const busy: Asked[] = Array.from({ length: 400 }, (_, i) => ({
      id: `${i}`,
      at: i,
      vms: 1,
      minutes: 2,
      priority: 9,
    }));
    const played = await play([nodes(1)], [...busy, { id: 'last', at: 1, vms: 1, minutes: 5 }]);
    const waits = storyOf(played.turns, 'last').filter(({ kind }) => kind === 'explanation');
    expect(waits.length).toBeGreaterThan(3);
    expect(waits.length).toBeLessThan(32 + 32 * Math.log((800 * MINUTE) / MINUTE));
  });
});
