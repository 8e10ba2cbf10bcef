/** Whose a new lease is: its maker's. Others can be named by operators only. */

import { Problem } from '../problems.js';
import type { Account, Caller } from './caller.js';

interface Named {
  readonly user?: string;
  readonly project?: string;
}

/** Throws a Problem where the request names somebody that the caller may not ask for. */
export function ownerOf(caller: Caller, { user, project }: Named): Account {
  // The credential of the machine is nobody's.
  if (caller.how === 'admin-token') return { user: user ?? null, project: project ?? null };
  const own = { user: user ?? caller.subject, project: project ?? caller.projects[0] ?? null };
  if (caller.has('operator')) return own;
  if (own.user !== caller.subject) throw refused('/user', 'is not you; leave it out');
  if (project !== undefined && !caller.projects.includes(project))
    throw refused('/project', 'is not one of yours; leave it out');
  return own;
}

function refused(pointer: string, detail: string): Problem {
  return new Problem('forbidden', `${pointer} ${detail}`, [{ pointer, detail }]);
}

/** The key as it is kept: all callers have keys of their own. */
export function keyOf(caller: Caller, key: string): string {
  if (caller.how === 'admin-token') return key;
  return `${caller.projects[0] ?? ''}/${caller.subject}:${key}`;
}
