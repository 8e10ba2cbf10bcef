/** One request is carried out once, however often it is sent, and whatever happens to the service meanwhile. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';

const COPIES = 100;
const SMALL = { vms: 1, resources: { cpu: 1 }, duration: 'PT1H' };

let directory: ReturnType<typeof temporaryDirectory>;
let service: ServedProcess;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await service.signal('SIGKILL');
  directory.remove();
});

/** Sends the copies at once; each gives its answer, or null where the service was gone before it answered. */
function sendCopies(key: string): Promise<({ status: number; text: string; replayed: boolean } | null)[]> {
  return Promise.all(
    Array.from({ length: COPIES }, () =>
      service.ask('POST', '/v1/leases', SMALL, { 'idempotency-key': key }).then(
        ({ status, text, headers }) => ({ status, text, replayed: headers.get('idempotent-replayed') === 'true' }),
        () => null,
      ),
    ),
  );
}

describe(`${COPIES} copies of a request`, needs('build'), () => {
  it.each(['append-begin', 'append-committed', 'anchor-synced', 'answer-begin'])(
    'make one lease where the service is killed at %s and all are sent again',
    async (point) => {
      // 1. The opening turn is appended first: the second one is that of the copies.
      const env = { LEASEHOLD_FAILPOINT: `${point}@${point === 'answer-begin' ? 1 : 2}=kill` };
      service = await ServedProcess.start(directory.path, [], { env });
      const first = await sendCopies('k');
      expect((await service.ended).signal).toBe('SIGKILL');
      // 2. Whoever has no answer asks again.
      service = await ServedProcess.start(directory.path);
      const again = await sendCopies('k');
      const answers = [...first, ...again].filter((answer) => answer !== null);
      expect(answers.length).toBeGreaterThanOrEqual(COPIES);
      expect([...new Set(answers.map(({ status }) => status))]).toEqual([201]);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      // 3. One of all those answers at most was the first.
      expect(answers.filter(({ replayed }) => !replayed).length).toBeLessThanOrEqual(1);
      expect((await service.ask('GET', '/v1/leases')).json().items).toHaveLength(1);
    },
  );
});
