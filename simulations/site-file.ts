/** Sites as files describe them: YAML, or Haizea's XML. */

import { NODES_MAX, type ResourceKind, RESOURCES_MAX, type ResourceType } from '../engine/index.js';
import { amountOf } from './amounts.js';
import { CONFIGURATION, InputError, quoted } from './input-error.js';
import { assembled, type GivenClass, inUsualOrder } from './site-options.js';
import type { SiteDescription } from './workloads/entry.js';
import { readHaizeaSite } from './workloads/haizea-site.js';
import { anyMapping, mapping, parseYaml, type Path, readSettings, shown, type YamlFile } from './yaml-file.js';

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const TEXT_MAX = 255;

/** `--site FILE`. Throws InputError. */
export async function readSiteFile(file: string): Promise<SiteDescription> {
  const text = readSettings(file);
  if (!/^\s*</.test(text)) return parseSite(text, file);
  try {
    return await readHaizeaSite(file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.problem, error, error.hint, CONFIGURATION);
  }
}

/** A site in YAML; docs/site.schema.json describes it. */
export function parseSite(text: string, file: string): SiteDescription {
  return siteIn(parseYaml(text, file));
}

/** The site that a YAML document is. */
export function siteIn(yaml: YamlFile): SiteDescription {
  const top = mapping(yaml, [], yaml.value, ['resources', 'nodes']);
  const given = top.has('resources') ? resourcesOf(yaml, top.get('resources')) : null;
  const list = top.get('nodes');
  if (!Array.isArray(list) || list.length === 0) {
    throw yaml.fault(['nodes'], 'no nodes', 'Write a list: - {count: 16, capacity: {cpu: 8, memory: 32GiB}}.');
  }
  const classes = list.map((value: unknown, i) => classOf(yaml, ['nodes', i], value, given));
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  if (total > NODES_MAX) throw yaml.fault(['nodes'], `${total} nodes`, `At most ${NODES_MAX}.`);
  const resources = given ?? resourcesIn(classes);
  if (resources.length > RESOURCES_MAX) {
    throw yaml.fault(['resources'], 'too many resources', `At most ${RESOURCES_MAX}.`);
  }
  return assembled(resources, classes);
}

function resourcesOf(yaml: YamlFile, value: unknown): readonly ResourceType[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw yaml.fault(['resources'], `${shown(value)} is no list of resources`, 'Write [cpu, memory].');
  }
  const resources = value.map((item: unknown, i): ResourceType => {
    const path: Path = ['resources', i];
    const given = typeof item === 'string' ? new Map([['name', item]]) : mapping(yaml, path, item, ['name', 'kind']);
    const name = given.get('name');
    const kind = given.get('kind') ?? 'amount';
    if (typeof name !== 'string' || !NAME.test(name)) throw badName(yaml, path, name);
    if (kind !== 'amount' && kind !== 'units') {
      throw yaml.fault([...path, 'kind'], `${shown(kind)} is not accepted`, 'Write amount or units.');
    }
    return { name, kind: kind as ResourceKind };
  });
  resources.forEach(({ name }, i) => {
    if (resources.findIndex((other) => other.name === name) < i) {
      throw yaml.fault(['resources', i], `${quoted(name)} twice`, 'Keep one of them.');
    }
  });
  return resources;
}

/** Where the file does not say: every resource that a class mentions, as units where it names any. */
function resourcesIn(classes: readonly GivenClass[]): readonly ResourceType[] {
  const names = new Set(classes.flatMap(({ amounts }) => [...amounts.keys()]));
  const isUnits = (name: string) => classes.some(({ units }) => units !== undefined && Object.hasOwn(units, name));
  return inUsualOrder(names).map((name) => ({ name, kind: isUnits(name) ? 'units' : 'amount' }));
}

const CLASS_KEYS = ['count', 'capacity', 'exclusive', 'labels', 'names', 'units'];

function classOf(yaml: YamlFile, path: Path, value: unknown, resources: readonly ResourceType[] | null): GivenClass {
  const given = mapping(yaml, path, value, CLASS_KEYS);
  const count = given.get('count') ?? 1;
  if (!Number.isInteger(count) || (count as number) < 1 || (count as number) > NODES_MAX) {
    throw yaml.fault([...path, 'count'], `${shown(count)} is no count`, `Write a whole number from 1 to ${NODES_MAX}.`);
  }
  const exclusive = given.get('exclusive');
  if (exclusive !== undefined && typeof exclusive !== 'boolean') {
    throw yaml.fault([...path, 'exclusive'], `${shown(exclusive)} is not accepted`, 'Write true or false.');
  }
  const units = given.has('units') ? unitsOf(yaml, [...path, 'units'], given.get('units')) : {};
  const amounts = capacityOf(yaml, path, given.get('capacity'), units);
  for (const name of amounts.keys()) checkKind(yaml, path, name, Object.hasOwn(units, name), resources);
  return {
    count: count as number,
    amounts,
    ...(exclusive === undefined ? {} : { exclusive }),
    labels: given.has('labels') ? labelsOf(yaml, [...path, 'labels'], given.get('labels')) : {},
    names: given.has('names') ? namesOf(yaml, [...path, 'names'], given.get('names'), count as number) : null,
    units,
  };
}

