/** The grammar of Haizea's workload, site and annotation files as one table, and the check of a tree against it. */

import { nearest, quoted } from '../input-error.js';
import { WorkloadError } from './entry.js';
import { pathOf, type XmlElement } from './xml.js';

/** How often a child may occur. */
type Times = 'once' | 'at most once' | 'at least once' | 'any number';

interface Rule {
  readonly required?: readonly string[];
  readonly optional?: readonly string[];
  readonly children?: Readonly<Record<string, Times>>;
  readonly text?: true;
}

const TIME: Rule = { required: ['time'] };
const EXTRAS: Rule = { children: { attr: 'any number' } };

const GRAMMAR = new Map<string, Rule>(
  Object.entries({
    'lease-workload': {
      optional: ['name'],
      children: {
        description: 'at most once',
        attributes: 'at most once',
        site: 'at most once',
        'lease-requests': 'once',
      },
    },
    description: { text: true },
    attributes: EXTRAS,
    attr: { required: ['name', 'value'] },
    site: { children: { 'resource-types': 'once', nodes: 'once' } },
    'resource-types': { required: ['names'] },
    nodes: { children: { 'node-set': 'at least once' } },
    'node-set': { required: ['numnodes'], children: { res: 'at least once' } },
    res: { required: ['type'], optional: ['amount'], children: { instance: 'any number' } },
    instance: { required: ['amount'] },
    'lease-requests': { children: { 'lease-request': 'any number' } },
    'lease-request': { required: ['arrival'], children: { realduration: 'at most once', lease: 'once' } },
    realduration: TIME,
    lease: {
      required: ['preemptible'],
      optional: ['id', 'user', 'state', 'submit-time'],
      children: {
        nodes: 'once',
        start: 'once',
        duration: 'once',
        deadline: 'at most once',
        software: 'once',
        extra: 'at most once',
      },
    },
    start: { children: { now: 'at most once', exact: 'at most once' } },
    now: {},
    exact: TIME,
    duration: TIME,
    deadline: TIME,
    software: { children: { none: 'at most once', 'disk-image': 'at most once' } },
    none: {},
    'disk-image': { required: ['id', 'size'] },
    extra: EXTRAS,
    'lease-annotations': { children: { attributes: 'at most once', 'lease-annotation': 'any number' } },
    'lease-annotation': {
      optional: ['id'],
      children: {
        start: 'at most once',
        now: 'at most once',
        exact: 'at most once',
        deadline: 'at most once',
        software: 'at most once',
        extra: 'at most once',
      },
    },
  } satisfies Record<string, Rule>),
);

/** Throws WorkloadError at the first element that does not follow the grammar. The root must be one of `roots`. */
export function checkGrammar(root: XmlElement, file: string, roots: readonly string[]): void {
  if (!roots.includes(root.name)) {
    throw faultAt(root, file, `unknown root element <${quoted(root.name)}>`, `Expected <${roots.join('> or <')}>.`);
  }
  checkElement(root, file);
}

/** An error at an element, with its line and path. */
export function faultAt(element: XmlElement, file: string, problem: string, hint: string): WorkloadError {
  return new WorkloadError(problem, { file, line: element.line, path: pathOf(element) }, hint);
}

function checkElement(element: XmlElement, file: string): void {
  const rule: Rule = GRAMMAR.get(element.name)!;
  checkAttributes(element, rule, file);
  checkChildren(element, rule, file);
  if (rule.text !== true && element.text !== '') {
    throw faultAt(element, file, `the text ${quoted(element.text)} is not expected here`, 'Remove it.');
  }
  for (const child of element.children) checkElement(child, file);
}

function checkAttributes(element: XmlElement, rule: Rule, file: string): void {
  const required = rule.required ?? [];
  const known = [...required, ...(rule.optional ?? [])];
  for (const name of element.attributes.keys()) {
    if (!known.includes(name)) {
      throw faultAt(element, file, `unknown attribute ${quoted(name)}`, meant(name, known, 'attribute'));
    }
  }
  for (const name of required) {
    if (!element.attributes.has(name)) {
      throw faultAt(element, file, `attribute "${name}" is missing`, `Write <${element.name} ${name}="…">.`);
    }
  }
}

function checkChildren(element: XmlElement, rule: Rule, file: string): void {
  const known = rule.children ?? {};
  const counts = new Map<string, number>();
  for (const child of element.children) {
    if (!Object.hasOwn(known, child.name)) {
      const hint = meant(child.name, Object.keys(known), 'element');
      throw faultAt(child, file, `unknown element in <${element.name}>`, hint);
    }
    const count = (counts.get(child.name) ?? 0) + 1;
    counts.set(child.name, count);
    if (count > 1 && !known[child.name]!.endsWith('number') && known[child.name] !== 'at least once') {
      throw faultAt(child, file, `a second <${child.name}>`, 'Keep one of them.');
    }
  }
  for (const [name, times] of Object.entries(known)) {
    if ((times === 'once' || times === 'at least once') && !counts.has(name)) {
      throw faultAt(element, file, `<${name}> is missing`, `Put a <${name}> into <${element.name}>.`);
    }
  }
}

function meant(name: string, known: readonly string[], what: string): string {
  const near = nearest(name, known);
  if (near !== null) return `Did you mean "${near}"?`;
  return known.length === 0 ? `No ${what} is expected here.` : `Expected: ${known.join(', ')}.`;
}
