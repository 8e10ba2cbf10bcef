/** A node of the site as a host with a hypervisor: calls to it, a few at a time, and whether it answers. */

import { setTimeout as sleep } from 'node:timers/promises';
import { withEither } from '../either-signal.js';
import { Places } from '../places.js';
import { Addresses } from './addresses.js';
import type { Machine } from './domain-xml.js';
import { type Hypervisor, HypervisorError } from './hypervisor.js';
import type { WrittenImages } from './written-images.js';

/** Orders that are carried out on one host at once; others are not slowed down by them. */
const AT_ONCE = 4;
const PAUSE_MS = 250;
const PAUSE_MAX_MS = 10_000;
/** Most of what is not certain at first is soon. */
const QUIET_MS = 20_000;

/** Under what VMs run. */
export interface Acceleration {
  /** What libvirt calls it; null: VMs cannot be started there as the operator wants them. */
  readonly type: Machine['type'] | null;
  /** Why VMs do not run under KVM; null: they do, or are not to. */
  readonly fault: string | null;
}

export class Host {
  private readonly places = new Places(AT_ONCE);
  /** What is on record with a VM that boots is changed by one after the other. */
  readonly marks = new Places(1);
  private connected = false;
  private readonly waiting = new Set<() => void>();
  private readonly left = new AbortController();
  readonly addresses: Addresses;
  /** Under what its VMs run; it may still be found out. Asked of one that answers. */
  acceleration: Promise<Acceleration> = Promise.reject(new HypervisorError('unknown', 'it has not answered yet'));
  private lost = new AbortController();

  constructor(
    readonly node: number,
    readonly hypervisor: Hypervisor,
    /** The directory of this host that our files are in. */
    readonly directory: string,
    /** Whose VMs are ours. */
    readonly site: () => string,
    /** Null: no VM writes its image. */
    readonly written: WrittenImages | null,
    /** Told of what is tried for long. */
    private readonly warn: (message: string) => void,
  ) {
    this.acceleration.catch(() => {}); // whoever asks is told
    this.addresses = new Addresses(hypervisor);
  }

  get isConnected(): boolean {
    return this.connected;
  }

  set isConnected(connected: boolean) {
    this.connected = connected;
    if (!connected) return;
    for (const go of this.waiting) go();
    this.waiting.clear();
  }

  /** Nothing runs there: it is off for certain, or was and has not been looked through yet. */
  get isLost(): boolean {
    return this.lost.signal.aborted;
  }

  /** It is off for certain: what waits for it is refused with this, until it answers. */
  lose(reason: Error): void {
    this.lost.abort(reason);
  }

  /** It answers again: there may be something of ours to look for. */
  return(): void {
    if (this.isLost) this.lost = new AbortController();
  }

  /** It is no longer ours to command: what waits for it is refused with this. */
  leave(reason: Error): void {
    this.left.abort(reason);
  }

  /**
   * Does `work` until it is certain how it went. What was cut off may have been done, or not: so `work` begins by looking,
   * and doing it again is harmless. Rejects with a HypervisorError where it was refused, and as `cut` says.
   */
  certain<T>(cut: AbortSignal, work: (hypervisor: Hypervisor) => Promise<T>): Promise<T> {
    return withEither([cut, this.left.signal, this.lost.signal], (signal) => this.untilCertain(signal, work));
  }

  private async untilCertain<T>(signal: AbortSignal, work: (hypervisor: Hypervisor) => Promise<T>): Promise<T> {
    const begun = performance.now();
    let said = '';
    for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, PAUSE_MAX_MS)) {
      await this.connection(signal);
      try {
        return await this.places.within(signal, () => work(this.hypervisor));
      } catch (error) {
        if (!(error instanceof HypervisorError)) throw error;
        if (error.kind === 'failed' && this.connected) throw error;
        if (this.connected && performance.now() - begun > QUIET_MS && error.message !== said) {
          said = error.message;
          this.warn(`node ${this.node}: ${said}; it is tried again`);
        }
      }
      await sleep(pause, undefined, { signal });
    }
  }

  private async connection(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.connected) return;
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        this.waiting.delete(go);
        reject(signal.reason as Error);
      };
      this.waiting.add(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
