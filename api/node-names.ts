/** Nodes as clients name them: by name or by number. */

import type { NodeClass } from '../engine/index.js';

/** The number of the node, or what is wrong with its name. One pass over all names for all that are asked for. */
export function numbersOf(
  classes: readonly NodeClass[],
  asked: readonly (string | number)[],
): readonly (number | string)[] {
  const found = new Map<string, number[]>();
  for (const name of asked) if (typeof name === 'string') found.set(name, []);
  if (found.size > 0)
    for (const { first, count, names } of classes) {
      if (names !== null) names.forEach((name, i) => found.get(name)?.push(first + i));
      else for (const [name, numbers] of found) if (isNumbered(name, first, count)) numbers.push(Number(name.slice(1)));
    }
  return asked.map((node) => {
    if (typeof node === 'number') return node;
    const [number, ...others] = found.get(node)!;
    if (number === undefined) return `there is no node ${JSON.stringify(node)}`;
    if (others.length === 0) return number;
    return `nodes ${[number, ...others].slice(0, 3).join(', ')}${others.length > 2 ? ', …' : ''} have this name; give a number`;
  });
}

/** Nodes without names are called by their numbers. */
function isNumbered(name: string, first: number, count: number): boolean {
  if (!/^n[1-9]\d{0,6}$/.test(name)) return false;
  const number = Number(name.slice(1));
  return number >= first && number < first + count;
}
