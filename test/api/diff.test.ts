/** The diff between two instants: against a plain comparison of everything at one with everything at the other. */

import { afterEach, describe, expect, it } from 'vitest';
import type { ChangeView } from '../../api/schemas/diff.js';
import { goldenTurns, Reads } from '../support/reads.js';

let reads: Reads | null = null;
afterEach(async () => {
  await reads?.close();
  reads = null;
});

type Item = Readonly<Record<string, unknown>>;

/** Everything by what it is and its id. */
async function everythingAt(reads: Reads, turn: number): Promise<Map<string, Item>> {
  const items = async (path: string): Promise<Item[]> =>
    JSON.parse((await reads.get(`${path}?page_size=1000&asOf=${turn}`)).text).items;
  const all = new Map<string, Item>();
  for (const policy of (await items('/v1/policies')).slice(0, 1)) all.set('policy policy', policy.knobs as Item);
  for (const node of await items('/v1/nodes')) all.set(`node ${node.number}`, node);
  for (const lease of (await items('/v1/leases')).reverse()) all.set(`lease ${lease.id}`, lease);
  return all;
}

function expectedBetween(before: Map<string, Item>, after: Map<string, Item>): unknown[] {
  const changes: unknown[] = [];
  for (const [name, now] of after) {
    const [what, id] = name.split(' ');
    const then = before.get(name);
    const members = Object.keys(now).filter((one) => JSON.stringify(then?.[one]) !== JSON.stringify(now[one]));
    if (members.length === 0) continue;
    const ended = what === 'lease' && then !== undefined && then.ended === null && now.ended !== null;
    changes.push({ what, id, members, change: then === undefined ? 'appeared' : ended ? 'ended' : 'changed' });
  }
  return changes;
}

describe('between any two turns', () => {
  it.each(['swarm-3', 'swarm-745', 'exported-404'])('it names what is different, and nothing else: %s', async (log) => {
    const turns = await goldenTurns(log, 200);
    reads = await Reads.on(turns, 16);
    reads.playTo(turns.length);
    for (const [from, to] of [
      [0, 3],
      [1, turns.length],
      [20, 21],
      [33, 70],
      [50, 50],
    ] as const) {
      const expected = expectedBetween(await everythingAt(reads, from), await everythingAt(reads, to));
      const found: ChangeView[] = [];
      for (let token: string | null = ''; token !== null; ) {
        const more = token === '' ? '' : `&page_token=${token}`;
        const read = await reads.get(`/v1/diff?from=${from}&to=${to}&page_size=4${more}`);
        expect(read.status, read.text).toBe(200);
        const page = JSON.parse(read.text);
        expect([page.from.turn, page.to.turn]).toEqual([from, to]);
        found.push(...page.items);
        token = page.nextPageToken;
      }
      expect(found.map(({ what, id, members, change }) => ({ what, id, members, change }))).toEqual(expected);
      for (const { members, before, after } of found) {
        expect(Object.keys(after)).toEqual(members);
        expect(before === null || Object.keys(before).length === members.length).toBe(true);
      }
    }
  });

  it('ends with the present, and refuses ends that are none', async () => {
    reads = await Reads.on(await goldenTurns('swarm-3', 40), 16);
    reads.playTo(40);
    expect(JSON.parse((await reads.get('/v1/diff?from=39')).text).to.turn).toBe(40);
    const lines = (await reads.get('/v1/diff?from=1', 'application/x-ndjson')).text.trim().split('\n');
    expect(lines.length).toBe(JSON.parse((await reads.get('/v1/diff?from=1&page_size=1000')).text).items.length);
    for (const [query, pointer] of [
      ['from=12&to=3', 'query/from'],
      ['from=41', 'query/from'],
      ['from=1&to=41', 'query/to'],
      ['from=soon', 'query/from'],
      ['to=3', 'query/from'],
    ]) {
      const { status, text } = await reads.get(`/v1/diff?${query}`);
      expect([status, JSON.parse(text).errors[0].pointer], query).toEqual([400, pointer]);
    }
  });
});
