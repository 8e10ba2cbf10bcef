/** A host's hypervisor through libvirt: a process of its own for each host, started here. */

import { type Hypervisor, HypervisorError } from '../hypervisor.js';
import { CALL_NAMES, type CallName } from './calls.js';
import { Connection } from './connection.js';
import { checkedUri, connectionUri } from './uri.js';

const WORKER = new URL('./libvirt-worker.js', import.meta.url);

/**
 * Connects, and again whenever the connection is lost; who listens hears of it. A call made while the first attempt is
 * under way waits for its outcome. Throws HypervisorError for a URI that may not be used.
 *
 * @param worker The compiled process; another one where sources are run without being compiled.
 */
export function connectLibvirt(uri: string, worker: URL = WORKER): Hypervisor {
  const verdict = checkedUri(uri);
  if (!verdict.ok) throw new HypervisorError('failed', verdict.detail);
  const connection = new Connection(connectionUri(uri), worker);
  const calls = Object.fromEntries(
    CALL_NAMES.map((name) => [name, (...args: readonly unknown[]) => connection.call(name, args)]),
  ) as unknown as Pick<Hypervisor, CallName>;
  return {
    ...calls,
    uri,
    listen: (listener) => connection.listen(listener),
    close: () => connection.close(),
  };
}
