/**
 * Disk images: which VMs need theirs sent, when they could be there, and the transfers that bring them (Sotomayor 2008;
 * Haizea 1.1). Nodes that keep a copy need none; a multicast that has not begun may serve another lease as well.
 */

import { expand, has, push, toSet, type Runs } from '../kit/nodeset.js';
import type { Duration, Instant } from '../kit/time.js';
import type { OrderId, PoolCounts, TransferPlanned } from '../model/events.js';
import { reason } from '../model/reasons.js';
import { nodesInPools } from '../state/nodes.js';
import type { Lease } from '../state/live-lease.js';
import type { Pool, StateView } from '../state/state.js';
import { dropReservation } from './answers.js';
import type { Gap, Slot, User } from './channel.js';
import type { Draft } from './draft.js';
import { rounded } from './suspend.js';

/** Whether images must be seen to before the lease can start. */
export function needsImages(draft: Draft, lease: Lease): boolean {
  if (draft.state.policy.preparation === 'none' || draft.preparationOf(lease) !== null) return false;
  if (lease.phase !== 'waiting' && lease.phase !== 'reserved') return false;
  return lease.terms.groups.some((group) => group.image !== null);
}

/** When images planned for the lease are all there; null: none are planned. */
export function preparedAt(draft: Draft, lease: Lease): Instant | null {
  const preparation = draft.preparationOf(lease);
  if (preparation === null) return null;
  let at = draft.now;
  for (const { id, until } of draft.channel.all) if (preparation.transfers.includes(id)) at = Math.max(at, until);
  return at;
}

/** When each node could have the images of the lease, if they were sent from now on, first come first served. */
export interface Readiness {
  /** When the transfer would begin. */
  readonly from: Instant;
  /** In order, each once. */
  readonly times: readonly Instant[];
  at(pool: Pool): Instant;
  /** The transfer to be joined, where that is what the node waits for. */
  readonly joined: Slot | null;
  /** What is just being sent ahead to some nodes: VMs on these wait for that. */
  readonly ahead: Slot | null;
}

export function readiness(draft: Draft, lease: Lease): Readiness {
  const { state, now } = draft;
  const images = imagesOf(lease);
  const length = lengthFor(state, lease, lease.vms);
  const from = draft.channel.first(length);
  // A lease that is promised its start counts on nobody else: what is sent for others goes when they give way.
  const alone = lease.terms.start.kind === 'deadline';
  const joined = alone ? null : joinable(draft, images, now, from + length);
  const sent = joined === null ? from + length : joined.until;
  const ahead = alone ? null : sentAhead(draft, images);
  const at = (pool: Pool): Instant => {
    const node = pool.nodes[0];
    if (state.policy.imageReuse === 'none' || node === undefined) return sent;
    if (images.every((image) => draft.copies.has(node, image, now, true))) return now;
    return ahead !== null && has(ahead.ahead, node) ? ahead.until : sent;
  };
  const times = new Set<Instant>();
  for (const pool of state.pools) if (pool.nodes.length > 0) times.add(at(pool));
  return { from, times: [...times].sort((a, b) => a - b), at, joined, ahead };
}

/** Plans the transfers for a lease that is to start on `pools`, as `readiness` has it. */
export function sendImages(draft: Draft, lease: Lease, pools: PoolCounts): void {
  const by = lease.terms.start.kind === 'best-effort' ? null : draft.heldBy(lease)!.from;
  const { state, now } = draft;
  if (lease.preparation !== null && !draft.dropped.has(lease))
    draft.decisions.push({ type: 'PreparationDropped', lease: lease.id });
  const ready = readiness(draft, lease);
  const nodes = expand(nodesInPools(state, pools)!);
  const waits = nodes.map((node) => ready.at(state.pools[state.poolOf[node]!]!) > now);
  const coming = nodes.map((node, i) => waits[i]! && ready.ahead !== null && has(ready.ahead.ahead, node));
  if (ready.ahead !== null) join(draft, lease, nodes, coming, ready.ahead, by);
  const missing = waits.map((one, i) => one && !coming[i]);
  if (ready.joined === null) plan(draft, lease, nodes, missing, ready.from, by);
  else join(draft, lease, nodes, missing, ready.joined, by);
}

