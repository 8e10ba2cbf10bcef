/**
 * Image transfers in the state: what the repository sends when (one transfer at a time), to which nodes, for whom; and
 * which images nodes keep.
 */

import { invariant } from '../kit/assert.js';
import { compact, expand, type Runs } from '../kit/nodeset.js';
import type { Instant } from '../kit/time.js';
import type { TransferJoined, TransferOrdered, TransferPlanned, TransfersMoved } from '../model/events.js';
import type { Lease } from './live-lease.js';
import type { CachedImage, State, StateView, Transfer } from './state.js';

/** A transfer is planned, for the VMs of one lease. */
export function planTransfer(state: State, decision: TransferPlanned): void {
  const { lease: id, transfer, image, size, from, until, vms, nodes } = decision;
  const lease = state.leases.get(id)!;
  const uses = [{ lease, vms, nodes }];
  state.transfers.push({ id: transfer, image, size, from, until, uses, pending: null });
  state.nextTransfer = transfer + 1;
  sort(state);
  if (vms.length > 0) prepared(lease, vms, nodes, transfer);
}

/** VMs of another lease get the image from it, too. */
export function joinTransfer(state: State, decision: TransferJoined): void {
  const { transfer: id, vms, nodes } = decision;
  const lease = state.leases.get(decision.lease)!;
  const transfer = state.transfers.find((other) => other.id === id);
  invariant(transfer !== undefined, 'a lease joins a transfer that is planned');
  transfer.uses.push({ lease, vms, nodes });
  prepared(lease, vms, nodes, id);
}

export function moveTransfers(state: State, decision: TransfersMoved): void {
  for (const [i, id] of decision.transfers.entries()) {
    const transfer = state.transfers.find((other) => other.id === id)!;
    transfer.from = decision.from[i]!;
    transfer.until = decision.until[i]!;
  }
  sort(state);
}

export function beginTransfer(state: State, decision: TransferOrdered): void {
  const transfer = state.transfers.find((other) => other.id === decision.transfer)!;
  transfer.pending = { decision, issued: state.now, overdue: false };
}

/** The image has arrived: it serves its leases, and stays on the nodes if there is room. */
export function completeTransfer(state: State, transfer: Transfer): void {
  state.transfers.splice(state.transfers.indexOf(transfer), 1);
  for (const { lease, vms, nodes } of transfer.uses) {
    const { preparation } = lease;
    const ahead = vms.length === 0;
    const transfers = preparation?.transfers.filter((id) => id !== transfer.id) ?? [];
    if (!ahead)
      lease.preparation = transfers.length === 0 && lease.pools === null ? null : { ...preparation!, transfers };
    const until = ahead ? state.now : lease.until;
    for (const node of new Set(expand(nodes))) keepImage(state, node, transfer.image, transfer.size, until);
  }
}

/** The lease needs its images no more, or somewhere else: transfers that nobody else waits for are called off. */
export function leaveTransfers(state: State, lease: Lease): void {
  lease.preparation = null;
  for (const transfer of [...state.transfers]) {
    transfer.uses = transfer.uses.filter((use) => use.lease !== lease);
    if (transfer.uses.length === 0) state.transfers.splice(state.transfers.indexOf(transfer), 1);
  }
}

/** The lease starts on its nodes. */
export function useImages(state: State, lease: Lease): void {
  if (lease.preparation?.transfers.length === 0) lease.preparation = null;
  keepImages(state, lease, lease.nodes!);
}

/** The lease counts on the copies that it finds on `nodes` (of each VM): they are in use until it is over. */
export function keepImages(state: State, lease: Lease, on: Runs): void {
  if (state.policy.preparation === 'none' || state.policy.imageReuse === 'none') return;
  const nodes = expand(on);
  let vm = 0;
  for (const { image, vms } of lease.terms.groups)
    for (let k = 0; k < vms; k++) {
      const copy = image === null ? undefined : copyOf(state, nodes[vm]!, image);
      if (copy !== undefined) copy.until = Math.max(copy.until, lease.until);
      vm++;
    }
}

/** The node's copy of the image, if it has one. */
export function copyOf(state: StateView, node: number, image: string): CachedImage | undefined {
  return state.images.get(node)?.find((other) => other.image === image);
}

/** Everything on the node is gone. */
export function loseImages(state: State, node: number): void {
  state.images.delete(node);
}

function prepared(lease: Lease, vms: Runs, nodes: Runs, transfer: number): void {
  const before = lease.preparation ?? { nodes: null, transfers: [] };
  const all = before.nodes === null ? new Array<number>(lease.vms).fill(0) : expand(before.nodes);
  const there = expand(nodes);
  for (const [i, vm] of expand(vms).entries()) all[vm - 1] = there[i]!;
  lease.preparation = { nodes: compact(all), transfers: [...before.transfers, transfer] };
}

/** Adds a copy; those that nobody uses make room, the one used longest ago first. Without room it is not kept. */
function keepImage(state: State, node: number, image: string, size: number, until: Instant): void {
  const { imageReuse, imageCacheMax } = state.policy;
  if (imageReuse === 'none') return;
  const copies: CachedImage[] = state.images.get(node) ?? [];
  const same = copies.find((other) => other.image === image);
  if (same !== undefined) {
    same.until = Math.max(same.until, until);
    return;
  }
  let total = copies.reduce((sum, other) => sum + other.size, size);
  const idle = copies.filter((other) => other.until <= state.now).sort((a, b) => a.until - b.until || before(a, b));
  while (imageCacheMax !== null && total > imageCacheMax && idle.length > 0) {
    const gone = idle.shift()!;
    copies.splice(copies.indexOf(gone), 1);
    total -= gone.size;
  }
  if (imageCacheMax === null || total <= imageCacheMax) copies.push({ image, size, until });
  if (copies.length > 0) state.images.set(node, copies);
}

function before(a: CachedImage, b: CachedImage): number {
  return a.image < b.image ? -1 : 1;
}

function sort(state: State): void {
  state.transfers.sort((a, b) => a.from - b.from || a.id - b.id);
}
