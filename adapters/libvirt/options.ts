/** What the cluster of hosts is made with. */

import type { Instant, LeaseId, NodeClass, Terms } from '../../engine/index.js';
import type { HostHealth } from '../host-health.js';
import type { Readiness } from '../machine-wishes.js';
import type { Accel } from './acceleration.js';
import type { Hypervisor } from './hypervisor.js';
import type { Away } from './liveness.js';
import type { Maker } from './machine.js';
import type { MoveWay } from './move.js';
import type { ReconcilePorts } from './reconcile.js';
import type { Deaf } from './resize.js';
import type { NetworksPort } from './site-network.js';
import type { RunOnNodes } from './whereabouts.js';
import type { WrittenImages } from './written-images.js';

export interface LibvirtOptions {
  /** Tells this site's VMs from those of others: 16 hex digits that stay as long as the log; null: it has not begun. */
  readonly site: string | null;
  readonly nodes: readonly NodeClass[];
  /** A node's labels as they are now. Absent: as they were when it joined. */
  readonly labelsOf?: (node: number) => NodeClass['labels'] | undefined;
  /** Those that have left the site. */
  readonly gone: ReadonlySet<number>;
  readonly now: () => Instant;
  /** The runs that the log has: hosts may be out of reach when this begins. VMs of other runs are nobody's. */
  readonly runs: ReadonlyMap<LeaseId, RunOnNodes>;
  /** Throws a HypervisorError for a URI that may not be used. */
  readonly connect: (uri: string) => Hypervisor;
  readonly maker: Pick<Maker, 'prepare' | 'place' | 'sizeOf'>;
  /** When VMs of such terms count as started; null, and without it: as soon as they run. */
  readonly readyOf?: (terms: Terms) => Readiness | null;
  /** The directory on each host that our files are in. */
  readonly directory: string;
  /** Under what VMs are to run. */
  readonly accel: Accel;
  /** How long a guest whose time is over may take to shut down. */
  readonly graceMs: number;
  /** What becomes of a guest that does not, and need not be stopped. Absent: it is destroyed. */
  readonly deaf?: Deaf;
  /** So long a host may be silent before it counts as unreachable. */
  readonly nodeGraceMs: number;
  /** By which hosts that are silent are switched off; null: they are waited for. */
  readonly fenceCommand: readonly string[] | null;
  /** Those that the log has as unreachable, or as lost. */
  readonly away: Away;
  /** What the log says of a run just now; without it nothing is missed. */
  readonly standing?: ReconcilePorts['standing'];
  readonly warn: (message: string) => void;
  /** Hears of every host when it begins or ceases to answer. */
  readonly onHealth?: (health: HostHealth) => void;
  /** Those that were registered, and who is on them. Absent: there are none. */
  readonly networks?: NetworksPort;
  /** How VMs that run go to other hosts, and disks to other directories. Absent: as fast as they can, and in the clear. */
  readonly way?: MoveWay;
  /** Absent: no VM writes its image. */
  readonly written?: WrittenImages;
}
