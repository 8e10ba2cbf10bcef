/**
 * Nodes that are lost and come back while leases of all kinds arrive and end, turn by turn: what is decided stays what it was.
 * The digests are of the decisions of courses that are drawn from seeds; some of them once told of searches that were cut short
 * too early.
 */

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type Command,
  emptyState,
  type Observation,
  POLICY_DEFAULT,
  type Start,
  takeTurn,
  type Turn,
} from '../../engine/index.js';

const TURNS = 70;
const SECOND = 1000;
const RESOURCES = [
  { name: 'cpu', kind: 'amount' },
  { name: 'memory', kind: 'amount' },
] as const;

const DIGESTS: Readonly<Record<number, string>> = {
  1: '8c5b565d219e02ce',
  2: '210c9e4e548436a8',
  3: '586a23d63736b48a',
  4: '2e2c847c24eda2e1',
  5: 'b5ee7072d909287d',
  6: 'fe6dad5380cae303',
  8: 'd6cfe29dd61073b7',
  10: '4e008ff6af92e3e2',
  17: '0d4de4ff4cd91438',
};

test.each(Object.entries(DIGESTS))('course %s', (seed, digest) => {
  expect(digestOf(Number(seed))).toBe(digest);
});

function digestOf(seed: number): string {
  const hash = createHash('sha256');
  for (const turn of course(seed)) hash.update(JSON.stringify(turn?.decisions ?? null));
  return hash.digest('hex').slice(0, 16);
}

function* course(seed: number): Generator<Turn | null> {
  const random = generator(seed);
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const state = emptyState();
  const nodes = between(3, 14);
  const lost: number[] = [];
  const running: string[] = [];
  let started: { readonly order: string; readonly lease: string }[] = [];
  let now = 0;
  let number = 0;

  const start = (): Start => {
    const draw = random();
    if (draw < 0.1) return { kind: 'advance', at: now + between(100, 4000) * SECOND };
    if (draw < 0.15) return { kind: 'immediate' };
    if (draw < 0.2) return { kind: 'deadline', notBefore: now + 100 * SECOND, by: now + between(2000, 9000) * SECOND };
    return { kind: 'best-effort', before: null };
  };
  const group = (most: number) => {
    const demand = [1000 * 2 ** between(0, 3), 2 ** between(0, 4)];
    return { name: null, vms: between(1, most), demand, image: null };
  };
  const submission = (): Command => ({
    type: 'SubmitLease',
    lease: `L${++number}`,
    key: null,
    terms: {
      groups: random() < 0.12 ? [group(3), group(3)] : [group(6)],
      duration: between(1, 60) * 60 * SECOND,
      start: start(),
      preemptible: true,
      where: null,
      name: null,
      user: null,
      project: null,
      labels: {},
    },
  });
  const ending = (): Observation[] => {
    if (running.length === 0 || random() >= 0.35) return [];
    const [lease] = running.splice(between(0, running.length - 1), 1);
    const found = state.leases.get(lease!);
    return found?.phase === 'active' ? [{ type: 'LeaseEnded', at: now + 1, lease: lease!, order: found.run! }] : [];
  };
  const losing = (): Observation[] => {
    const draw = random();
    if (draw < 0.08 && lost.length < nodes - 1) {
      const node = between(1, nodes);
      if (lost.includes(node)) return [];
      lost.push(node);
      return [{ type: 'NodeLost', at: now + 1, node }];
    }
    return draw < 0.16 && lost.length > 0 ? [{ type: 'NodeFound', at: now + 1, node: lost.shift()! }] : [];
  };

  const kind = random() < 0.6 ? 'conservative' : 'easy';
  const suspension = random() < 0.5 ? 'none' : POLICY_DEFAULT.suspension;
  const genesis: Command[] = [
    { type: 'ClaimEpoch', epoch: 1 },
    { type: 'AdoptPolicy', policy: { ...POLICY_DEFAULT, suspension, backfilling: { kind } } },
    { type: 'DeclareSite', resources: RESOURCES },
    { type: 'AddNodes', nodes: { ...classOf([8000, 16], false), count: nodes } },
  ];
  if (random() < 0.3) genesis.push({ type: 'AddNodes', nodes: { ...classOf([4000, 32], true), count: 2 } });
  yield takeTurn(state, { observations: [], commands: genesis }, 0).turn;
  for (let i = 0; i < TURNS; i++) {
    const commands = Array.from({ length: between(0, random() < 0.2 ? 12 : 2) }, submission);
    const happened = [...ending(), ...losing()];
    now += between(1, 40) * SECOND;
    const begun = started.map(
      ({ order, lease }): Observation => ({ type: 'VmsStarted', at: now, lease, order, vms: null }),
    );
    const { turn } = takeTurn(state, { observations: [...happened, ...begun], commands }, now);
    started = (turn?.decisions ?? []).filter((decision) => decision.type === 'StartOrdered');
    running.push(...started.map(({ lease }) => lease));
    yield turn;
  }
}

function classOf(capacity: number[], exclusive: boolean) {
  return { capacity, exclusive, labels: {}, names: null, units: {} };
}

/** Xorshift. */
function generator(seed: number): () => number {
  let bits = (seed * 7919 + 13) >>> 0;
  const random = () => {
    bits = (bits ^ (bits << 13)) >>> 0;
    bits = (bits ^ (bits >>> 17)) >>> 0;
    bits = (bits ^ (bits << 5)) >>> 0;
    return bits / 2 ** 32;
  };
  for (let i = 0; i < 9; i++) random();
  return random;
}
