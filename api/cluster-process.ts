/** `leasehold cluster`: the simulated machines as a process of their own, which services command through a socket. */

import { appendFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { lockStore } from '../adapters/event-store/sqlite-lock.js';
import { clockFrom } from '../adapters/live/clock.js';
import { parseClusterAddress } from '../adapters/simulated/address.js';
import { ClusterServer } from '../adapters/simulated/cluster-server.js';
import type { Epoch, OrderId } from '../engine/index.js';
import { signalled } from './signals.js';

export interface ClusterProcessOptions {
  /** `unix:/path` or `tcp://127.0.0.1:port`. */
  readonly listen: string;
  readonly journal: string;
  /** Where each order is noted, with what became of it; null: nowhere. */
  readonly orders: string | null;
  readonly timeScale: number;
  readonly bootMs: number;
  readonly stopMs: number;
}

export async function serveCluster(options: ClusterProcessOptions): Promise<void> {
  const { orders, timeScale, bootMs, stopMs } = options;
  const address = parseClusterAddress(options.listen);
  const release = lockStore(resolve(options.journal));
  let onFailure: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_resolve, reject) => {
    onFailure = reject;
  });
  const server = await ClusterServer.listen({
    address,
    journal: resolve(options.journal),
    timeScale,
    clockFrom: (now) => clockFrom(timeScale, now),
    bootMs,
    stopMs,
    onOrder: (order, epoch, heard) => {
      if (heard === 'stale') warnOf(order, epoch);
      if (orders !== null) appendFileSync(orders, `${JSON.stringify({ at: Date.now(), order, epoch, heard })}\n`);
    },
    onFailure: (error) => onFailure(error),
  });
  const shown = address.kind === 'unix' ? options.listen : `tcp://${address.host}:${server.port}`;
  process.stdout.write(`The cluster is at ${shown}\n`);
  try {
    await Promise.race([signalled(), failed]);
  } finally {
    await server.close();
    release();
  }
}

function warnOf(order: OrderId, epoch: Epoch): void {
  process.stderr.write(`leasehold: order ${order} of epoch ${epoch} is refused: another service leads since\n`);
}
