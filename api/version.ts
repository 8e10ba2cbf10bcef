/** The version of the program, from its package.json. */

import { readFileSync } from 'node:fs';

export function version(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<
        string,
        string
      >;
      if (name === 'leasehold' && version !== undefined) return version;
    } catch {
      // The sources and the compiled files lie at different depths: the other place has it.
    }
  }
  return 'unknown';
}
