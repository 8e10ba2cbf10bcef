/** Time travel: whatever can be read is answered as of an earlier turn as it was answered then, to the byte. */

import { afterEach, describe, expect, it } from 'vitest';
import { formatInstant } from '../../api/formats.js';
import { goldenTurns, type Read, Reads } from '../support/reads.js';

let reads: Reads | null = null;
afterEach(async () => {
  await reads?.close();
  reads = null;
});

const CSV = 'text/csv';
const NDJSON = 'application/x-ndjson';

/** What is asked of a service at one turn. */
function questions({ follower }: Reads): (readonly [url: string, accept?: string])[] {
  const { state } = follower;
  const ids = [...state.leases.values(), ...state.over].slice(0, 4).map(({ id }) => id);
  const window = `from=${formatInstant(0)}&to=${formatInstant(state.now + 1e9)}`;
  return [
    ['/v1/leases'],
    ['/v1/leases?page_size=2'],
    ['/v1/leases?state=active,waiting,done&page_size=5&fields=id,state,turn'],
    [`/v1/leases?kind=best-effort&node=1&${window}`],
    ['/v1/leases', CSV],
    ['/v1/leases', NDJSON],
    ['/v1/leases?page_size=3', CSV],
    ['/v1/leases', 'image/png'],
    ['/v1/nodes'],
    ['/v1/policies'],
    ['/v1/nodes?fields=number,used,leases&page_size=2'],
    ['/v1/schedule'],
    [`/v1/schedule?${window}&page_size=7`],
    ...ids.flatMap((id): [string, string?][] => [
      [`/v1/leases/${id}`],
      [`/v1/leases/${id}/decisions`],
      [`/v1/leases/${id}/decisions?page_size=1`],
      [`/v1/leases/${id}/decisions`, CSV],
      [`/v1/leases/${id}/events?page_size=3`],
      [`/v1/leases/${id}/events`, NDJSON],
    ]),
    ['/v1/leases/L-none'],
  ];
}

/** The question as of a turn. */
function since(url: string, asOf: string | number): string {
  return `${url}${url.includes('?') ? '&' : '?'}asOf=${encodeURIComponent(asOf)}`;
}

describe('every read as of a turn is what it was at that turn', () => {
  it.each(['mixed', 'swarm-3', 'swarm-20', 'swarm-745', 'exported-404', 'kth-easy'])('%s', async (log) => {
    const turns = await goldenTurns(log, 300);
    reads = await Reads.on(turns, 16);
    const asked: { turn: number; url: string; accept: string | undefined; live: Read }[] = [];
    for (let turn = 0; turn <= turns.length; turn += 1 + (turn % 37)) {
      reads.playTo(turn);
      for (const [url, accept] of questions(reads))
        asked.push({ turn, url, accept, live: await reads.get(url, accept) });
    }
    reads.playTo(turns.length);
    // Not in order: pasts come and go.
    asked.sort((a, b) => ((a.turn * 7) % 31) - ((b.turn * 7) % 31) || a.turn - b.turn);
    for (const { turn, url, accept, live } of asked)
      expect(await reads.get(since(url, turn), accept), `${url} as of ${turn}`).toEqual(live);
    expect(asked.length).toBeGreaterThan(50);
  });
});

describe('asOf', () => {
  it('takes a time: the last turn by then', async () => {
    const turns = await goldenTurns('swarm-3', 120);
    reads = await Reads.on(turns, 10);
    reads.playTo(120);
    for (const { now } of turns.filter(({ number }) => number % 11 === 0)) {
      const last = turns.filter((turn) => turn.now <= now).length;
      expect((await reads.get(since('/v1/leases', formatInstant(now)))).turn).toBe(String(last));
      const before = turns.filter((turn) => turn.now <= now - 1).length;
      expect((await reads.get(since('/v1/leases', formatInstant(now - 1)))).turn).toBe(String(before));
    }
  });

  it('before the first turn there was nothing', async () => {
    reads = await Reads.on(await goldenTurns('swarm-3', 20), 10);
    reads.playTo(20);
    const { text } = await reads.get(since('/v1/nodes', 0));
    expect(JSON.parse(text)).toEqual({ items: [], nextPageToken: null });
  });

  it.each([
    ['21', 'is later than the last turn, 20'],
    ['2999-01-01T00:00:00Z', 'lies in the future'],
    ['yesterday', 'must be the number of a turn, or a time like 2026-11-21T14:00:00Z'],
    ['-1', 'must be the number of a turn, or a time like 2026-11-21T14:00:00Z'],
  ])('%s %s', async (wanted, detail) => {
    reads = await Reads.on(await goldenTurns('swarm-3', 20), 10);
    reads.playTo(20);
    const { status, text } = await reads.get(since('/v1/leases', wanted));
    expect(status).toBe(400);
    expect(JSON.parse(text).errors).toEqual([{ pointer: 'query/asOf', detail }]);
  });

  it('is not known where only the present can be read', async () => {
    reads = await Reads.on(await goldenTurns('swarm-3', 20), 10);
    reads.playTo(20);
    expect((await reads.get(since('/v1/audit/head', 3))).status).toBe(200);
  });
});

describe('pages', () => {
  it('show the world as of the first of them: no lease twice, and none is missed', async () => {
    const turns = await goldenTurns('swarm-3', 354);
    reads = await Reads.on(turns, 16);
    reads.playTo(90);
    const whole = JSON.parse((await reads.get('/v1/leases?state=waiting,active,done&page_size=1000')).text).items;
    expect(whole.length).toBeGreaterThan(10);
    const found: unknown[] = [];
    for (let token: string | null = ''; token !== null; reads.playTo(reads.follower.head + 5)) {
      const more = token === '' ? '' : `&page_token=${token}`;
      const read = await reads.get(`/v1/leases?state=waiting,active,done&page_size=3${more}`);
      expect(read.turn).toBe('90');
      const { items, nextPageToken } = JSON.parse(read.text);
      found.push(...items);
      token = nextPageToken;
      if (token !== null) expect(read.link).toContain(`page_token=${token}>; rel="next"`);
    }
    expect(found).toEqual(whole);
  });
});