/** The amounts of a class; of resources that are units there are as many as are named. */
function capacityOf(
  yaml: YamlFile,
  path: Path,
  value: unknown,
  units: Readonly<Record<string, readonly string[]>>,
): Map<string, number> {
  const here = [...path, 'capacity'];
  const amounts = new Map<string, number>();
  for (const [name, given] of anyMapping(yaml, here, value)) {
    if (!NAME.test(name)) throw badName(yaml, [...here, name], name);
    const isText = typeof given === 'string' || typeof given === 'number';
    const amount = isText ? amountOf(name, given) : { problem: 'is no amount' };
    if (typeof amount !== 'number') {
      throw yaml.fault([...here, name], `${shown(given)} ${amount.problem}`, 'For example cpu: 8, memory: 32GiB.');
    }
    amounts.set(name, amount);
  }
  for (const [name, names] of Object.entries(units)) {
    if ((amounts.get(name) ?? names.length) !== names.length) {
      const hint = 'Leave it out of the capacity: it is counted.';
      throw yaml.fault([...here, name], `not as many as the ${names.length} units named`, hint);
    }
    amounts.set(name, names.length);
  }
  return amounts;
}

function checkKind(
  yaml: YamlFile,
  path: Path,
  name: string,
  hasUnits: boolean,
  resources: readonly ResourceType[] | null,
): void {
  if (resources === null) return;
  const known = resources.find((resource) => resource.name === name);
  const at = [...path, hasUnits ? 'units' : 'capacity', name];
  if (known === undefined) {
    const hint = `Add it to resources, which has: ${resources.map((resource) => resource.name).join(', ')}.`;
    throw yaml.fault(at, `unknown resource ${quoted(name)}`, hint);
  }
  if ((known.kind === 'units') !== hasUnits) {
    const hint = hasUnits ? 'Declare it with kind: units.' : 'Name them under units.';
    throw yaml.fault(at, `${quoted(name)} is declared as ${known.kind}`, hint);
  }
}

function unitsOf(yaml: YamlFile, path: Path, value: unknown): Record<string, readonly string[]> {
  const units: Record<string, readonly string[]> = {};
  for (const [name, list] of anyMapping(yaml, path, value)) {
    if (!NAME.test(name)) throw badName(yaml, [...path, name], name);
    units[name] = namesOf(yaml, [...path, name], list, null);
  }
  return units;
}

/** Different names; as many as `count` unless that is null. */
function namesOf(yaml: YamlFile, path: Path, value: unknown, count: number | null): readonly string[] {
  const isList = Array.isArray(value) && value.every((name) => typeof name === 'string' && isText(name));
  if (!isList)
    throw yaml.fault(path, 'not a list of names', `Write [a1, a2]; names have at most ${TEXT_MAX} characters.`);
  const names = value as readonly string[];
  if (new Set(names).size !== names.length) throw yaml.fault(path, 'a name twice', 'Names must differ.');
  if (count !== null && names.length !== count) {
    throw yaml.fault(path, `${names.length} names for ${count} nodes`, 'Give one name a node.');
  }
  return names;
}

function labelsOf(yaml: YamlFile, path: Path, value: unknown): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const [key, text] of anyMapping(yaml, path, value)) {
    if (!/^[A-Za-z][A-Za-z0-9._/-]{0,62}$/.test(key)) throw badName(yaml, [...path, key], key);
    if (typeof text !== 'string' || !isText(text)) {
      const hint = `Write a text of at most ${TEXT_MAX} characters; put numbers in quotes.`;
      throw yaml.fault([...path, key], `${shown(text)} is not accepted`, hint);
    }
    labels[key] = text;
  }
  return labels;
}

function isText(text: string): boolean {
  return text.length > 0 && text.length <= TEXT_MAX && !/[\u0000-\u001f\u007f]/.test(text);
}

function badName(yaml: YamlFile, path: Path, name: unknown): InputError {
  return yaml.fault(path, `the name ${shown(name)} is not accepted`, 'Names are lower-case letters, digits and "-".');
}
