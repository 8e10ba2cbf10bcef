/** Leases as Haizea's LWF. */

import { CURRENCY_PARTS, type Group, type ResourceType, type Terms } from '../../engine/index.js';
import type { SiteDescription, WorkloadEntry } from '../workloads/entry.js';
import { RATE_LABEL } from '../workloads/limits.js';
import type { LeaseSource } from './lease-source.js';
import { type LeaseWriter, tellOfQueueing } from './lease-writer.js';
import type { Losses } from './losses.js';
import { attrs, lwfTime, softwareText, xml } from './lwf-text.js';

export function lwfWriter({ about, site, resources }: LeaseSource, losses: Losses): LeaseWriter {
  const types = resources.map(({ name }) => typeName(name));
  return {
    begin: () => {
      const name = about.name === null ? '' : ` name="${xml(about.name, null, losses)}"`;
      const description =
        about.description === null ? '' : `  <description>${xml(about.description, null, losses)}</description>\n`;
      const attributes = Object.entries(about.attributes);
      const said =
        attributes.length === 0 ? '' : `  <attributes>\n${attrs(attributes, '    ', null, losses)}  </attributes>\n`;
      return `<lease-workload${name}>\n${description}${said}${site === null ? '' : siteText(site, losses)}  <lease-requests>\n`;
    },
    lease: (entry) => leaseText(entry, types, losses),
    end: () => '  </lease-requests>\n</lease-workload>\n',
  };
}

/** Ours are in small letters; Haizea knows CPU, Memory, Disk, Net-in and Net-out. */
function typeName(resource: string): string {
  return resource === 'cpu' ? 'CPU' : `${resource[0]!.toUpperCase()}${resource.slice(1)}`;
}

function siteText({ resources, classes }: SiteDescription, losses: Losses): string {
  const names = resources.map(({ name }) => typeName(name));
  for (const nodes of classes) {
    if (nodes.exclusive) losses.leftOut('that nodes are given whole', null, nodes.count);
    if (nodes.names !== null) losses.leftOut('names of nodes', null, nodes.count);
    if (Object.keys(nodes.labels).length > 0) losses.leftOut('labels of nodes', null, nodes.count);
    if (Object.keys(nodes.units).length > 0) losses.changed('named units of nodes: their number', null, nodes.count);
  }
  const sets = classes.map(({ count, capacity }) => {
    return `      <node-set numnodes="${count}">${amounts(capacity, names, resources, true)}</node-set>\n`;
  });
  return (
    `  <site>\n    <resource-types names="${names.join(' ')}"/>\n` +
    `    <nodes>\n${sets.join('')}    </nodes>\n  </site>\n`
  );
}

/** CPU is percent of one cpu. `all`: also what there is none of. */
function amounts(
  vector: readonly number[],
  names: readonly string[],
  resources: readonly Pick<ResourceType, 'name'>[],
  all: boolean,
): string {
  const listed = names.map((name, r) => {
    const amount = vector[r] ?? 0;
    if (amount === 0 && !all && r > 0) return '';
    return `<res type="${name}" amount="${resources[r]!.name === 'cpu' ? amount / 10 : amount}"/>`;
  });
  return listed.join('');
}

function leaseText(
  { id, submit, run, terms, line, imageSize }: WorkloadEntry,
  types: readonly string[],
  losses: Losses,
): string {
  tellOfTerms(terms, line, losses);
  const real = run === terms.duration ? '' : `      <realduration time="${lwfTime(run)}"/>\n`;
  const user = terms.user === null ? '' : ` user="${xml(terms.user, line, losses)}"`;
  const sets = terms.groups.map((group) => nodeSet(group, types));
  return (
    `    <lease-request arrival="${lwfTime(submit)}">\n${real}` +
    `      <lease id="${id}"${user} preemptible="${terms.preemptible}">\n` +
    `        <nodes>${sets.join('')}</nodes>\n` +
    `        ${startText(terms)}\n` +
    `        ${softwareText(...imageOf(terms, imageSize, line, losses))}\n` +
    `${extraText(terms, line, losses)}      </lease>\n    </lease-request>\n`
  );
}

function nodeSet({ vms, demand }: Group, types: readonly string[]): string {
  const resources = types.map((type) => ({ name: type.toLowerCase() }));
  return `<node-set numnodes="${vms}">${amounts(demand, types, resources, false)}</node-set>`;
}

function startText({ start, duration }: Terms): string {
  const length = `<duration time="${lwfTime(duration)}"/>`;
  const deadline = (time: number) => `<deadline time="${lwfTime(time)}"/>`;
  switch (start.kind) {
    case 'best-effort':
      return `<start/>${length}${start.before === null ? '' : deadline(start.before + duration)}`;
    case 'immediate':
      return `<start><now/></start>${length}`;
    case 'advance':
      return `<start><exact time="${lwfTime(start.at)}"/></start>${length}`;
    case 'deadline':
      return `<start><exact time="${lwfTime(start.notBefore)}"/></start>${length}${deadline(start.by)}`;
  }
}

/** Haizea's leases have one image for all VMs. */
function imageOf(
  { groups }: Terms,
  size: number | undefined,
  line: number,
  losses: Losses,
): readonly [image: string | null, size: number] {
  const images = new Set(groups.map(({ image }) => image));
  if (images.size > 1) losses.changed('different images in one lease: that of the first group', line);
  const given = groups[0]!.image;
  if (given === null) return [null, 0];
  const image = given.replaceAll(':', '-');
  if (image !== given) losses.changed('names of images: "-" instead of ":"', line);
  if (size === undefined) losses.assumed('sizes of images (0 MiB)', line);
  return [image, size ?? 0];
}

function extraText({ labels, maxRate }: Terms, line: number, losses: Losses): string {
  const all = Object.entries(labels ?? {});
  if (maxRate !== undefined && labels?.[RATE_LABEL] === undefined)
    all.push([RATE_LABEL, String(maxRate / CURRENCY_PARTS)]);
  const accepted = all.filter(([name]) => /^[A-Za-z][A-Za-z0-9._-]{0,62}$/.test(name));
  const others = all.length - accepted.length;
  if (others > 0) losses.leftOut('labels with names that LWF does not take', line, others);
  if (accepted.length === 0) return '';
  return `        <extra>\n${attrs(accepted, '          ', line, losses)}        </extra>\n`;
}

function tellOfTerms(terms: Terms, line: number, losses: Losses): void {
  const { name, project, where, groups } = terms;
  if (name !== null) losses.leftOut('names of leases', line);
  if (project !== null) losses.leftOut('projects', line);
  if (where !== null) losses.leftOut('where a lease may run', line);
  if (groups.some((group) => group.name !== null)) losses.leftOut('names of groups', line);
  tellOfQueueing(terms, line, losses);
}
