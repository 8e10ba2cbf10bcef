/** The VMs of one lease together: all of an order's VMs come to the state that it names, or are as they were before it. */

import type { Instant, LeaseId, OrderId } from '../../engine/index.js';
import type { Host } from './host.js';
import { HypervisorError } from './hypervisor.js';
import { keepWritten } from './keeping.js';
import { resume, shutDown, standDown, start, stop, suspend, takeBack, VmError, type Wanted } from './vm.js';

/** A VM of the lease and the host that it is on, or is to be. */
export interface Place {
  readonly vm: number;
  readonly host: Host;
}

/** VMs that begin from disks that they had before. */
export type KeptDisks = ReadonlySet<number>;

/** An order that could not be carried out, for certain. The message is for the log. */
export class OrderError extends Error {
  override readonly name = 'OrderError';
}

export async function startAll(
  places: readonly Place[],
  lease: LeaseId,
  wantedOf: (place: Place) => Wanted,
  kept: KeptDisks,
  signal: AbortSignal,
): Promise<void> {
  const failure = await together(places, async (place) => {
    const wanted = wantedOf(place);
    await keepWritten(place.host, wanted.record, signal, wanted.record.run);
    await start(place.host, wanted, signal);
  });
  if (failure === null) return;
  await giveUpAll(places, lease, kept, signal);
  throw failure;
}

/** They have not started: what was made for them goes, but not disks that they had before. */
export async function giveUpAll(
  places: readonly Place[],
  lease: LeaseId,
  kept: KeptDisks,
  signal: AbortSignal,
): Promise<void> {
  await standDownAll(
    places.filter(({ vm }) => kept.has(vm)),
    lease,
    signal,
  );
  await stopAll(
    places.filter(({ vm }) => !kept.has(vm)),
    lease,
    0,
    signal,
  );
}

/** None runs; all that was made for them stays. */
export async function standDownAll(places: readonly Place[], lease: LeaseId, signal: AbortSignal): Promise<void> {
  const failure = await together(places, ({ vm, host }) => standDown(host, { lease, vm }, signal));
  if (failure !== null) throw failure;
}

export async function stopAll(
  places: readonly Place[],
  lease: LeaseId,
  graceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const failure = await together(places, async ({ vm, host }) => {
    if (graceMs > 0) await shutDown(host, { lease, vm, graceMs }, signal);
    await keepWritten(host, { lease, vm }, signal);
    await stop(host, { lease, vm }, signal);
  });
  if (failure !== null) throw failure;
}

/** Those that were saved run on where others could not be. */
export async function suspendAll(
  places: readonly Place[],
  order: { readonly lease: LeaseId; readonly order: OrderId; readonly at: Instant },
  signal: AbortSignal,
): Promise<void> {
  const failure = await together(places, ({ vm, host }) => suspend(host, { ...order, vm }, signal));
  if (failure === null) return;
  await together(places, ({ vm, host }) => takeBack(host, { ...order, vm }, signal));
  throw failure;
}

/** Those that came back are saved again where others could not: a lease runs whole or not at all. */
export async function resumeAll(
  places: readonly Place[],
  order: { readonly lease: LeaseId; readonly order: OrderId; readonly at: Instant },
  signal: AbortSignal,
): Promise<void> {
  const back: Place[] = [];
  const failure = await together(places, async (place) => {
    await resume(place.host, { ...order, vm: place.vm }, signal);
    back.push(place);
  });
  if (failure === null) return;
  await together(back, ({ vm, host }) => suspend(host, { ...order, vm }, signal));
  throw failure;
}

/** Does `work` for all of them, waits for all, and gives what was refused first. Rejects only as the signal says. */
export async function together<P extends Place>(
  places: readonly P[],
  work: (place: P) => Promise<unknown>,
): Promise<OrderError | null> {
  const outcomes = await Promise.allSettled(places.map(work));
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  const other = reasons.find((reason) => !(reason instanceof VmError) && !(reason instanceof HypervisorError));
  if (other !== undefined) throw other;
  const index = outcomes.findIndex((outcome) => outcome.status === 'rejected');
  if (index < 0) return null;
  const { vm, host } = places[index]!;
  const { message } = (outcomes[index] as PromiseRejectedResult).reason as Error;
  return new OrderError(`VM ${vm} on node ${host.node}: ${message}`);
}
