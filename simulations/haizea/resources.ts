/** `[simulation] resources`: where the site is described, or the site itself. */

import { AMOUNT_MAX, NODES_MAX, RESOURCES_MAX } from '../../engine/index.js';
import { assembled, inUsualOrder } from '../site-options.js';
import type { SiteDescription } from '../workloads/entry.js';
import { PLENTIFUL, PLENTY } from '../workloads/haizea-site.js';
import { resourceOf } from '../workloads/lwf-values.js';
import type { Kind } from './option-kinds.js';

export type Resources =
  | { readonly kind: 'in-tracefile' }
  /** Haizea's site XML, or ours in YAML. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'nodes'; readonly site: SiteDescription };

export const resources: Kind<Resources> = {
  accepts: 'in-tracefile, file:PATH, or nodes that have CPU and Memory, such as 4 CPU:100,Memory:1024',
  read: (text) => {
    if (text === 'in-tracefile') return { kind: 'in-tracefile' };
    const path = /^file:\s*(\S.*)$/.exec(text)?.[1];
    if (path !== undefined) return { kind: 'file', path };
    const site = siteOf(text);
    return site === null ? undefined : { kind: 'nodes', site };
  },
};

/**
 * `N CPU:100,Memory:1024`: that many nodes of one kind. Haizea read commas, its manual and its samples write blanks: both
 * will do. What nodes have plenty of need not be mentioned.
 */
function siteOf(text: string): SiteDescription | null {
  const [first, ...parts] = text.split(/[\s,]+/).filter((part) => part !== '');
  const count = /^\d{1,9}$/.test(first ?? '') ? Number(first) : 0;
  if (count < 1 || count > NODES_MAX) return null;
  const amounts = new Map<string, number>();
  for (const part of parts) {
    const [, type, quantity] = /^([A-Za-z][A-Za-z0-9-]*):(\d{1,10})$/.exec(part) ?? [];
    const known = type === undefined ? null : resourceOf(type);
    if (known === null || amounts.has(known.name)) return null;
    const amount = Number(quantity) * known.factor;
    if (amount > AMOUNT_MAX) return null;
    amounts.set(known.name, amount);
  }
  if (!amounts.has('cpu') || !amounts.has('memory')) return null;
  for (const name of PLENTIFUL) if (!amounts.has(name)) amounts.set(name, PLENTY);
  if (amounts.size > RESOURCES_MAX) return null;
  const types = inUsualOrder(new Set(amounts.keys())).map((name) => ({ name, kind: 'amount' as const }));
  return assembled(types, [{ count, amounts, exclusive: false }]);
}
