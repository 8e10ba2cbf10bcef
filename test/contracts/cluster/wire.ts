/**
 * The way between a cluster and a host, on which things go wrong as they do in reality: answers are lost, calls do not
 * get there or take their time, whoever called is gone. What gets there is done by the real one.
 */

import { CALL_NAMES, type CallName } from '../../../adapters/libvirt/binding/calls.js';
import { type Hypervisor, HypervisorError, type HypervisorListener } from '../../../adapters/libvirt/hypervisor.js';

/**
 * `lost`: it is done, and nobody hears of it. `late`: it is not done, and nobody says so. `refused`: it is not done, for
 * certain. `held before`, `held after`: it is not done yet, or done and not told yet, until it is released.
 */
export type Mishap = 'lost' | 'late' | 'refused' | 'held before' | 'held after';

interface Plan {
  readonly call: CallName;
  readonly mishap: Mishap;
  readonly met: () => void;
  readonly released: Promise<void>;
}

export interface Planned {
  /** It has come to it. */
  readonly met: Promise<void>;
  release(): void;
}

/** One service's end of it. */
export interface WireEnd extends Hypervisor {
  /** As if it were gone: nothing gets through any more, and no call comes back. */
  cut(): void;
}

export class Wire {
  /** Calls that got there, in order. */
  readonly made: CallName[] = [];
  private readonly plans: Plan[] = [];
  private isPlugged = true;
  private listener: HypervisorListener | null = null;

  constructor(private readonly hypervisor: Hypervisor) {}

  /** What becomes of the next such call, by whoever makes it. */
  plan(call: CallName, mishap: Mishap): Planned {
    let meet = (): void => {};
    let release = (): void => {};
    const met = new Promise<void>((resolve) => {
      meet = resolve;
    });
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.plans.push({ call, mishap, met: meet, released });
    return { met, release };
  }

  /** Pulls the cable, or plugs it in again. */
  plug(isPlugged: boolean): void {
    this.isPlugged = isPlugged;
    if (isPlugged) this.listener?.connected();
    else this.listener?.disconnected('the cable was pulled');
  }

  end(): WireEnd {
    let isCut = false;
    const pass = async (name: CallName, args: readonly unknown[]): Promise<unknown> => {
      if (isCut) return NEVER;
      try {
        const value = await this.pass(name, args, () => isCut);
        return isCut ? NEVER : value;
      } catch (error) {
        if (isCut) return NEVER;
        throw error;
      }
    };
    const calls = Object.fromEntries(
      CALL_NAMES.map((name) => [name, (...args: readonly unknown[]) => pass(name, args)]),
    ) as unknown as Pick<Hypervisor, CallName>;
    const cut = (): void => {
      isCut = true;
    };
    return {
      ...calls,
      uri: this.hypervisor.uri,
      cut,
      listen: (listener) => this.listen(listener, () => isCut),
      close: async () => cut(),
    };
  }

  private listen(listener: HypervisorListener, isCut: () => boolean): void {
    const unless = (tell: () => void): void => {
      if (!isCut() && this.isPlugged) tell();
    };
    this.listener = listener;
    this.hypervisor.listen({
      connected: () => unless(() => listener.connected()),
      disconnected: (why) => unless(() => listener.disconnected(why)),
      lifecycle: (uuid, event, detail) => unless(() => listener.lifecycle(uuid, event, detail)),
    });
  }

  private async pass(name: CallName, args: readonly unknown[], isCut: () => boolean): Promise<unknown> {
    if (!this.isPlugged) throw new HypervisorError('failed', `${name}: the cable was pulled`);
    const index = this.plans.findIndex(({ call }) => call === name);
    const plan = index < 0 ? null : this.plans.splice(index, 1)[0]!;
    if (plan?.mishap !== 'lost' && plan?.mishap !== 'held after') plan?.met();
    if (plan?.mishap === 'late') throw new HypervisorError('unknown', `${name}: no answer in time`);
    if (plan?.mishap === 'refused') throw new HypervisorError('failed', `${name}: the host would rather not`, 1);
    if (plan?.mishap === 'held before') {
      await plan.released;
      if (isCut()) return NEVER;
    }
    this.made.push(name);
    const call = this.hypervisor[name] as (...all: readonly unknown[]) => Promise<unknown>;
    const value = await call(...args).finally(() => plan?.met());
    if (plan?.mishap === 'lost') throw new HypervisorError('unknown', `${name}: the answer was lost`);
    if (plan?.mishap === 'held after') await plan.released;
    return value;
  }
}

/** Of a call by somebody who is gone. */
const NEVER = new Promise<never>(() => {});
