/** Sites as options give them: `--procs` and `--nodes`; and how a site is put together, however it was given. */

import { type NodeClass, NODES_MAX, RESOURCES_MAX, type ResourceType } from '../engine/index.js';
import { amountOf } from './amounts.js';
import { InputError, quoted, USAGE } from './input-error.js';
import type { SiteDescription } from './workloads/entry.js';

/** What `--procs`, `--nodes` and `--site` say: one of them at most, or nothing where the workload brings its site. */
export interface SiteOptions {
  readonly procs?: number;
  readonly nodes?: readonly string[];
  readonly site?: string;
}

/** First in this order, where the site has them; others follow in order of appearance. */
const USUAL = ['cpu', 'memory', 'disk', 'net-in', 'net-out'];

/** `--procs P`: P identical nodes of one cpu, each given whole to one VM. */
export function flatPool(procs: number): SiteDescription {
  if (!Number.isInteger(procs) || procs < 1 || procs > NODES_MAX) {
    throw option('--procs', `${procs} processors`, `Give a whole number from 1 to ${NODES_MAX}.`);
  }
  return assembled([{ name: 'cpu', kind: 'amount' }], [{ count: procs, amounts: new Map([['cpu', 1000]]) }]);
}

/**
 * `--nodes "16x cpu=8,memory=32GiB"`: several classes separated by `;` or by giving the option again. A class that
 * offers one cpu and nothing else is given whole to one VM.
 */
export function parseNodes(options: readonly string[]): SiteDescription {
  const classes = options
    .flatMap((text) => text.split(';'))
    .filter((text) => text.trim() !== '')
    .map(parseClass);
  if (classes.length === 0) throw option('--nodes', 'no nodes', EXAMPLE);
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  if (total > NODES_MAX) throw option('--nodes', `${total} nodes`, `At most ${NODES_MAX}.`);
  const names = new Set(classes.flatMap(({ amounts }) => [...amounts.keys()]));
  if (names.size > RESOURCES_MAX) throw option('--nodes', 'too many resources', `At most ${RESOURCES_MAX}.`);
  return assembled(
    inUsualOrder(names).map((name) => ({ name, kind: 'amount' })),
    classes,
  );
}

/** A class of nodes as given, its amounts in the engine's units. */
export interface GivenClass {
  readonly count: number;
  readonly amounts: ReadonlyMap<string, number>;
  readonly exclusive?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly names?: readonly string[] | null;
  readonly units?: Readonly<Record<string, readonly string[]>>;
}

/** Numbers the nodes and puts the amounts in order; what a class does not mention it has none of. */
export function assembled(resources: readonly ResourceType[], classes: readonly GivenClass[]): SiteDescription {
  let first = 1;
  const numbered = classes.map((given): NodeClass => {
    const node: NodeClass = {
      first,
      count: given.count,
      capacity: resources.map(({ name }) => given.amounts.get(name) ?? 0),
      exclusive: given.exclusive ?? isOneCpu(given.amounts),
      labels: given.labels ?? {},
      names: given.names ?? null,
      units: given.units ?? {},
    };
    first += given.count;
    return node;
  });
  return { resources, classes: numbered };
}

/** One cpu and nothing else: a processor, which takes one VM. */
function isOneCpu(amounts: ReadonlyMap<string, number>): boolean {
  for (const [name, amount] of amounts) if (amount !== (name === 'cpu' ? 1000 : 0)) return false;
  return amounts.has('cpu');
}

export function inUsualOrder(names: ReadonlySet<string>): string[] {
  return [...USUAL.filter((name) => names.has(name)), ...[...names].filter((name) => !USUAL.includes(name))];
}

const EXAMPLE = 'For example: --nodes "16x cpu=8,memory=32GiB".';

function parseClass(text: string): GivenClass {
  const [, countText, rest] = /^\s*(?:(\d{1,9})\s*x\s*|(?=[a-z]))(.*)$/s.exec(text) ?? [];
  if (rest === undefined) throw option('--nodes', `${quoted(text.trim())} is not understood`, EXAMPLE);
  const count = countText === undefined ? 1 : Number(countText);
  if (count < 1) throw option('--nodes', `${count} nodes in ${quoted(text.trim())}`, 'At least one.');
  const amounts = new Map<string, number>();
  for (const part of rest.split(',')) {
    const [, name, value] = /^\s*([a-z][a-z0-9-]{0,31})\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      throw option('--nodes', `${quoted(part.trim())} is not name=amount`, EXAMPLE);
    }
    if (amounts.has(name)) throw option('--nodes', `${name} twice in ${quoted(text.trim())}`, 'Keep one of them.');
    const amount = amountOf(name, value);
    if (typeof amount !== 'number') throw option('--nodes', `${quoted(part.trim())} ${amount.problem}`, EXAMPLE);
    amounts.set(name, amount);
  }
  return { count, amounts };
}

function option(name: string, problem: string, hint: string): InputError {
  return new InputError(problem, { file: name }, hint, USAGE);
}
