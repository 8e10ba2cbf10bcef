/** VMs that end while nobody has ordered it: they are started again, or their lease is over. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant, LeaseId, Observation, OrderId } from '../../engine/index.js';
import { type Place, stopAll } from './gang.js';
import type { Host } from './host.js';
import type { Lanes } from './lanes.js';
import type { Networking } from './networking.js';
import { Restarts } from './restarts.js';
import { hasFailed, hasShutDown, known, lookAt, restart } from './vm.js';
import type { Whereabouts } from './whereabouts.js';

export interface EndingsPorts {
  readonly whereabouts: Whereabouts;
  readonly lanes: Lanes;
  readonly networking: Networking;
  readonly now: () => Instant;
  /** Where VMs of the lease are. */
  readonly allOf: (lease: LeaseId) => Place[];
  /** Those that may be there. */
  readonly standingOf: (lease: LeaseId) => Place[];
  readonly tell: (observation: Observation) => void;
  readonly warn: (message: string) => void;
}

export class Endings {
  private readonly restarts = new Restarts();

  constructor(private readonly ports: EndingsPorts) {}

  /** A VM went off while nobody ordered it. */
  async lookFor(host: Host, uuid: string): Promise<void> {
    const { whereabouts, lanes, allOf, warn } = this.ports;
    const facts = await host.hypervisor.domain(uuid).catch(() => null);
    const record = facts === null ? null : (known(host, facts)?.record ?? null);
    if (record === null) return;
    const { lease, run } = record;
    await lanes
      .take(lease, async (signal) => {
        // What was under way may have been what ended it.
        if (whereabouts.runOf(lease) !== run) return;
        const places = allOf(lease);
        const found = await Promise.all(
          places.map(({ vm, host: on }) => on.certain(signal, () => lookAt(on, lease, vm))),
        );
        // 1. All guests have shut down: they wanted to.
        const areDone = places.length >= record.vms && found.every((one) => one !== null && hasShutDown(one));
        // 2. Some have failed: each is started again, unless it fails all the time.
        const pauses = found.flatMap((one, index) => {
          if (one === null || !hasFailed(one)) return [];
          return [{ place: places[index]!, pause: this.restarts.pauseAfter(one.facts.uuid, performance.now()) }];
        });
        const isHopeless = pauses.some(({ pause }) => pause === null);
        if (areDone || isHopeless)
          return this.conclude(lease, run, areDone ? null : 'its VMs fail again and again', signal);
        for (const { place, pause } of pauses) {
          warn(`VM ${place.vm} of lease ${lease} has failed; it is started again in ${pause} ms`);
          await sleep(pause!, undefined, { signal });
          await restart(place.host, { lease, vm: place.vm, run }, signal);
        }
      })
      .catch((error: Error) => warn(`lease ${lease}: ${error.message}`));
  }

  /** What is left of it goes. `why`: what went wrong. */
  async conclude(lease: LeaseId, run: OrderId, why: string | null, signal: AbortSignal): Promise<void> {
    const { whereabouts, networking, standingOf, now, tell, warn } = this.ports;
    if (why !== null) warn(`lease ${lease}: ${why}; it is ended`);
    const places = standingOf(lease);
    await stopAll(places, lease, 0, signal);
    await networking.end(places, lease, signal);
    whereabouts.forget(lease);
    tell({ type: 'LeaseEnded', at: now(), lease, order: run });
  }
}
