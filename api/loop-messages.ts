/** What the main thread and the loop's thread say to each other. */

import type { Answer, Command, Duration, Epoch, Instant, NodeClass, Policy, ResourceType } from '../engine/index.js';
import type { Call } from '../adapters/callback.js';
import type { HostHealth } from '../adapters/host-health.js';
import type { HostSample } from '../adapters/host-samples.js';
import type { ProofBegin } from './log-proof.js';
import type { Kept } from './records/tables.js';
import type { StorePlace } from './store.js';

/** What the loop's thread is started with. */
export interface LoopSettings {
  readonly store: StorePlace;
  /** `store`, as it may be shown. */
  readonly storeName: string;
  readonly journalPath: string;
  /** Of machines that are a process of their own, or `libvirt`; null: they are in this one, and in the journal. */
  readonly cluster: string | null;
  /** For real machines. */
  readonly libvirt: LibvirtSettings;
  readonly timeScale: number;
  /** What both threads see without messages; see TurnGate. */
  readonly gate: SharedArrayBuffer;
  /** What a new log begins with. */
  readonly genesis: Genesis;
  /** The operator named this site or policy: a log that began otherwise is a mistake, not to be passed over. */
  readonly given: { readonly site: boolean; readonly policy: boolean };
}

export interface LibvirtSettings {
  /** The directory on each host that our files are in. */
  readonly directory: string;
  /** Under what VMs are to run; auto: KVM, where a guest boots under it, else emulation. */
  readonly accel: 'auto' | 'kvm' | 'tcg';
  /** How long a guest whose time is over may take to shut down. */
  readonly graceMs: Duration;
  /** What becomes of a guest that does not, and need not be stopped. */
  readonly deaf: 'destroy' | 'keep';
  /** Of VMs that move while they run: MiB a second, null: no limit; and whether encrypted. */
  readonly way: { readonly bandwidth: number | null; readonly tls: boolean };
  /** So long a host may be silent before its node counts as unreachable. */
  readonly nodeGraceMs: Duration;
  /** A program, and what it is called with, that switches a host off that is silent for longer; null: there is none. */
  readonly fenceCommand: readonly string[] | null;
  /** The network of VMs whose users name none; null: they have none. */
  readonly network: string | null;
  /** How VMs reach this service; null: they do not. */
  readonly callbackUrl: string | null;
  /** Where images that were registered lie here. */
  readonly imageDirectory: string;
  readonly personalKeys: string | null;
  /** How often hosts are looked at. */
  readonly monitorMs: Duration;
}

/** What a new log begins with. */
export interface Genesis {
  readonly resources: readonly ResourceType[];
  readonly nodes: readonly Omit<NodeClass, 'first'>[];
  readonly policy: Policy;
}

export interface Role {
  readonly role: 'leader' | 'follower';
  readonly epoch: Epoch;
  /** Where the leader is; null: there is none, or nobody knows. */
  readonly leader: string | null;
}

/** When a turn was taken (milliseconds since 1970), and how long it took: to decide it, and to make it durable. */
export interface TurnTimes {
  readonly at: number;
  readonly scheduleMs: number;
  readonly appendMs: number;
}

/** A state after one of the turns that were told, packed. The follower's tables are not of an earlier one. */
export interface Made {
  readonly turn: number;
  readonly state: string;
}

export type ToLoop =
  /**
   * The port is ours: read the log and run. `url`: where clients reach us. `kept`: how far the follower need not read it.
   */
  | { readonly type: 'go'; readonly url: string; readonly kept: Kept | null }
  | { readonly type: 'command'; readonly ticket: number; readonly command: Command }
  | { readonly type: 'ping'; readonly ticket: number }
  /** A VM says that it is ready. */
  | { readonly type: 'call'; readonly ticket: number; readonly call: Call }
  /** The answer to `keep`. */
  | { readonly type: 'kept'; readonly done: boolean }
  /** The answer to `snapshot`; null: there is none to be had just now. */
  | { readonly type: 'made'; readonly snapshot: Made | null }
  /** Take nothing more, finish, close the store. */
  | { readonly type: 'stop' };

export type FromLoop =
  /** The store is open and locked. */
  | { readonly type: 'opened' }
  /** How the follower begins: see Follower. */
  | {
      readonly type: 'begin';
      readonly snapshot: string | null;
      readonly useTables: boolean;
      readonly proof: ProofBegin | null;
      /** The last turn of the log just now. */
      readonly head: number;
    }
  /** The turn told last is one that a later start goes on from: the follower keeps its tables. */
  | { readonly type: 'keep' }
  /** A snapshot is due: made elsewhere it keeps nobody waiting. */
  | { readonly type: 'snapshot' }
  /** Turns as they were logged: first the history, then each as soon as it is durable. */
  | { readonly type: 'turns'; readonly texts: readonly string[]; readonly took?: TurnTimes }
  /** The history has been sent and the loop runs. `now` is the scheduler's time at this moment. */
  | { readonly type: 'ready'; readonly now: Instant }
  /** Sent after the turn that it is about. */
  | { readonly type: 'answer'; readonly ticket: number; readonly answer: Answer }
  | { readonly type: 'refused'; readonly ticket: number; readonly detail: string }
  | { readonly type: 'pong'; readonly ticket: number }
  /** Whether it is waited for; null: that is not known just now. */
  | { readonly type: 'called'; readonly ticket: number; readonly isKnown: boolean | null }
  | { readonly type: 'store'; readonly writable: boolean; readonly detail: string }
  /** Where several services share the log: who leads it, as far as this one knows. */
  | ({ readonly type: 'role' } & Role)
  /** Just now the turns sent were all there are. */
  | { readonly type: 'fresh' }
  /** A host begins or ceases to answer. */
  | { readonly type: 'host'; readonly health: HostHealth }
  /** What a host and its VMs were seen to use. */
  | { readonly type: 'sample'; readonly sample: HostSample }
  /** For the service's own log. */
  | { readonly type: 'notice'; readonly text: string }
  /** The loop has ended as it was told to, and the store is closed. */
  | { readonly type: 'ended' }
  | {
      readonly type: 'failed';
      readonly exitCode: number;
      readonly message: string;
      readonly hint: string;
      readonly stack: string;
    };
