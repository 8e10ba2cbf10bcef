/** Lists: filters against a plain filter over everything, members, formats. */

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { csvLine } from '../../api/csv.js';
import { formatInstant } from '../../api/formats.js';
import { LEASE_KINDS, LEASE_STATES, type LeaseView } from '../../api/schemas/lease.js';
import { expand } from '../../engine/index.js';
import { goldenTurns, Reads } from '../support/reads.js';
import { Service } from '../support/service.js';

let reads: Reads | null = null;
let service: Service | null = null;
afterEach(async () => {
  await reads?.close();
  await service?.stop();
  reads = null;
  service = null;
});

interface Wanted {
  readonly state?: readonly string[] | undefined;
  readonly kind?: string | undefined;
  readonly user?: string | undefined;
  readonly project?: string | undefined;
  readonly node?: number | undefined;
  readonly name?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The numbers in `1-3 5`. */
function numbersIn(text: string): number[] {
  const runs = text.split(' ').flatMap((part) => {
    const [first, last] = part.split('-').map(Number);
    return [first!, last ?? first!];
  });
  return [...expand(runs)];
}

/** Whether the lease, as it is shown, is one of those that are wanted. */
function isWanted(lease: LeaseView, wanted: Wanted, now: number): boolean {
  const { state, kind, user, project, node, name, from, to } = wanted;
  const nodes = [lease.nodes, ...[lease.runs, lease.suspensions, lease.resumptions].flat().map((span) => span.nodes)];
  const alive = Date.parse(lease.ended ?? formatInstant(Math.max(now, Date.parse(lease.until ?? formatInstant(0)))));
  return (
    (state === undefined || state.includes(lease.state)) &&
    (kind === undefined || lease.kind === kind) &&
    (user === undefined || lease.user === user) &&
    (project === undefined || lease.project === project) &&
    (name === undefined || lease.name === name) &&
    (node === undefined || nodes.some((text) => text !== null && numbersIn(text).includes(node))) &&
    (from === undefined || alive >= from) &&
    (to === undefined || Date.parse(lease.submitted) < to)
  );
}

describe('filters', () => {
  it.each(['swarm-3', 'swarm-49', 'exported-404'])(
    'find what a plain filter over everything finds: %s',
    async (log) => {
      const turns = await goldenTurns(log, 300);
      const last = turns.at(-1)!.now;
      const now = fc.integer({ min: 0, max: last });
      const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined, freq: 1 });
      const wanted: fc.Arbitrary<Wanted> = fc.record({
        state: optional(fc.subarray([...LEASE_STATES], { minLength: 1 })),
        kind: optional(fc.constantFrom(...LEASE_KINDS)),
        user: optional(fc.constantFrom('ann', 'u1', 'nobody')),
        project: optional(fc.constantFrom('p1', 'nobody')),
        name: optional(fc.constantFrom('a', 'none')),
        node: optional(fc.integer({ min: 1, max: 5 })),
        from: optional(now),
        to: optional(now),
      });
      reads = await Reads.on(turns, 32);
      let found = 0;
      for (const turn of [1, Math.floor(turns.length / 2), turns.length]) {
        reads.playTo(turn);
        const whole = JSON.parse((await reads.get('/v1/leases?page_size=1000')).text).items as LeaseView[];
        await fc.assert(
          fc.asyncProperty(wanted, fc.integer({ min: 1, max: 9 }), async (one, size) => {
            const parameters = new URLSearchParams();
            for (const [name, value] of Object.entries(one)) {
              if (value === undefined) continue;
              const isTime = name === 'from' || name === 'to';
              parameters.set(name, isTime ? formatInstant(value as number) : String(value));
            }
            const expected = whole.filter((lease) => isWanted(lease, one, reads!.follower.state.now));
            const items: LeaseView[] = [];
            for (let token: string | null = ''; token !== null; ) {
              const more = token === '' ? '' : `&page_token=${token}`;
              const read = await reads!.get(`/v1/leases?${parameters}&page_size=${size}${more}`);
              expect(read.status, read.text).toBe(200);
              const page = JSON.parse(read.text);
              items.push(...page.items);
              token = page.nextPageToken;
            }
            expect(items).toEqual(expected);
            const lines = (await reads!.get(`/v1/leases?${parameters}`, 'application/x-ndjson')).text.split('\n');
            expect(lines.filter(Boolean).map((line) => JSON.parse(line))).toEqual(expected);
            found += items.length;
          }),
          { numRuns: 40 },
        );
      }
      expect(found).toBeGreaterThan(20);
    },
  );

  it('by labels want all of them; by name, the very one', async () => {
    service = await Service.start();
    const one = await service.lease({ name: 'one', labels: { team: 'red', tier: 'a=b' } });
    await service.lease({ name: 'two', labels: { team: 'red' } });
    const idsOf = async (query: string) =>
      (await service!.ask('GET', `/v1/leases?${query}`)).body.items.map(({ id }: LeaseView) => id);
    expect(await idsOf('label=team%3Dred')).toHaveLength(2);
    expect(await idsOf('label=team%3Dred&label=tier%3Da%3Db')).toEqual([one.id]);
    expect(await idsOf('label=team%3Dblue')).toEqual([]);
    expect(await idsOf('name=one')).toEqual([one.id]);
    const { status, body } = await service.ask('GET', '/v1/leases?label=team');
    expect([status, body.errors[0].pointer]).toEqual([400, 'query/label/0']);
  });
});

