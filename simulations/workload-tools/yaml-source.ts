/** A workload in YAML as a source of leases: nothing is lost. */

import { readYamlWorkload } from '../workloads/yaml-workload.js';
import { each, type LeaseSource, type ReadOptions } from './lease-source.js';
import { Losses } from './losses.js';

export async function yamlSource({ source, site: given }: ReadOptions): Promise<LeaseSource> {
  const workload = await readYamlWorkload(source, given);
  const { name, description, attributes, site, resources, entries } = workload;
  const losses = new Losses();
  for (const note of workload.notes) losses.changed(note, null);
  return { about: { name, description, attributes }, site, resources, leases: each(entries), losses };
}
