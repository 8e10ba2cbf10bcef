/**
 * Which hosts answer, for the log. One that is silent for a while is unreachable: a libvirt that is started anew is no news,
 * and neither is a network that hiccups.
 */

import type { Instant, Observation } from '../../engine/index.js';

/** As the log has them; of all others it thinks that they answer. */
export type Away = ReadonlyMap<number, 'unreachable' | 'lost'>;

export interface LivenessPorts {
  /** So long a host may be silent. */
  readonly graceMs: number;
  readonly away: Away;
  readonly now: () => Instant;
  readonly tell: (observation: Observation) => void;
  /** It is unreachable, for whoever may find out more; also where the log knew that before us. */
  readonly onUnreachable: (node: number) => void;
}

export class Liveness {
  private readonly away: Map<number, 'unreachable' | 'lost'>;
  /** Of those that are silent; null: for longer than they may. */
  private readonly timers = new Map<number, NodeJS.Timeout | null>();

  constructor(private readonly ports: LivenessPorts) {
    this.away = new Map(ports.away);
  }

  /** It does not answer, as of now, or still. */
  isSilent(node: number): void {
    if (this.timers.has(node) || this.away.get(node) === 'lost') return;
    const timer = setTimeout(() => {
      this.timers.set(node, null);
      if (!this.away.has(node)) this.ports.tell({ type: 'NodeUnreachable', at: this.ports.now(), node });
      this.away.set(node, 'unreachable');
      this.ports.onUnreachable(node);
    }, this.ports.graceMs);
    this.timers.set(node, timer.unref());
  }

  /** It is off for certain. */
  isLost(node: number): void {
    this.stop(node);
    this.away.set(node, 'lost');
  }

  answers(node: number): void {
    this.stop(node);
    if (this.away.delete(node)) this.ports.tell({ type: 'NodeFound', at: this.ports.now(), node });
  }

  /** It has left the site. */
  forget(node: number): void {
    this.stop(node);
    this.away.delete(node);
  }

  close(): void {
    for (const node of [...this.timers.keys()]) this.stop(node);
  }

  private stop(node: number): void {
    clearTimeout(this.timers.get(node) ?? undefined);
    this.timers.delete(node);
  }
}
