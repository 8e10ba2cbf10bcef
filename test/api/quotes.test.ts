/** Asking first: what a lease would get, held to when it is asked for, and what else could be had. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeptQuotes } from '../../api/asking/kept-quotes.js';
import { eventually } from '../support/eventually.js';
import { Service, SMALL } from '../support/service.js';

let service: Service;
beforeEach(async () => {
  service = await Service.start();
});
afterEach(() => service.stop());

/** Three of the site's four nodes, and all of it. */
const MOST = { vms: 3, resources: { cpu: 8 }, duration: 'PT2H' };
const ALL = { vms: 4, resources: { cpu: 8 } };
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

async function quote(request: Record<string, unknown>) {
  const { status, body } = await service.ask('POST', '/v1/quotes', { ...SMALL, ...request });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

describe('a quote', () => {
  it('says when, where and why, and asks for nothing', async () => {
    const before = service.follower.head;
    const found = await quote({ vms: 2, resources: { cpu: 8 } });
    expect(found).toMatchObject({ feasible: true, nodes: '1-2', preempts: [], price: null, basedOn: before });
    expect(Date.parse(found.earliestStart)).toBeLessThanOrEqual(Date.now());
    expect(service.follower.head).toBe(before);
    expect(service.follower.state.leases.size).toBe(0);
  });

  it('of a lease that would wait says behind whom, until when, and what could be had at once', async () => {
    const running = await service.lease(MOST);
    const first = await service.lease({ ...ALL, duration: 'PT30M' });
    const found = await quote({ ...ALL, duration: 'PT4H' });
    expect(found).toMatchObject({ feasible: true, preempts: [] });
    const waits = Date.parse(found.earliestStart) - Date.parse(running.submitted);
    expect(waits).toBeGreaterThanOrEqual(2.5 * 3_600_000);
    expect(waits).toBeLessThan(2.5 * 3_600_000 + 60_000);
    const blockers = found.reasons.flatMap((reason: { blockers: string[] }) => reason.blockers);
    expect(blockers).toEqual(expect.arrayContaining([running.id, first.id]));
    // One node is free, but only for the two hours before the lease that waits first.
    expect(found.alternatives).toEqual([]);
    const short = await quote({ vms: 2, resources: { cpu: 8 }, duration: 'PT1H' });
    expect(short.alternatives.map(({ kind, vms }: { kind: string; vms: number }) => [kind, vms])).toEqual([
      ['less', 1],
    ]);
  });

  it('of an immediate lease says whom it would preempt, and of a reservation when there is room instead', async () => {
    const victim = await service.lease({ ...ALL, duration: 'PT2H' });
    await service.until(victim.id, 'active');
    expect(await quote({ start: { kind: 'immediate' } })).toMatchObject({ feasible: true, preempts: [victim.id] });
    const at = inHours(1);
    const reserved = await quote({ ...ALL, start: { kind: 'advance', at } });
    expect(reserved).toMatchObject({ feasible: true, preempts: [victim.id], earliestStart: expect.any(String) });
    await service.lease({ ...ALL, duration: 'PT1H', start: { kind: 'advance', at } });
    const refused = await quote({ ...ALL, duration: 'PT3H', start: { kind: 'advance', at } });
    expect(refused.feasible).toBe(false);
    expect(refused.reasons.map(({ code }: { code: string }) => code)).toEqual(['insufficient-capacity']);
    const [later] = refused.alternatives.filter(({ kind }: { kind: string }) => kind === 'later');
    expect((await quote({ ...ALL, duration: 'PT3H', start: later.start })).feasible).toBe(true);
  });

  it('offers other nodes, a shorter time and fewer VMs, each of which can be had', async () => {
    const at = inHours(2);
    await service.lease({ ...MOST, start: { kind: 'advance', at: inHours(3) }, where: { nodes: [1, 2, 3] } });
    const asked = {
      vms: 2,
      resources: { cpu: 8 },
      duration: 'PT4H',
      start: { kind: 'advance', at },
      preemptible: false,
    };
    const found = await quote(asked);
    expect(found.feasible).toBe(false);
    const kinds = found.alternatives.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toEqual(['less', 'shorter', 'later']);
    for (const { kind: _, begins, ...change } of found.alternatives)
      expect(await quote({ ...asked, ...change })).toMatchObject({ feasible: true, earliestStart: begins });
    const bound = await quote({ ...asked, vms: 1, where: { nodes: [1] } });
    expect(bound.alternatives).toContainEqual(expect.objectContaining({ kind: 'elsewhere', where: null }));
  });

  it('is refused where its terms are at fault, and for what cannot be quoted', async () => {
    for (const [wrong, pointer] of [
      [{ duration: 'soon' }, '/duration'],
      [{ commit: 'Q1' }, '/commit'],
      [{ repeat: { every: 'P1D', times: 2 }, start: { kind: 'advance', at: inHours(1) } }, '/repeat'],
      [{ after: [{ lease: 'L0' }] }, '/after/0/lease'],
    ] as const) {
      const { status, body } = await service.ask('POST', '/v1/quotes', { ...SMALL, ...wrong });
      expect(status, JSON.stringify(body)).toBe(422);
      expect(body.errors[0].pointer).toBe(pointer);
    }
    const late = { ...SMALL, start: { kind: 'advance', at: inHours(-1) } };
    expect((await service.ask('POST', '/v1/quotes', late)).body.code).toBe('start-in-past');
  });

  it('says what never fits, and what is too late for its patience', async () => {
    expect((await quote({ vms: 1, resources: { cpu: 9 } })).reasons[0].code).toBe('never-fits');
    await service.lease({ ...ALL, duration: 'PT2H' });
    const impatient = await quote({ ...ALL, start: { kind: 'best-effort', before: inHours(1) } });
    expect(impatient.feasible).toBe(false);
    expect(impatient.reasons.at(-1).code).toBe('not-started-in-time');
  });
});

describe('a quote that is committed', () => {
  it('is honoured, and the log keeps what was said', async () => {
    const request = { ...ALL, duration: 'PT1H', start: { kind: 'advance', at: inHours(5) } };
    const said = await quote(request);
    const lease = await service.lease({ ...request, commit: said.id });
    expect(lease.from).toBe(said.earliestStart);
    const { quoted } = service.follower.state.leases.get(lease.id)!.terms;
    expect(quoted).toEqual({ start: Date.parse(said.earliestStart), price: null });
  });

  it('is honoured again when the same request is sent again', async () => {
    const { id: commit } = await quote({});
    const headers = { 'idempotency-key': 'one' };
    const [first, second] = [
      await service.ask('POST', '/v1/leases', { ...SMALL, commit }, headers),
      await service.ask('POST', '/v1/leases', { ...SMALL, commit }, headers),
    ];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.id).toBe(first.body.id);
  });

  it('is answered with a fresh one where others came first: nothing is asked for then', async () => {
    const request = { ...SMALL, ...ALL, start: { kind: 'advance', at: inHours(5) } };
    const { id: commit } = await quote(request);
    await service.lease({ ...MOST, start: { kind: 'advance', at: inHours(5) } });
    const { head } = service.follower;
    const { status, body } = await service.ask('POST', '/v1/leases', { ...request, commit });
    expect([status, body.code]).toEqual([409, 'quote-stale']);
    expect(body.quote).toMatchObject({ feasible: false, basedOn: head });
    expect(body.quote.alternatives.length).toBeGreaterThan(0);
    expect(service.follower.head).toBe(head);
  });

  it('must be for that request, and known', async () => {
    const { id: commit } = await quote({});
    const other = await service.ask('POST', '/v1/leases', { ...SMALL, vms: 2, commit });
    expect([other.status, other.body.errors[0].pointer]).toEqual([422, '/commit']);
    const unknown = await service.ask('POST', '/v1/leases', { ...SMALL, commit: 'Q0' });
    expect([unknown.status, unknown.body.code]).toEqual([409, 'quote-stale']);
    expect((await service.ask('POST', '/v1/leases', { ...SMALL, commit: unknown.body.quote.id })).status).toBe(201);
  });

  it('is measured by when the lease truly began', async () => {
    const { id: commit } = await quote({});
    const lease = await service.lease({ commit });
    await service.until(lease.id, 'active');
    await eventually(() => service.asking.errors.count).toBe(1);
    expect(service.asking.errors.sum).toBeLessThan(60);
  });
});

