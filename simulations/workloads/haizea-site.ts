/** Haizea's description of a site, alone in a file or inside a workload. */

import { type NodeClass, NODES_MAX, RESOURCES_MAX, type ResourceType } from '../../engine/index.js';
import { quoted } from '../input-error.js';
import { indexOfResource } from '../site-figures.js';
import type { SiteDescription } from './entry.js';
import { checkGrammar, faultAt } from './lwf-grammar.js';
import { amountOf, resourceOf, wholeOf } from './lwf-values.js';
import { readXml, type XmlElement } from './xml.js';

/** What nodes have of these resources when they do not say. */
export const PLENTY = 1_000_000;
export const PLENTIFUL = ['disk', 'net-in', 'net-out'];

/** Reads a file whose root is <site>, or the <site> of a workload. Throws WorkloadError. */
export async function readHaizeaSite(source: string): Promise<SiteDescription> {
  const root = await readXml(source);
  checkGrammar(root, source, ['site', 'lease-workload']);
  const site = root.name === 'site' ? root : root.children.find((child) => child.name === 'site');
  if (site === undefined) throw faultAt(root, source, 'the workload has no <site>', 'Name a file with a <site>.');
  return siteOf(site, source);
}

/** The site of an element that follows the grammar. */
export function siteOf(site: XmlElement, file: string): SiteDescription {
  const resources = resourcesOf(childOf(site, 'resource-types'), file);
  const classes: NodeClass[] = [];
  let first = 1;
  for (const set of childOf(site, 'nodes').children) {
    const count = wholeOf(set, file, 'numnodes', 1, NODES_MAX);
    const defaults = resources.map(({ name }) => (PLENTIFUL.includes(name) ? PLENTY : 0));
    const capacity = vectorOf(set, file, resources, defaults);
    classes.push({ first, count, capacity, exclusive: false, labels: {}, names: null, units: {} });
    first += count;
    if (first > NODES_MAX + 1) throw faultAt(set, file, 'too many nodes', `A site has at most ${NODES_MAX}.`);
  }
  return { resources, classes };
}

/** The amounts of a <node-set> in the order of `resources`; `defaults` where it names none. */
export function vectorOf(
  set: XmlElement,
  file: string,
  resources: readonly ResourceType[],
  defaults: readonly number[],
): readonly number[] {
  const vector = [...defaults];
  const seen = new Set<string>();
  for (const res of set.children) {
    const type = res.attributes.get('type')!;
    const known = resourceOf(type);
    const index = known === null ? -1 : indexOfResource(resources, known.name);
    if (known === null || index < 0) {
      const names = resources.map((resource) => resource.name).join(', ');
      const hint = `The site has: ${names}. Add it to <resource-types>.`;
      throw faultAt(res, file, `the site has no resource ${quoted(type)}`, hint);
    }
    if (seen.has(known.name)) throw faultAt(res, file, `a second ${quoted(type)}`, 'Keep one of them.');
    seen.add(known.name);
    vector[index] = amountOf(res, file, known.factor);
  }
  return vector;
}

function resourcesOf(types: XmlElement, file: string): readonly ResourceType[] {
  const names = types.attributes.get('names')!.trim().split(/\s+/);
  const resources: ResourceType[] = [];
  for (const type of names) {
    const known = resourceOf(type);
    if (known === null) {
      const hint = 'Names are letters, digits and "-", between blanks.';
      throw faultAt(types, file, `the resource name ${quoted(type)} is not accepted`, hint);
    }
    if (resources.some((resource) => resource.name === known.name)) {
      throw faultAt(types, file, `the resource ${quoted(type)} twice`, 'Keep one of them.');
    }
    resources.push({ name: known.name, kind: 'amount' });
  }
  if (resources.length > RESOURCES_MAX) {
    throw faultAt(types, file, 'too many resource types', `At most ${RESOURCES_MAX}.`);
  }
  return resources;
}

/** The child of that name, which the grammar promises. */
export function childOf(element: XmlElement, name: string): XmlElement {
  return element.children.find((child) => child.name === name)!;
}
