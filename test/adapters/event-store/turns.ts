/** Turns made by hand for the tests of the stores. A store does not care whether they make sense to the scheduler. */

import { type Decision, POLICY_DEFAULT, type Terms, type Turn, encodeTurn, reason } from '../../../engine/index.js';

type Input = Turn['inputs'][number];

/** A turn with one lease submitted and started. */
export function turn(number: number, name = `lease-${number}`): Turn {
  return {
    number,
    now: number * 1000,
    inputs: [{ type: 'LeaseRequested', lease: name, terms: terms(name), key: null }],
    decisions: [started(number, name)],
  };
}

/** A turn whose writer claims an epoch. */
export function claim(number: number, epoch: number): Turn {
  return { number, now: number * 1000, inputs: [{ type: 'EpochClaimed', epoch }], decisions: [] };
}

/** A turn whose encoded text has exactly `bytes` bytes of UTF-8. `fill` is repeated, the rest is ASCII. */
export function turnOfSize(number: number, bytes: number, fill = 'x'): Turn {
  const withDetail = (detail: string): Turn => ({
    number,
    now: 0,
    inputs: [{ type: 'OrderFailed', at: 0, lease: 'a', order: '1.0', detail }],
    decisions: [],
  });
  const room = bytes - Buffer.byteLength(encodeTurn(withDetail('')));
  const count = Math.floor(room / Buffer.byteLength(fill));
  return withDetail(fill.repeat(count) + 'x'.repeat(room - count * Buffer.byteLength(fill)));
}

/** Texts that have broken stores before. */
export const HARD_TEXTS: readonly string[] = [
  '',
  ' ',
  '"quoted" \\ back/slash',
  'line\nfeed\r\n\ttab',
  '\u0000\u0001\u001f\u007f',
  '\u2028 and \u2029',
  'Grüße, κόσμε, 世界, שלום, مرحبا',
  '👩‍🚀🇨🇭 e\u0301',
  '\ud800 alone, \udfff alone',
  '\ufeffmark',
  '\uffff\u{10ffff}',
  "'); DROP TABLE turns; --",
  '{"part":1,"of":1}',
  '__proto__',
];

/** A turn with an event of nearly every type, hard texts, and numbers up to the last exact one. */
export function richTurn(number: number): Turn {
  const edge = Number.MAX_SAFE_INTEGER;
  const why = [reason('preempted', { blockers: [...HARD_TEXTS], need: edge, have: -edge, earliestRelease: edge })];
  const inputs: Input[] = [
    { type: 'PolicyAdopted', policy: POLICY_DEFAULT },
    { type: 'SiteDeclared', resources: [{ name: 'cpu', kind: 'amount' }] },
    {
      type: 'NodesAdded',
      nodes: { first: 1, count: 2, capacity: [edge], exclusive: true, labels: { a: 'b' }, names: null, units: {} },
    },
    { type: 'NodeDrained', node: edge },
    { type: 'NodeRestored', node: 0 },
    { type: 'LeaseCancelled', lease: 'a' },
    { type: 'VmsStarted', at: edge, lease: 'a', order: '1.0', vms: [1, edge] },
    { type: 'VmsSuspended', at: 2, lease: 'a', order: '1.0', vms: null, stoppedAt: -edge },
    { type: 'LeaseEnded', at: 3, lease: 'a', order: '1.0' },
    { type: 'NodeLost', at: 4, node: 1 },
    { type: 'NodeLoadObserved', at: 4, node: 1, load: 'high' },
    ...HARD_TEXTS.map(
      (text): Input => ({ type: 'LeaseRequested', lease: text, terms: terms(text), key: { id: text, hash: text } }),
    ),
  ];
  const decisions: Decision[] = [
    started(number, 'a'),
    { type: 'Reserved', soon: false, lease: 'a', from: edge, until: edge, pools: [0, edge], reasons: why },
    {
      type: 'ReservationsMoved',
      leases: ['a', 'b'],
      from: [1, 2],
      until: [3, 4],
      pools: [[0, 1], []],
      cause: 'capacity-released',
    },
    { type: 'Refused', lease: 'b', outcome: 'expired', reasons: why },
    {
      type: 'SuspensionPlanned',
      lease: 'a',
      by: 9,
      vms: [
        [1, 2],
        [3, 3],
      ],
      from: [1, 2],
      until: [3, 4],
      reasons: why,
    },
    {
      type: 'SuspensionPlanned',
      lease: 'b',
      by: 9,
      vms: [],
      from: [],
      until: [],
      resumption: { from: 10, until: edge, pools: [0, edge] },
      reasons: [],
    },
    { type: 'OrderOverdue', lease: 'a', order: '1.0' },
  ];
  return { number, now: edge, inputs, decisions };
}

function started(number: number, lease: string): Decision {
  return {
    type: 'StartOrdered',
    order: `${number}.0`,
    lease,
    deadline: null,
    after: [`${number - 1}.0`],
    until: number * 1000 + 60_000,
    nodes: [1, 4],
    units: null,
  };
}

function terms(name: string): Terms {
  return {
    groups: [{ name: null, vms: 4, demand: [1000, 512], image: null }],
    duration: 60_000,
    start: { kind: 'best-effort', before: null },
    preemptible: true,
    where: null,
    name,
    user: null,
    project: null,
    labels: { note: name },
  };
}
