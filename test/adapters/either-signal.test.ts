/** Work that several may cut short, and what is remembered of it. */

import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { withEither } from '../../adapters/either-signal.js';

test('work is cut short by whoever is first, for their reason', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const work = withEither([one.signal, other.signal], async (either) => {
    other.abort(new Error('the other'));
    one.abort(new Error('the one'));
    return either.reason;
  });
  expect(await work).toMatchObject({ message: 'the other' });
});

test('work that begins when it is over is cut short at once', async () => {
  const over = AbortSignal.abort(new Error('over'));
  expect(await withEither([new AbortController().signal, over], async (either) => either.reason.message)).toBe('over');
});

test('nothing is remembered of work that is done, however it went', async () => {
  const { signal } = new AbortController();
  for (let time = 0; time < 100; time++) {
    await withEither([signal], async () => {});
    await withEither([signal], () => Promise.reject(new Error('it failed'))).catch(() => {});
  }
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
