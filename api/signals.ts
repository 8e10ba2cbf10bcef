/** The signals that tell a process to stop. */

import { EXIT_FAILURE } from './exit-codes.js';

/** Resolves at the first signal to stop; a second one ends the process at once. */
export function signalled(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(EXIT_FAILURE));
      resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
  });
}
