/** How the hosts behind the nodes are: told by who commands them, kept in memory, and never in the log. */

/** What is really there. */
export interface HostReality {
  /** The host's own id, whatever URI it is reached by; null: it has none, as libvirt's driver for tests. */
  readonly uuid: string | null;
  readonly hostname: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Of the file system that our files are on; null: our pool is not there yet. */
  readonly diskMiB: number | null;
}

export interface HostHealth {
  readonly node: number;
  /** Why nothing can be started there; null: it answers. */
  readonly unreachable: string | null;
  /** As it was seen last; null: it has not answered yet. */
  readonly reality: HostReality | null;
  /** Why its VMs do not run under KVM, where they are to if that works; null: they do, or are not to. */
  readonly noKvm: string | null;
}

/** A host that could be a node. */
export interface FoundHost extends HostReality {
  /** What leases can have of its disk: what is free, and what files of ours take; null: our pool is not there yet. */
  readonly leasableDiskMiB: number | null;
}

/** What a look at a host came to; `at`: it is the URI that may not be used, or the host that cannot be had. */
export type HostVerdict =
  | { readonly ok: true; readonly host: FoundHost }
  | { readonly ok: false; readonly at: 'uri' | 'host'; readonly detail: string };
