/** LWF as leases, and what of the file they do not say. */

import type { ResourceType } from '../../engine/index.js';
import { inUsualOrder } from '../site-options.js';
import { nameOf } from '../workloads/bytes.js';
import { childOf } from '../workloads/haizea-site.js';
import { NAME_MAX } from '../workloads/limits.js';
import { lwfIn } from '../workloads/lwf.js';
import { checkGrammar } from '../workloads/lwf-grammar.js';
import { resourceOf, timeOf } from '../workloads/lwf-values.js';
import { readXml, type XmlElement } from '../workloads/xml.js';
import { type About, each, type LeaseSource, type ReadOptions } from './lease-source.js';
import { Losses } from './losses.js';

/** Reads an LWF file whole. Throws InputError. */
export async function lwfSource({ source, site: given }: ReadOptions): Promise<LeaseSource> {
  const file = nameOf(source);
  const root = await readXml(source);
  checkGrammar(root, file, ['lease-workload']);
  const own = root.children.find((child) => child.name === 'site');
  const losses = new Losses();
  const nobody = own === undefined && given === null;
  // Without any site the amounts can still be read: only where they are to be had is unknown.
  const site = nobody ? { resources: resourcesAsked(root), classes: [] } : given;
  const workload = lwfIn(root, file, site === null ? {} : { site });
  if (own !== undefined) tellOfSite(own, given !== null, losses);
  for (const request of childOf(root, 'lease-requests').children) tellOfRequest(request, file, losses);
  if (workload.notes.length > 0) losses.changed('order: sorted by time of submission', null);
  return {
    about: aboutOf(root, workload.name, losses),
    site: nobody ? null : workload.site,
    resources: workload.site.resources,
    leases: each(workload.entries),
    losses,
  };
}

function resourcesAsked(root: XmlElement): readonly ResourceType[] {
  const names = new Set<string>();
  for (const element of elementsNamed(root, 'res')) {
    const known = resourceOf(element.attributes.get('type')!);
    if (known !== null) names.add(known.name);
  }
  return inUsualOrder(names).map((name) => ({ name, kind: 'amount' }));
}

function tellOfSite(site: XmlElement, isReplaced: boolean, losses: Losses): void {
  if (isReplaced) losses.leftOut('the site of the file: another was given', site.line);
  else for (const res of withInstances(site)) losses.changed('instances of a node: added up', res.line);
}

function tellOfRequest(request: XmlElement, file: string, losses: Losses): void {
  const lease = childOf(request, 'lease');
  const { line } = request;
  for (const name of ['state', 'submit-time']) {
    if (lease.attributes.has(name)) losses.leftOut(`attribute ${name} of <lease>`, line);
  }
  if (!lease.attributes.has('id')) losses.assumed('ids: the next free number', line);
  if ((lease.attributes.get('user') ?? '').length > NAME_MAX) {
    losses.changed(`users: cut at ${NAME_MAX} characters`, line);
  }
  if (withInstances(lease).length > 0) losses.changed('instances in a lease: added up', line);
  const duration = timeOf(childOf(lease, 'duration'), file, 'time', 1);
  const real = request.children.find((child) => child.name === 'realduration');
  if (real !== undefined && timeOf(real, file, 'time', 1) > duration) {
    losses.changed('real durations: cut at the duration asked for', line);
  }
  const deadline = lease.children.find((child) => child.name === 'deadline');
  const isQueued = childOf(lease, 'start').children.length === 0;
  if (deadline !== undefined && isQueued && timeOf(deadline, file, 'time', 0) < duration) {
    losses.changed('deadlines before any end: the lease may begin at 0 at the latest', line);
  }
}

function withInstances(element: XmlElement): XmlElement[] {
  return elementsNamed(element, 'res').filter((res) => res.children.length > 1);
}

function elementsNamed(element: XmlElement, name: string): XmlElement[] {
  if (element.name === name) return [element];
  return element.children.flatMap((child) => elementsNamed(child, name));
}

function aboutOf(root: XmlElement, name: string | null, losses: Losses): About {
  const description = root.children.find((child) => child.name === 'description')?.text ?? '';
  const attributes: Record<string, string> = {};
  for (const attr of root.children.find((child) => child.name === 'attributes')?.children ?? []) {
    const key = attr.attributes.get('name')!;
    if (Object.hasOwn(attributes, key)) losses.leftOut('attributes of the workload that are there already', attr.line);
    else Object.defineProperty(attributes, key, { value: attr.attributes.get('value')!, enumerable: true });
  }
  return { name, description: description === '' ? null : description, attributes };
}
