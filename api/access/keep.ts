/** Notes are kept by a command like any other: what became of it, in the words of whoever asked. */

import type { Command } from '../../engine/index.js';
import type { RouteDeps } from '../deps.js';
import { Problem } from '../problems.js';

/** False: it is not what was `expected` any more. Throws a Problem where there is no room for notes. */
export async function keepNote(
  { submit }: Pick<RouteDeps, 'submit'>,
  note: Omit<Command & { type: 'KeepNote' }, 'type'>,
): Promise<boolean> {
  const { decided } = await submit({ type: 'KeepNote', ...note });
  if (decided.ok) return true;
  const { code, detail } = decided.rejection;
  if (code === 'note-stale') return false;
  throw new Problem('request-invalid', detail);
}

/** How often a change is tried again that another one came before. */
const TRIES_MAX = 5;

/** Changes what is kept, by what it is now. `change` gives the new text, null to remove it, or throws a Problem. */
export async function changeNote(
  deps: Pick<RouteDeps, 'submit' | 'follower'>,
  key: string,
  change: (now: string | null) => string | null,
): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const expected = deps.follower.state.notes.get(key) ?? null;
    if (await keepNote(deps, { key, value: change(expected), expected })) return;
  }
  throw new Problem('busy', 'others change it at the same time; try again');
}
