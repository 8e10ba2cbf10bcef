/** What would have been under another policy: the same where nothing changes, and as if it had been so all along. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededFaults } from '../../adapters/simulated/faults.js';
import {
  emptyState,
  encodeTurn,
  foldTurn,
  type Policy,
  POLICY_DEFAULT,
  type Turn,
  unansweredOrders,
} from '../../engine/index.js';
import { diffLog } from '../../simulations/audit-diff.js';
import { courseOf } from '../../simulations/diff/course.js';
import { parsePolicy } from '../../simulations/policy-file.js';
import { SITES, workloads } from '../properties/workloads.js';
import { type Asked, type Doing, MINUTE, nodes, play } from '../support/play.js';
import { swarm } from '../swarm/swarm.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'leasehold-diff-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

let written = 0;
const file = (name: string, text: string): string => {
  const path = join(directory, `${++written}-${name}`);
  writeFileSync(path, text);
  return path;
};
const logOf = (turns: readonly Turn[]): string =>
  file('turns.ndjson', turns.map((turn) => `${encodeTurn(turn)}\n`).join(''));

/** Policies as people write them, over those that `play` begins with. */
const KNOBS = {
  backfilling: ['none', 'easy', 'conservative', 'intermediate:2', 'sticky:2', 'sticky:all'],
  suspension: ['none', 'all'],
  'node-choice': ['greedy@1', 'first@1', 'striping@1'],
  'victim-order': ['least-cost@1', 'oldest-first@1', 'youngest-first@1'],
  'victim-choice': ['fewest', 'in-order'],
  'queue-order': ['arrival', 'priority'],
  migration: ['no', 'yes'],
  'shutdown-time': [0, 30],
  'enactment-overhead': [0, 2],
} as const;
const policies = fc
  .record(Object.fromEntries(Object.entries(KNOBS).map(([knob, values]) => [knob, fc.constantFrom(...values)])))
  .map((knobs) =>
    Object.entries(knobs)
      .map(([knob, value]) => `${knob}: ${value}\n`)
      .join(''),
  );
const PLAYED: Policy = { ...POLICY_DEFAULT, suspendRate: 32, resumeRate: 32 };
const policyOf = (text: string): Policy => parsePolicy(text, 'policy.yaml', PLAYED);

const mixes = fc.constantFrom({ advance: 0 }, { advance: 3 }, { advance: 2, immediate: 2 });
const asked = mixes.chain((mix) => workloads(mix));
const sites = fc.constantFrom(...Object.keys(SITES));

/** Some leases are cancelled, held, and asked to last longer; nodes drain and leave. */
const doings = (leases: readonly Asked[]): fc.Arbitrary<Doing[]> =>
  fc.array(
    fc
      .record({ at: fc.nat(90), what: fc.nat(5), which: fc.nat(Math.max(0, leases.length - 1)), node: fc.nat(2) })
      .map(({ at, what, which, node }): Doing => {
        const lease = leases[which]!.id;
        if (what === 0) return { at, command: { type: 'CancelLease', lease } };
        if (what === 1) return { at, command: { type: 'HoldLease', lease } };
        if (what === 2) return { at, command: { type: 'ReleaseLease', lease } };
        if (what === 3) return { at, command: { type: 'ChangeDuration', lease, duration: (at + 5) * MINUTE } };
        return { at, command: { type: what === 4 ? 'DrainNode' : 'RestoreNode', node: node + 1 } };
      }),
    { maxLength: 6 },
  );

const RUNS = Number(process.env.LEASEHOLD_AUDIT_RUNS ?? '40');
const PATIENCE = 60_000 + RUNS * 6_000;

/**
 * Whether an order is under way that waits for one that was given up and still goes on, such as a transfer for a lease that is
 * over: the log does not say when that is done.
 */
function waitsForUnknown(turns: readonly Turn[], first: number): boolean {
  const answered = new Set<string>();
  let state = emptyState();
  for (const turn of turns.slice(0, first - 1)) {
    state = foldTurn(state, turn);
    for (const input of turn.inputs) if ('order' in input) answered.add(input.order);
  }
  const orders = unansweredOrders(state);
  const known = new Set(orders.map(({ id }) => id));
  return orders.some(({ decision }) => decision.after.some((order) => !known.has(order) && !answered.has(order)));
}

async function mustBeTheSame(turns: readonly Turn[], first: number, last: number | null = null): Promise<void> {
  const same = await diffLog({ source: logOf(turns), first, last, policy: file('policy.yaml', '') });
  expect(same.firstDifference).toBeNull();
  expect(same.differences).toEqual([]);
  expect(same.otherwise).toEqual(same.logged);
}