describe('members', () => {
  it('are those asked for, in every format', async () => {
    service = await Service.start();
    const { id } = await service.lease({ name: 'one' });
    const { body } = await service.ask('GET', '/v1/leases?fields=name,id');
    expect(body.items).toEqual([{ id, name: 'one' }]);
    const csv = await service.ask('GET', '/v1/leases?fields=name,id', undefined, { accept: 'text/csv' });
    expect(csv.text).toBe(`id,name\r\n${id},one\r\n`);
    expect((await service.ask('GET', '/v1/nodes?fields=number&page_size=1')).body.items).toEqual([{ number: 1 }]);
  });

  it('that are not there are refused, with those that are', async () => {
    service = await Service.start();
    const { status, body } = await service.ask('GET', '/v1/nodes?fields=number,secret');
    expect(status).toBe(400);
    expect(body.errors[0].detail).toContain('number, name, status');
  });
});

describe('formats', () => {
  it('a list is CSV, NDJSON or JSON, as Accept says', async () => {
    service = await Service.start({ nodes: '3x cpu=8,memory=32GiB' });
    const nodes = (accept: string) => service!.ask('GET', '/v1/nodes?fields=number,used', undefined, { accept });
    const csv = await nodes('text/csv');
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
    expect(csv.text.split('\r\n')).toEqual([
      'number,used',
      ...[1, 2, 3].map((number) => `${number},"{""cpu"":0,""memoryMiB"":0}"`),
      '',
    ]);
    const ndjson = await nodes('text/*;q=0.1, application/x-ndjson');
    expect(ndjson.text.split('\n').map((line) => line && JSON.parse(line).number)).toEqual([1, 2, 3, '']);
    expect((await nodes('*/*')).body.items).toHaveLength(3);
    const refused = await nodes('image/png, text/csv;q=0');
    expect([refused.status, refused.body.code]).toEqual([406, 'not-acceptable']);
  });

  it('more than fits into a moment is streamed, as of the turn at which it was asked for', async () => {
    service = await Service.start({ nodes: '1x cpu=64,memory=256GiB' });
    for (let i = 0; i < 6; i++)
      await service.ask('POST', '/v1/leases', {
        vms: 1,
        resources: { cpu: 1 },
        duration: '1h',
        start: { kind: 'advance', at: new Date(Date.now() + 3_600_000).toISOString() },
        repeat: { every: '2h', times: 100 },
      });
    const { headers, text } = await service.ask('GET', '/v1/leases?fields=id', undefined, { accept: 'text/csv' });
    expect(new Set(text.trim().split('\r\n')).size).toBe(601);
    expect(headers['x-state-turn']).toMatch(/^\d+$/);
    expect(headers['transfer-encoding'] ?? headers['content-length']).toBeDefined();
  });

  it('what is streamed is what its reader may see', async () => {
    service = await Service.start({ nodes: '1x cpu=64,memory=256GiB' });
    const ask = (user: string) => ({
      ...{ vms: 1, resources: { cpu: 1 }, duration: '1h', user },
      start: { kind: 'advance', at: new Date(Date.now() + 3_600_000).toISOString() },
      repeat: { every: '2h', times: 300 },
    });
    for (const user of ['ann', 'bob']) expect((await service.ask('POST', '/v1/leases', ask(user))).status).toBe(201);
    const headers = {
      accept: 'text/csv',
      authorization: `Bearer ${await service.token({ subject: 'ann', roles: ['user'] })}`,
    };
    const to = formatInstant(Date.now() + 1000 * 3_600_000);
    const { text } = await service.ask('GET', `/v1/schedule?to=${to}&fields=lease`, undefined, headers);
    const ids = text.split('\r\n').slice(1, -1);
    expect(ids).toHaveLength(600);
    expect(ids.filter((id) => id === '')).toHaveLength(300);
    const leases = await service.ask('GET', '/v1/leases?fields=user', undefined, headers);
    expect(leases.text).toBe(`user\r\n${'ann\r\n'.repeat(300)}`);
  });

  it('no cell of CSV begins a formula, and every text comes back', () => {
    expect(csvLine(['a', 'b', 'c', 'd'], { a: '=1+1', b: '@x', c: -1, d: '-x' })).toBe(`"'=1+1","'@x",-1,"'-x"\r\n`);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const line = csvLine(['a'], { a: text });
        const cell = line.slice(0, -2);
        expect(cell).not.toMatch(/^"?[=+\-@\t\r]/);
        const back = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
        expect(back === text || back === `'${text}`).toBe(true);
      }),
    );
  });
});
