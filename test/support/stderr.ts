/** What a service in this process writes to its log. */

import { vi } from 'vitest';

/** What is written to standard error from now on, piece by piece, until `vi.restoreAllMocks()`; the terminal gets none of it. */
export function heardStderr(): string[] {
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  return written;
}