/** Whether an image is on its way to the lease just now. */
export function isBeingSent({ state }: Draft, { preparation }: Lease): boolean {
  return state.transfers.some(({ id, pending }) => pending !== null && preparation?.transfers.includes(id) === true);
}

/** Whether, and how, the images of a reservation are on these nodes by `at`; null: they cannot be. */
export function imagesInTime(draft: Draft, lease: Lease, pools: PoolCounts, at: Instant): (() => void) | null {
  const { state } = draft;
  if (!needsImages(draft, lease)) return () => {};
  const nodes = expand(nodesInPools(state, pools)!);
  const images = imagesByVm(lease);
  const missing = nodes.map((node, i) => images[i] !== null && !draft.copies.has(node, images[i]!, at, false));
  const count = missing.filter((one) => one).length;
  if (count === 0) return () => {};
  const gap = draft.channel.inTime(lengthFor(state, lease, count), at);
  if (gap === null) return null;
  return () => {
    rearrange(draft, lease, gap);
    plan(draft, lease, nodes, missing, gap.from, at);
  };
}

/** Orders the transfers that begin by now. O(transfers × decisions). */
export function orderTransfers(draft: Draft): void {
  let before = onTheWay(draft);
  for (const { id, begun, from, until, users } of [...draft.channel.all]) {
    if (begun || from > draft.now) continue;
    const { image, size, nodes } = sentBy(draft, id);
    before = [orderTransfer(draft, id, users[0]!.lease, { image, size, until }, nodes, before)];
    draft.channel.begin(id);
  }
}

/** What a transfer sends where, by the state and by what this draft has planned. */
function sentBy({ state, decisions }: Draft, id: number): { image: string; size: number; nodes: Runs } {
  const planned = state.transfers.find((transfer) => transfer.id === id);
  let { image, size } = planned ?? { image: '', size: 0 };
  const nodes = (planned?.uses ?? []).flatMap((use) => use.nodes);
  for (const decision of decisions) {
    if (decision.type !== 'TransferPlanned' && decision.type !== 'TransferJoined') continue;
    if (decision.transfer !== id) continue;
    if (decision.type === 'TransferPlanned') ({ image, size } = decision);
    nodes.push(...decision.nodes);
  }
  return { image, size, nodes: toSet(nodes) };
}

function orderTransfer(
  draft: Draft,
  transfer: number,
  lease: Lease,
  { image, size, until }: { readonly image: string; readonly size: number; readonly until: Instant },
  nodes: Runs,
  after: readonly OrderId[],
): OrderId {
  const order = draft.nextOrder();
  const deadline = draft.deadline(until);
  draft.decisions.push({
    type: 'TransferOrdered',
    order,
    lease: lease.id,
    deadline,
    after,
    transfer,
    image,
    size,
    nodes,
    until,
  });
  return order;
}

function rearrange(draft: Draft, lease: Lease, gap: Gap): void {
  const { moved, displaced } = gap;
  draft.channel.rearrange(gap);
  for (const other of displaced)
    if (draft.isReserved(other)) dropReservation(draft, other, [reason('displaced', { blockers: [lease.id] })]);
  if (moved.length === 0) return;
  draft.decisions.push({
    type: 'TransfersMoved',
    transfers: moved.map(({ id }) => id),
    from: moved.map(({ from }) => from),
    until: moved.map(({ until }) => until),
  });
}

/** One transfer an image, one after another. */
function plan(
  draft: Draft,
  lease: Lease,
  nodes: readonly number[],
  missing: readonly boolean[],
  begin: Instant,
  by: Instant | null,
): void {
  const { state } = draft;
  let from = begin;
  for (const image of imagesOf(lease)) {
    const { vms, on } = vmsOf(lease, image, nodes, missing);
    if (vms.length === 0) continue;
    draft.sending.set(lease, true);
    const count = expand(vms).length;
    const until = from + timeOfImage(state, lease) * (state.policy.imageTransfer === 'unicast' ? count : 1);
    planTransfer(draft, { lease, by }, { image, from, until, vms, nodes: on });
    from = until;
  }
}

