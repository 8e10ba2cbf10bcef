/**
 * Projects: notes in the log under `project/<name>`. What they may have is in the policy, where the scheduler reads it.
 */

import type { Policy, Quota, StateView } from '../../engine/index.js';
import { canonical } from '../canonical.js';
import type { QuotaChange, QuotaView } from '../schemas/access.js';
import type { Notes } from './tokens.js';

/** What is kept of a project. */
export interface ProjectNote {
  readonly title: string;
  readonly created: number;
  readonly by: string;
}

const PREFIX = 'project/';
const NO_LIMIT: Quota = { leases: null, vms: null, cpu: null, advance: null };

export function keyOfProject(name: string): string {
  return `${PREFIX}${name}`;
}

export function projectNote(notes: Notes, name: string): { readonly text: string; readonly note: ProjectNote } | null {
  const text = notes.get(keyOfProject(name));
  return text === undefined ? null : { text, note: JSON.parse(text) as ProjectNote };
}

/** In order of name. O(notes log projects). */
export function projectNames(notes: Notes): string[] {
  const keys = [...notes.keys()].filter((key) => key.startsWith(PREFIX));
  return keys.map((key) => key.slice(PREFIX.length)).sort((a, b) => (a < b ? -1 : 1));
}

export function writtenNote(note: ProjectNote): string {
  return canonical(note);
}

/** The project's own quota; null: it has none. */
export function quotaView({ policy }: StateView, project: string): QuotaView | null {
  const own = policy.quotas.projects;
  if (own === undefined || !Object.hasOwn(own, project)) return null;
  const quota = own[project]!;
  return { ...quota, cpu: quota.cpu === null ? null : quota.cpu / 1000 };
}

/** The policy with another quota of the project: `null` removes its own. The same where nothing changes. */
export function withQuota(policy: Policy, project: string, change: QuotaChange | null): Policy {
  const { projects: before = {}, ...rest } = policy.quotas;
  const { [project]: own = NO_LIMIT, ...others } = before;
  const { cpu, ...given } = change ?? {};
  const quota = {
    ...own,
    ...given,
    ...(cpu === undefined ? {} : { cpu: cpu === null ? null : Math.round(cpu * 1000) }),
  };
  const projects = change === null ? others : { ...others, [project]: quota };
  const after = { ...policy, quotas: Object.keys(projects).length === 0 ? rest : { ...rest, projects } };
  return canonical(after) === canonical(policy) ? policy : after;
}
