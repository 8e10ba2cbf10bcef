/** Whatever is sent is answered: with success or with what is wrong, never with an error of ours. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JsonError, readJson } from '../../api/json-body.js';
import { Service } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(() => service.stop());

/** Nearly right: members with their names, and values that are wrong now and then. */
const oddValue = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, -1, 1e9, 1e308, -0, 2 ** 53, '', 'P', 'PT1H', '2h', 'x'.repeat(300), null, true),
  },
);
const mostly = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 4, arbitrary: good as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: oddValue });
const resources = mostly(
  fc.dictionary(fc.constantFrom('cpu', 'memoryMiB', 'gpu', 'diskMiB', 'toString', ''), mostly(fc.nat(100)), {
    maxKeys: 4,
  }),
);
const start = fc.record(
  {
    kind: mostly(fc.constantFrom('best-effort', 'immediate', 'advance', 'deadline')),
    at: mostly(fc.date({ noInvalidDate: true }).map((date) => date.toISOString())),
    by: mostly(fc.string()),
    before: mostly(fc.string()),
  },
  { requiredKeys: ['kind'] },
);
const request = fc.record(
  {
    vms: mostly(fc.nat(10)),
    resources,
    duration: mostly(fc.oneof(fc.nat(10_000), fc.constantFrom('PT1H', '5m', '1h30m'))),
    start: mostly(start),
    groups: mostly(fc.array(fc.record({ vms: mostly(fc.nat(3)), resources }), { maxLength: 3 })),
    name: mostly(fc.string()),
    labels: mostly(fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 })),
    where: mostly(fc.record({ labels: fc.constant({}), requirements: mostly(fc.string()), rank: fc.string() })),
    preemptible: mostly(fc.boolean()),
    held: mostly(fc.boolean()),
    after: mostly(
      fc.array(fc.record({ lease: mostly(fc.string()), on: mostly(fc.constant('start')) }), { maxLength: 2 }),
    ),
    repeat: mostly(fc.record({ every: mostly(fc.constantFrom('1h', 60)), times: mostly(fc.nat(5)) })),
    user: mostly(fc.string()),
    other: oddValue,
  },
  { requiredKeys: ['duration'] },
);

const expectAnswer = async (body: string, headers: Record<string, string> = {}): Promise<void> => {
  const reply = await service.ask('POST', '/v1/leases', body, headers);
  expect([201, 400, 409, 422], `${reply.status} ${reply.text} to ${body}`).toContain(reply.status);
  if (reply.status === 422 || reply.status === 400) expect(reply.body.code).toBeTypeOf('string');
};

describe('arbitrary bodies', () => {
  it('that are JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 20 }), (body) => expectAnswer(body)),
      { numRuns: 200 },
    );
  });

  it('that are nearly lease requests', async () => {
    await fc.assert(
      fc.asyncProperty(request, (body) => expectAnswer(JSON.stringify(body))),
      { numRuns: 600 },
    );
    // The loop has survived all of them.
    await service.lease({ resources: { cpu: 0.001 }, start: { kind: 'best-effort' } });
    expect((await service.ask('GET', '/readyz')).status).toBe(200);
  }, 60_000);

  it('that are no JSON at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), (body) => expectAnswer(body)),
      { numRuns: 200 },
    );
  });
});

describe('arbitrary paths and queries', () => {
  it('find something or nothing', async () => {
    const part = fc.oneof(
      fc.constantFrom('v1', 'leases', 'nodes', 'events', 'schedule', 'L1', '1', 'drain'),
      fc.webSegment(),
    );
    const query = fc.webQueryParameters();
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 4 }), query, async (parts, parameters) => {
        const reply = await service.ask('GET', `/${parts.join('/')}?${parameters}`);
        expect(reply.status, `${parts.join('/')}?${parameters}: ${reply.text}`).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
});

describe('reading JSON strictly', () => {
  it('gives what JSON.parse gives, or says what is wrong', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 20 }), fc.string()), (text) => {
        let value: unknown;
        try {
          value = readJson(Buffer.from(text));
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
          return;
        }
        expect(value).toEqual(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });
});