/** Plans one transfer, and orders it where it begins just now. Without VMs it is sent ahead: nobody waits for it yet. */
export function planTransfer(
  draft: Draft,
  user: User,
  sent: Pick<TransferPlanned, 'image' | 'from' | 'until' | 'vms' | 'nodes'>,
): void {
  const { lease } = user;
  const { image, from, until, vms, nodes } = sent;
  const size = lease.terms.imageSize ?? 0;
  const id = draft.channel.nextId;
  draft.decisions.push({ type: 'TransferPlanned', lease: lease.id, transfer: id, size, ...sent });
  const begun = from <= draft.now;
  if (begun) orderTransfer(draft, id, lease, { image, size, until }, toSet(nodes), onTheWay(draft));
  const ahead = vms.length === 0 ? nodes : NOWHERE;
  draft.channel.add({ id, image, from, until, begun, fixed: begun, users: [user], ahead });
}

const NOWHERE: Runs = [];

/** Transfers that are late: the channel is not free yet. */
function onTheWay({ state }: Draft): OrderId[] {
  return state.transfers.flatMap(({ pending }) => (pending === null ? [] : [pending.decision.order]));
}

function join(
  draft: Draft,
  lease: Lease,
  nodes: readonly number[],
  missing: readonly boolean[],
  slot: Slot,
  by: Instant | null,
): void {
  const { vms, on } = vmsOf(lease, slot.image, nodes, missing);
  if (vms.length === 0) return;
  draft.sending.set(lease, true);
  draft.decisions.push({ type: 'TransferJoined', lease: lease.id, transfer: slot.id, vms, nodes: on });
  draft.channel.join(slot.id, { lease, by });
}

/** VMs that need the image sent, and their nodes. */
function vmsOf(lease: Lease, image: string, nodes: readonly number[], missing: readonly boolean[]) {
  const vms: number[] = [];
  const on: number[] = [];
  for (const [i, own] of imagesByVm(lease).entries())
    if (own === image && missing[i]) {
      push(vms, i + 1);
      push(on, nodes[i]!);
    }
  return { vms, on };
}

/** A multicast of the lease's only image that has not begun, and is done before its own would be. */
function joinable(draft: Draft, images: readonly string[], now: Instant, sooner: Instant): Slot | null {
  const { imagePiggyback, imageTransfer } = draft.state.policy;
  if (!imagePiggyback || imageTransfer === 'unicast' || images.length !== 1) return null;
  for (const slot of draft.channel.all)
    if (!slot.begun && slot.image === images[0] && slot.from > now && slot.until < sooner) return slot;
  return null;
}

/** A transfer of the lease's only image that is just being sent ahead, and is in time. */
function sentAhead(draft: Draft, images: readonly string[]): Slot | null {
  if (images.length !== 1) return null;
  const { all } = draft.channel;
  return all.find(({ ahead, image, until }) => ahead.length > 0 && image === images[0] && until > draft.now) ?? null;
}

/** How long transfers to `vms` of the lease's VMs take. */
function lengthFor(state: StateView, lease: Lease, vms: number): Duration {
  const each = timeOfImage(state, lease);
  return state.policy.imageTransfer === 'unicast' ? each * vms : each * imagesOf(lease).length;
}

export function timeOfImage(state: StateView, lease: Lease): Duration {
  const { imageTransferTime, imageRate } = state.policy;
  return imageTransferTime ?? rounded(state, ((lease.terms.imageSize ?? 0) * 8 * 1000) / imageRate);
}

export function imagesOf(lease: Lease): string[] {
  return [...new Set(imagesByVm(lease).filter((image) => image !== null))];
}

function imagesByVm(lease: Lease): (string | null)[] {
  return lease.terms.groups.flatMap(({ image, vms }) => new Array<string | null>(vms).fill(image));
}
