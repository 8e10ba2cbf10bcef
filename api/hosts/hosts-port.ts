/** What is known of the hosts behind the nodes, as routes know it. */

import type { FoundHost } from '../../adapters/host-health.js';
import type { Condition } from '../schemas/cluster.js';
import type { Samples } from './samples.js';

export interface HostsPort {
  readonly samples: Pick<Samples, 'ofNode' | 'ofLease' | 'addresses'>;
  /** Why there are no samples of something. */
  readonly whyNoSamples: string;
  /** What speaks against a node, as far as its host is concerned. */
  conditionsOf(node: number, capacity: Readonly<Record<string, number>>): readonly Condition[];
  /** The nodes whose hosts said that they are this one. */
  nodesOf(uuid: string): readonly number[];
  /** Asks the host itself; `prepare`: our pool is made there. Throws a Problem. */
  look(uri: string, prepare: boolean): Promise<FoundHost>;
}
