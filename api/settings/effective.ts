/** The settings as they are in effect, and where each comes from: what `leasehold config show` shows. */

import { shownUrl } from '../store.js';
import type { Settings, Source } from './sources.js';
import { keyOf, NAMES, settingOf } from './table.js';

export interface Effective {
  readonly name: string;
  /** Null: not set; `unset` says what that means. */
  readonly value: unknown;
  readonly unset: string | null;
  readonly source: Source;
  /** The flag, the variable, or the file with its line; empty for a default. */
  readonly place: string;
}

export async function effectiveSettings({ options, origins }: Settings): Promise<readonly Effective[]> {
  return Promise.all(
    NAMES.map(async (name) => {
      const { secret, unset } = settingOf(name);
      const value: unknown = options[name];
      const isSet = value !== null && !(Array.isArray(value) && value.length === 0);
      return {
        name: keyOf(name),
        value: !isSet ? null : secret === true ? await withoutSecrets(String(value)) : value,
        unset: isSet ? null : (unset ?? null),
        ...origins[name],
      };
    }),
  );
}

async function withoutSecrets(url: string): Promise<string> {
  return shownUrl(url).catch(() => '(hidden)');
}
