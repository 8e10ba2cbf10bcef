/** Free room over time: when as many VMs could run for as long. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Service, SMALL } from '../support/service.js';

let service: Service;
beforeEach(async () => {
  service = await Service.start();
});
afterEach(() => service.stop());

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const ALL = { ...SMALL, vms: 4, resources: { cpu: 8 }, preemptible: false };

async function slots(query: string) {
  const { status, body } = await service.ask('GET', `/v1/slots?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

describe('free room', () => {
  it('is all there is on an empty site, for ever', async () => {
    const { items, next, at } = await slots('vms=2&cpu=8&duration=1h');
    expect(items).toEqual([{ from: at, to: null, latestStart: null, vms: 4, longest: null }]);
    expect(next).toBeNull();
    expect(service.follower.state.leases.size).toBe(0);
  });

  it('lies between what runs and what is reserved, and names nobody', async () => {
    const from = inHours(3);
    const until = new Date(Date.parse(from) + 2 * 3_600_000).toISOString();
    await service.lease({ ...ALL, duration: 'PT1H' });
    await service.lease({ ...ALL, vms: 2, duration: 'PT2H', start: { kind: 'advance', at: from } });
    const { items } = await slots('vms=3&cpu=8&duration=PT1H');
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ to: from, vms: 4 });
    expect(Date.parse(items[0].latestStart)).toBe(Date.parse(from) - 3_600_000);
    expect(Date.parse(items[0].from)).toBeLessThan(Date.parse(inHours(1)));
    expect(items[1]).toMatchObject({ from: until, to: null, longest: null });
    const first = await slots('vms=3&cpu=8&duration=PT1H&limit=1');
    expect(first.items).toEqual([items[0]]);
    expect((await slots(`vms=3&cpu=8&duration=PT1H&from=${first.next}`)).items).toEqual([items[1]]);
    // Later beginnings only; and two VMs fit beside what is reserved.
    expect((await slots(`vms=3&cpu=8&duration=PT1H&from=${inHours(4)}`)).items).toEqual([items[1]]);
    const beside = (await slots('vms=2&cpu=8&duration=PT1H')).items;
    expect(beside).toMatchObject([{ to: null, vms: 4, longest: null }]);
    // A reservation there can be had.
    const had = await service.ask('POST', '/v1/leases', {
      ...ALL,
      vms: 3,
      duration: 'PT1H',
      start: { kind: 'advance', at: items[0].latestStart },
    });
    expect(had.status).toBe(201);
    expect(JSON.stringify(items)).not.toContain('"L');
  });

  it('knows all resources of the site, and what its nodes must be', async () => {
    expect((await slots('cpu=1&resource=gpu=2&duration=60')).items[0].vms).toBe(4);
    expect((await slots('cpu=1&resource=gpu=3&duration=60')).items).toEqual([]);
    expect((await slots(`cpu=1&duration=60&where=${encodeURIComponent('memory > 1000000')}`)).items).toEqual([]);
  });

  it('is refused where the question is no question, by the parameter', async () => {
    for (const [query, pointer] of [
      ['duration=1h', 'query/cpu'],
      ['cpu=1', 'query/duration'],
      ['cpu=1&duration=soon', 'query/duration'],
      ['cpu=1&duration=900d', 'query/duration'],
      ['cpu=1&duration=1h&resource=tape=1', 'query/resource'],
      ['cpu=1&duration=1h&resource=tape', 'query/resource/0'],
      ['cpu=0.0001&duration=1h', 'query/cpu'],
      ['cpu=1&duration=1h&vms=0', 'query/vms'],
      ['cpu=1&duration=1h&limit=1000', 'query/limit'],
      ['cpu=1&duration=1h&to=2020-01-01T00:00:00Z', 'query/to'],
      ['cpu=1&duration=1h&to=2099-01-01T00:00:00Z', 'query/to'],
      ['cpu=1&duration=1h&from=then', 'query/from'],
      ['cpu=1&duration=1h&asOf=1', 'query/asOf'],
      [`cpu=1&duration=1h&where=${encodeURIComponent('memory >')}`, 'query/where'],
    ]) {
      const { status, body } = await service.ask('GET', `/v1/slots?${query}`);
      expect([status, body.errors?.[0].pointer], `${query} ${JSON.stringify(body)}`).toEqual([400, pointer]);
    }
  });
});
