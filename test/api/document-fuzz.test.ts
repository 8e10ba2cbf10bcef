/** Every operation of the document is asked for many times, mostly with a mistake: nothing that is sent is our error. */

import { describe, expect, it } from 'vitest';
import { documentText } from '../../api/openapi.js';
import { type Document, DocumentRequests, type MadeRequest } from '../support/document-requests.js';
import { Service, TOKEN } from '../support/service.js';

const REQUESTS = Number(
  process.env.LEASEHOLD_FUZZ_REQUESTS ?? (process.env.LEASEHOLD_TEST_ALL === '1' ? 100_000 : 10_000),
);
const SEED = Number(process.env.LEASEHOLD_FUZZ_SEED ?? 20261121);
/** Asked at once: they share turns. */
const AT_ONCE = 32;

describe('requests made from the document', () => {
  it(`${REQUESTS} of them, most with mistakes, are answered and never with an error of ours`, {
    timeout: 0,
  }, async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const service = await Service.start({ nodes: '50x cpu=64,memory=256GiB,disk=1TiB,gpu=4', timeScale: 60 });
    const ids: string[] = [];
    const requests = new DocumentRequests(JSON.parse(documentText(service.app)) as Document, SEED, (name) =>
      name === 'id' || name === 'lease' || name === 'leases' ? ids : (SENSIBLE[name]?.() ?? []),
    );
    const statuses = new Map<string, Map<number, number>>();
    let left = REQUESTS;
    const wrong: string[] = [];
    const ask = async (request: MadeRequest): Promise<void> => {
      const { operation, method, url, headers, body } = request;
      const response = await service.app.inject({
        method: method as 'GET',
        url,
        headers: { authorization: `Bearer ${TOKEN}`, ...headers },
        ...(body === null ? {} : { payload: body }),
      });
      const { statusCode: status } = response;
      // Too much at once is no mistake of anybody's: what waited is asked again, as clients do.
      if (status === 503 && JSON.parse(response.body).code === 'busy') {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return ask(request);
      }
      const seen = statuses.get(operation) ?? new Map<number, number>();
      statuses.set(operation, seen.set(status, (seen.get(status) ?? 0) + 1));
      if (faultOf(status, String(response.headers['content-type']), response.body) !== null)
        wrong.push(`${JSON.stringify(request).slice(0, 500)}: ${status} ${response.body.slice(0, 300)}`);
      if (operation === 'submitLease' && status === 201) {
        ids.push(JSON.parse(response.body).id ?? JSON.parse(response.body).items[0].id);
        if (ids.length > 200) ids.splice(0, 100);
      }
    };
    try {
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (left-- > 0 && wrong.length < 5) await ask(bounded(requests.next()));
        }),
      );
      expect(wrong).toEqual([]);
      expect(unhandled).toEqual([]);
      // Each was met, and most of them in more than one way.
      const names = Object.values((JSON.parse(documentText(service.app)) as Document).paths)
        .flatMap((methods) => Object.values(methods))
        .map(({ operationId }) => operationId);
      expect([...statuses.keys()].sort()).toEqual([...names].sort());
      expect([...(statuses.get('submitLease')?.keys() ?? [])].sort()).toEqual(expect.arrayContaining([201, 400, 422]));
      // The loop has survived all of them.
      await service.lease({ resources: { cpu: 0.001 } });
      expect((await service.ask('GET', '/readyz')).status).toBe(200);
    } finally {
      await service.stop();
      process.off('unhandledRejection', note);
    }
  });
});

/** What is wrong with an answer, whatever was asked. */
function faultOf(status: number, type: string, body: string): string | null {
  if (status >= 500) return 'an error of ours';
  if (status < 400) return null;
  if (!type.startsWith('application/problem+json')) return 'no problem document';
  const { code, detail } = JSON.parse(body) as { code?: unknown; detail?: unknown };
  return typeof code === 'string' && typeof detail === 'string' ? null : 'a problem without a code';
}

/** Streams stay open for ever: they are tested elsewhere. */
function bounded(request: MadeRequest): MadeRequest {
  return { ...request, url: request.url.replace(/follow=true/g, 'follow=false') };
}

/** What means something for members whose shape is only text or a number. */
const SENSIBLE: Readonly<Record<string, () => readonly unknown[]>> = {
  submitLease: () => [
    { vms: 1, resources: { cpu: 1 }, duration: 'PT1M' },
    { groups: [{ vms: 2, resources: { cpu: 2 } }], duration: '1h', start: { kind: 'best-effort', before: inHours(2) } },
    { resources: { cpu: 1 }, duration: 60, start: { kind: 'advance', at: inHours(1) }, labels: { a: 'b' } },
    {
      resources: { cpu: 1 },
      duration: 60,
      start: { kind: 'deadline', by: inHours(3) },
      where: { requirements: 'cpu > 2' },
    },
  ],
  duration: () => ['PT1H', '5m', 90, '1h30m', 'P1D'],
  every: () => ['1h', 3600],
  at: () => [inHours(1), inHours(5)],
  by: () => [inHours(30), inHours(3)],
  before: () => [inHours(2)],
  notBefore: () => [inHours(1)],
  from: () => [inHours(-1), inHours(1)],
  to: () => [inHours(3)],
  vms: () => [1, 2, 3],
  resources: () => [{ cpu: 1 }, { cpu: 2, memoryMiB: 512 }],
  cpu: () => [1, 2, 0.5],
  memoryMiB: () => [512, 1024],
  number: () => [1, 2, 3, 50, 51],
  node: () => [1, 2],
  name: () => ['a', 'web-1'],
  project: () => ['p', 'q'],
  user: () => ['u', 'v@x.org'],
  image: () => ['debian-12'],
  requirements: () => ['gpu >= 1', 'cpu > 2 && site == "lyon"', '((('],
  rank: () => ['cpu', '-(vms * 50 + cpuFree)'],
  page_token: () => [],
};

function inHours(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}
