/** What the loop needs of machines, whichever they are. */

import type { ClusterListener } from '../adapters/cluster-listener.js';
import type { HostHealth } from '../adapters/host-health.js';
import type { Call } from '../adapters/callback.js';
import type { HostSample } from '../adapters/host-samples.js';
import type { Epoch, Instant, NodeClass, Turn } from '../engine/index.js';
import type { Machines } from './term.js';

/** Theirs is the time. */
export interface MachinesClock {
  now(): Instant;
  /** How long it really takes until then. */
  realMs(until: Instant): number;
}

export interface OpenMachines extends Machines {
  listen(listener: ClusterListener): () => void;
  addNodes(nodes: NodeClass): void;
  removeNode(node: number): void;
  /** A note is in the log. */
  noted?(key: string, value: string | null): void;
  /** A VM says that it is ready. False: it is not waited for. */
  called?(call: Call): Promise<boolean>;
  /** Somebody has said that it is off for certain. */
  giveUp?(node: number): void;
  /** The log's first turn is in it. */
  begun?(first: Turn): void;
  close(): Promise<void>;
}

/** What machines tell beside what they observe. */
export interface MachinesTell {
  /** They have seen a later epoch than ours. */
  readonly onRefused: (highest: Epoch) => void;
  readonly warn: (text: string) => void;
  readonly onHealth: (health: HostHealth) => void;
  readonly onSample: (sample: HostSample) => void;
  /** Resolves when the note is in the log; false: what is there is not what was expected. Rejects where nobody leads. */
  readonly keep: (note: { key: string; value: string | null; expected: string | null }) => Promise<boolean>;
}

export interface Opened {
  readonly machines: OpenMachines;
  readonly clock: MachinesClock;
  /** The highest epoch that they have seen. */
  readonly epoch: Epoch;
}
