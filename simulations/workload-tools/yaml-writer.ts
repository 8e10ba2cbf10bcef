/** Leases in our own YAML: everything has a place in it. A lease a line, in JSON, which is YAML, too. */

import { CURRENCY_PARTS, type Group, type Start, type Terms } from '../../engine/index.js';
import { writtenAmount, writtenName } from '../amounts.js';
import type { SiteDescription, WorkloadEntry } from '../workloads/entry.js';
import type { LeaseSource } from './lease-source.js';
import type { LeaseWriter } from './lease-writer.js';

export function yamlWriter({ about, site, resources }: LeaseSource): LeaseWriter {
  const names = resources.map(({ name }) => name);
  return {
    begin: () => {
      const { name, description, attributes } = about;
      const head = [
        ...(name === null ? [] : [`name: ${JSON.stringify(name)}\n`]),
        ...(description === null ? [] : [`description: ${JSON.stringify(description)}\n`]),
        ...(Object.keys(attributes).length === 0 ? [] : [`attributes: ${JSON.stringify(attributes)}\n`]),
        ...(site === null ? [] : [siteText(site)]),
      ];
      return `# A workload for leasehold. Times are in seconds since its beginning.\n${head.join('')}leases:\n`;
    },
    lease: (entry) => `  - ${JSON.stringify(leaseOf(entry, names))}\n`,
    end: () => '',
  };
}

function siteText({ resources, classes }: SiteDescription): string {
  const nodes = classes.map((nodes) => {
    const { count, exclusive, labels, names, units } = nodes;
    const capacity = resources
      .map(({ name, kind }, r) => [name, kind, writtenAmount(name, nodes.capacity[r] ?? 0)] as const)
      .filter(([, kind]) => kind === 'amount')
      .map(([name, , amount]) => [name, amount]);
    return `    - ${JSON.stringify({
      count,
      capacity: Object.fromEntries(capacity),
      exclusive,
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(names === null ? {} : { names }),
      ...(Object.keys(units).length > 0 ? { units } : {}),
    })}\n`;
  });
  return `site:\n  resources: ${JSON.stringify(resources)}\n  nodes:\n${nodes.join('')}`;
}

type Members = Readonly<Record<string, unknown>>;

/** In the order in which people read a lease. What is as usual is left out. */
function leaseOf({ id, submit, run, terms, imageSize }: WorkloadEntry, names: readonly string[]): Members {
  const { groups, duration, start, preemptible, name, user, project, labels, where, maxRate, ...others } = terms;
  const only = groups.length === 1 && groups[0]!.name === null ? groups[0]! : null;
  return {
    id,
    submit: submit / 1000,
    ...(only === null ? { groups: groups.map((group) => groupOf(group, names)) } : groupOf(only, names)),
    ...(imageSize === undefined ? {} : { imageMiB: imageSize }),
    duration: duration / 1000,
    ...(run === duration ? {} : { run: run / 1000 }),
    ...(start.kind === 'best-effort' && start.before === null ? {} : { start: startOf(start) }),
    ...(preemptible === (start.kind === 'best-effort') ? {} : { preemptible }),
    ...present({ name, user, project, labels, where: whereOf(where), ...others }),
    ...(maxRate === undefined ? {} : { maxRate: maxRate / CURRENCY_PARTS }),
  };
}

function groupOf({ name, vms, demand, image }: Group, names: readonly string[]): Members {
  const amounts = names.map((resource, r) => [resource, demand[r] ?? 0] as const);
  const asked = amounts.filter(([, amount]) => amount > 0);
  const resources = (asked.length > 0 ? asked : amounts.slice(0, 1)).map(
    ([resource, amount]) => [writtenName(resource), writtenAmount(resource, amount)] as const,
  );
  return { ...present({ name }), vms, resources: Object.fromEntries(resources), ...present({ image }) };
}

function startOf(start: Start): Members {
  switch (start.kind) {
    case 'best-effort':
      return { kind: start.kind, before: start.before! / 1000 };
    case 'immediate':
      return { kind: start.kind };
    case 'advance':
      return { kind: start.kind, at: start.at / 1000 };
    case 'deadline':
      return { kind: start.kind, notBefore: start.notBefore / 1000, by: start.by / 1000 };
  }
}

function whereOf(where: Terms['where']): Members | null {
  return where === null ? null : present({ ...where });
}

/** Without what is null. */
function present(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
