/** What the settings say of a new log: its nodes and its policy. */

import { POLICY_DEFAULT, type Policy } from '../../engine/index.js';
import { readPolicyFile } from '../../simulations/policy-file.js';
import { readSiteFile } from '../../simulations/site-file.js';
import { parseNodes } from '../../simulations/site-options.js';
import type { SiteDescription } from '../../simulations/workloads/entry.js';
import { LIBVIRT, type ServeOptions } from './table.js';

/** The site when none is given: enough to try things out. */
const DEFAULT_NODES = ['8x cpu=8,memory=32GiB,disk=500GiB'];

/** Real machines may not answer: an order is called overdue ten minutes after it should have been done. */
const POLICY_LIVE: Policy = { ...POLICY_DEFAULT, orderTimeout: 600_000 };

/** Throws an InputError. */
export async function readSite({
  cluster,
  nodes,
  site,
}: Pick<ServeOptions, 'cluster' | 'nodes' | 'site'>): Promise<SiteDescription> {
  if (site !== null) return readSiteFile(site);
  if (nodes.length > 0) return parseNodes(nodes);
  const usual = parseNodes(DEFAULT_NODES);
  // Real ones are registered when they are there.
  return cluster === LIBVIRT ? { ...usual, classes: [] } : usual;
}

/** Throws an InputError. */
export function readPolicy({ policy }: Pick<ServeOptions, 'policy'>, site: SiteDescription): Policy {
  return policy === null ? POLICY_LIVE : readPolicyFile(policy, POLICY_LIVE, site.resources);
}
