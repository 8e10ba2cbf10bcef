/**
 * What expressions may name of a node. By rank: 1. each resource of the site  2. how much of it is free  3. `vms`,
 * `leases`, `load` and `node`  4. labels.
 */

import { type Expression, namesIn } from './expression.js';
import { parseExpression } from './expression-parser.js';
import type { Where } from './lease.js';
import type { ResourceType } from './site.js';

/** `resource` is an index. Cpus are counted whole, as users write them: 1.5, not the site's 1,500 thousandths. */
export type Fact =
  | { readonly kind: 'capacity' | 'free'; readonly resource: number }
  | { readonly kind: 'vms' | 'leases' | 'load' | 'node' | 'label' };

/** O(resources). */
export function factOf(name: string, resources: readonly ResourceType[]): Fact {
  const capacity = resources.findIndex((resource) => camel(resource.name) === name);
  if (capacity >= 0) return { kind: 'capacity', resource: capacity };
  const free = resources.findIndex((resource) => `${camel(resource.name)}Free` === name);
  if (free >= 0) return { kind: 'free', resource: free };
  switch (name) {
    case 'vms':
    case 'leases':
    case 'load':
    case 'node':
      return { kind: name };
    default:
      return { kind: 'label' };
  }
}

/** An amount as expressions see it. */
export function inExpressions(amount: number, resource: ResourceType): number {
  return resource.name === 'cpu' ? amount / 1000 : amount;
}

/** What is wrong with the expressions, and in which member of the terms; null: nothing. */
export function faultOfWhere(
  where: Where,
  resources: readonly ResourceType[],
): { readonly detail: string; readonly pointer: string } | null {
  for (const member of ['requirements', 'rank'] as const) {
    const text = where[member];
    if (text === null) continue;
    const pointer = `/where/${member}`;
    const parsed = parseExpression(text);
    if (!parsed.ok) return { pointer, detail: `column ${parsed.column}: ${parsed.problem}` };
    const passing = member === 'requirements' ? passingFact(parsed.expression, resources) : null;
    if (passing !== null)
      return { pointer, detail: `${passing} changes all the time: use it in a rank, and ask for resources` };
  }
  return null;
}

/** A name that stands for something that comes and goes with leases. */
function passingFact(expression: Expression, resources: readonly ResourceType[]): string | null {
  for (const name of namesIn(expression)) {
    const { kind } = factOf(name, resources);
    if (kind === 'free' || kind === 'vms' || kind === 'leases' || kind === 'load') return name;
  }
  return null;
}

/** `net-in` is written `netIn`. */
function camel(name: string): string {
  return name.includes('-') ? name.replace(/-+([^-])/g, (_, letter: string) => letter.toUpperCase()) : name;
}
