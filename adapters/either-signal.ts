/**
 * Work that several may cut short. `AbortSignal.any` would do, but what lives long then remembers all that it was ever asked
 * about: in Node 20 some 150 bytes each, for good.
 */

import { setMaxListeners } from 'node:events';

/** Runs `work` with a signal that is aborted as soon as one of these is, and for the same reason. */
export async function withEither<T>(
  signals: readonly AbortSignal[],
  work: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const cut = (): void => either.abort(signals.find(({ aborted }) => aborted)?.reason);
  // As many as there is work for may listen.
  setMaxListeners(0, either.signal, ...signals);
  for (const signal of signals) signal.addEventListener('abort', cut, { once: true });
  if (signals.some(({ aborted }) => aborted)) cut();
  try {
    return await work(either.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', cut);
  }
}
