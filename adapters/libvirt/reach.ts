/** How hosts reach each other: the URI by which one is told to send a VM to another, and whether they share their files. */

import { checkedUri } from './binding/uri.js';

/** What a node's labels say of it to other nodes. */
export interface Reach {
  /** By which other hosts reach its libvirt; null: nobody has said, and its own is for this service alone. */
  readonly uri: string | null;
  /** What storage our directory is on, where several hosts share it; null: its own. */
  readonly storage: string | null;
}

/** These say the same wherever they are read. */
const FROM_ANYWHERE = /^qemu\+(ssh|tls|tcp):/;

/** The parameters of a node's own URI are files of this machine. */
export function reachOf(labels: Readonly<Record<string, string>>, name: string): Reach {
  const { uri = '', storage = null } = labels;
  const own = FROM_ANYWHERE.test(uri) ? uri.split('?')[0]! : null;
  return { uri: (labels['migration-uri'] ?? own)?.replaceAll('{name}', name) ?? null, storage };
}

/** Why it is no URI that hosts can be given for another; null: it is one. */
export function faultOfReach({ uri }: Reach): string | null {
  if (uri === null)
    return 'no other host can reach it by its label "uri": say how by the label "migration-uri", as in qemu+tls://HOST/system';
  const verdict = checkedUri(uri);
  if (!verdict.ok) return `its label "migration-uri" is ${verdict.detail}`;
  return FROM_ANYWHERE.test(uri) ? null : 'its label "migration-uri" is this machine for whoever reads it: name a host';
}

/** Whether our directory is the same on both: what one writes there the other reads. */
export function shareFiles(one: Reach, other: Reach): boolean {
  return one.storage !== null && one.storage === other.storage;
}