describe('kept quotes', () => {
  const quoting = {
    turn: 1,
    now: 0,
    feasible: true,
    start: 0,
    latest: 0,
    nodes: null,
    preempts: [],
    price: null,
    approval: false,
  } as const;
  const said = { ...quoting, reasons: [], alternatives: [], rejection: null };

  it('are for who asked, for five minutes, and the latest 10,000', () => {
    const quotes = new KeptQuotes();
    const { id } = quotes.keep(said, 'hash', 'ada');
    expect(quotes.find(id, 'ada', 300_000)?.hash).toBe('hash');
    expect(quotes.find(id, 'bob', 0)).toBeNull();
    expect(quotes.find(id, 'ada', 300_001)).toBeNull();
    for (let i = 0; i < 10_000; i++) quotes.keep(said, 'hash', 'ada');
    expect(quotes.find(id, 'ada', 0)).toBeNull();
  });
});

describe('a lease that waits', () => {
  it('is read with when it is expected to begin', async () => {
    const running = await service.lease({ ...ALL, duration: 'PT2H' });
    const waiting = await service.lease(ALL);
    const read = async () => (await service.ask('GET', `/v1/leases/${waiting.id}`)).body.forecast;
    await eventually(async () => (await read()) !== null).toBe(true);
    const { start, basedOn } = await read();
    expect(Date.parse(start) - Date.parse(running.submitted)).toBeGreaterThanOrEqual(2 * 3_600_000);
    expect(basedOn).toBeLessThanOrEqual(service.follower.head);
    expect((await service.ask('GET', `/v1/leases/${running.id}`)).body.forecast).toBeNull();
  });
});