describe('audit diff', () => {
  it(
    'finds no difference where the policy is that of the log, whichever part of it is asked about',
    async () => {
      const input = asked.chain((leases) => fc.tuple(fc.constant(leases), doings(leases)));
      await fc.assert(
        fc.asyncProperty(input, sites, policies, fc.nat(), fc.nat(), async ([leases, done], site, text, a, b) => {
          const { turns } = await play(SITES[site]!, leases, policyOf(text), done);
          const first = 1 + (a % turns.length);
          const last = first + (b % (turns.length - first + 1));
          await mustBeTheSame(turns, first, last);
        }),
        { numRuns: RUNS },
      );
    },
    PATIENCE,
  );

  it(
    'finds none either where nodes are lost and found again',
    async () => {
      const losses = fc.record({
        seed: fc.nat(),
        every: fc.integer({ min: 10, max: 60 }),
        long: fc.integer({ min: 1, max: 40 }),
      });
      await fc.assert(
        fc.asyncProperty(
          asked,
          sites,
          policies,
          losses,
          fc.nat(),
          async (leases, site, text, { seed, every, long }, a) => {
            const faults = new SeededFaults({
              seed,
              until: 300 * MINUTE,
              ...{ failedPerMille: 0, slowPerMille: 0, slowMsMax: 1, latePerMille: 0, twicePerMille: 0, lateMsMax: 1 },
              lossEveryMs: every * MINUTE,
              lossMsMax: long * MINUTE,
            });
            const { turns } = await play(SITES[site]!, leases, policyOf(text), [], faults);
            await mustBeTheSame(turns, 1 + (a % turns.length));
          },
        ),
        { numRuns: RUNS },
      );
    },
    PATIENCE,
  );

  it(
    'finds none in what the swarm does where nothing goes wrong',
    async () => {
      for (let seed = 1; seed <= RUNS / 4; seed++) {
        const { turns, scenario } = await swarm(seed, false);
        const first = 1 + ((seed * 17) % turns.length);
        if (scenario.loads || waitsForUnknown(turns, first)) continue; // loads of nodes are passed over
        await mustBeTheSame(turns, first);
      }
    },
    PATIENCE,
  );

  it('finds none where an order waited for another before it was under way', async () => {
    await mustBeTheSame((await swarm(509, false)).turns, 14);
  });

  it(
    'goes to its end, too, from where orders fail, answers come late or twice, and nodes are lost',
    async () => {
      const policy = file('policy.yaml', 'backfilling: conservative\n');
      for (let seed = 1; seed <= RUNS / 4; seed++) {
        const { turns } = await swarm(seed);
        const found = await diffLog({
          source: logOf(turns),
          first: 1 + ((seed * 17) % turns.length),
          last: null,
          policy,
        });
        expect(found.otherwise.leases).toBe(found.logged.leases);
      }
    },
    PATIENCE,
  );

  it(
    'from the first turn on is the workload simulated afresh, where the log knows how long leases run',
    async () => {
      await fc.assert(
        fc.asyncProperty(asked, sites, policies, policies, async (leases, site, before, is) => {
          const whole = leases.map((lease) => ({ ...lease, runs: lease.minutes }));
          const was = await play(SITES[site]!, whole, policyOf(before));
          const { turns } = was;
          const afresh = await play(SITES[site]!, whole, parsePolicy(is, 'is', policyOf(before)));
          const found = await diffLog({ source: logOf(turns), first: 1, last: null, policy: file('policy.yaml', is) });
          const end = turns.at(-1)!.now;
          const differing = new Map(found.differences.map((one) => [one.lease, one.otherwise!]));
          for (const lease of afresh.over.values()) {
            if (lease.ended! > end) continue; // the log ends before
            const course = differing.get(lease.id) ?? courseOf(was.over.get(lease.id)!);
            expect(course).toEqual(courseOf(lease));
          }
        }),
        { numRuns: RUNS },
      );
    },
    PATIENCE,
  );

  const few: Asked[] = [
    { id: 'A', vms: 1, minutes: 60, runs: 60 },
    { id: 'B', at: 5, vms: 2, minutes: 30 },
    { id: 'C', at: 10, vms: 1, minutes: 40 },
  ];

  it('says which leases would have begun when, where it first differs, and what that comes to', async () => {
    const { turns } = await play([nodes(2)], few, { backfilling: { kind: 'none' } });
    const policy = file('policy.yaml', 'backfilling: easy\n');
    const found = await diffLog({ source: logOf(turns), first: 1, last: null, policy });
    expect(found.differences).toMatchObject([
      { lease: 'C', logged: { start: 90 * MINUTE }, otherwise: { start: 10 * MINUTE }, startsLater: -80 * MINUTE },
    ]);
    expect(found.firstDifference).toMatchObject({
      at: 10 * MINUTE,
      logged: [],
      otherwise: [expect.stringContaining('C: ordered to start')],
    });
    expect(found.logged.waitMean).toBeGreaterThan(found.otherwise.waitMean!);
    expect(found).toMatchObject({ assumed: 0, first: { turn: 1 }, last: { turn: turns.length } });
    // From where B and C wait, it is the same; from where they run, there is nothing to be otherwise.
    expect((await diffLog({ source: logOf(turns), first: 4, last: null, policy })).differences).toHaveLength(1);
    expect((await diffLog({ source: logOf(turns), first: turns.length, last: null, policy })).differences).toEqual([]);
  });

  it('goes by the time asked for where the log does not tell how long a lease runs, and says of how many', async () => {
    const cancelled: Doing[] = [{ at: 10, command: { type: 'CancelLease', lease: 'A' } }];
    const { turns } = await play([nodes(2)], few, {}, cancelled);
    const found = await diffLog({ source: logOf(turns), first: 1, last: null, policy: file('policy.yaml', '') });
    expect(found.assumed).toBe(1);
  });

  it('refuses parts that are not there, and policies that cannot be adopted on the way', async () => {
    const { turns } = await play([nodes(2, 1, 1024, { exclusive: true })], few, { suspension: 'none' });
    const source = logOf(turns);
    const policy = file('policy.yaml', 'suspension: all\n');
    const ask = (first: number, last: number | null) => diffLog({ source, first, last, policy });
    await expect(ask(turns.length + 1, null)).rejects.toMatchObject({ exitCode: 3 });
    await expect(ask(1, turns.length + 1)).rejects.toMatchObject({ exitCode: 3 });
    await expect(ask(3, 2)).rejects.toMatchObject({ exitCode: 2 });
    await expect(ask(3, null)).rejects.toMatchObject({ exitCode: 4 });
    expect((await ask(1, null)).first.turn).toBe(1);
  });
});
