/** Images that are sent to nodes before anything starts there: on all of an order's nodes, or the order has failed. */

import { OrderError } from './gang.js';
import type { Host } from './host.js';
import { type Hypervisor, HypervisorError } from './hypervisor.js';
import { VmError } from './vm.js';

/** Each of them has it when this resolves. What has arrived stays, also where another has failed. */
export async function sendTo(
  hosts: readonly Host[],
  place: (hypervisor: Hypervisor) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const outcomes = await Promise.allSettled(hosts.map((host) => host.certain(signal, place)));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') continue;
    const reason: unknown = outcome.reason;
    if (!(reason instanceof VmError) && !(reason instanceof HypervisorError)) throw reason;
    throw new OrderError(`node ${hosts[index]!.node}: ${reason.message}`);
  }
}
