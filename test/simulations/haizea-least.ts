/** The least configuration of Haizea that there is, for tests to change. */

import { checkHaizeaConfig, type HaizeaConfig } from '../../simulations/haizea/config.js';
import { parseIni } from '../../simulations/haizea/ini.js';

const LEAST = {
  general: { mode: 'simulated' },
  simulation: {
    clock: 'simulated',
    starttime: '2006-11-25 13:00:00',
    resources: 'in-tracefile',
    'imagetransfer-bandwidth': '100',
  },
  scheduling: { backfilling: 'off', suspension: 'none' },
};

export type Sections = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

/** The least configuration there is, with what is given; null takes an option away. */
function written(changes: Sections): string {
  const names = [...new Set([...Object.keys(LEAST), ...Object.keys(changes)])];
  const lines = names.flatMap((name) => {
    const values = { ...(LEAST as Sections)[name], ...changes[name] };
    return [
      `[${name}]`,
      ...Object.entries(values).flatMap(([key, text]) => (text === null ? [] : [`${key}: ${text}`])),
    ];
  });
  return lines.join('\n');
}

/** It is read from a file called c. */
export function read(changes: Sections): HaizeaConfig {
  return checkHaizeaConfig(parseIni(written(changes), 'c'));
}
