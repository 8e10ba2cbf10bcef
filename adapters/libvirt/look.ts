/** A look at a host that nobody commands yet: over a connection of its own, and no longer than somebody waits. */

import { setTimeout as sleep } from 'node:timers/promises';
import { advised } from './advice.js';
import type { FoundHost, HostVerdict } from '../host-health.js';
import { type Hypervisor, HypervisorError } from './hypervisor.js';
import { leasableDisk, realityOf } from './reality.js';
import { POOL } from './vm.js';

export interface LookOptions {
  /** Throws a HypervisorError for a URI that may not be used. */
  readonly connect: (uri: string) => Hypervisor;
  /** The directory on each host that our files are in. */
  readonly directory: string;
  readonly ms?: number;
}

const LOOK_MS = 15_000;

/** `prepare`: our pool is made there. */
export async function lookAtHost(
  { connect, directory, ms = LOOK_MS }: LookOptions,
  uri: string,
  prepare: boolean,
): Promise<HostVerdict> {
  let hypervisor: Hypervisor;
  try {
    hypervisor = connect(uri);
  } catch (error) {
    return failed('uri', error);
  }
  try {
    return { ok: true, host: await within(ms, found(hypervisor, prepare ? directory : null)) };
  } catch (error) {
    return failed('host', error);
  } finally {
    void hypervisor.close();
  }
}

function failed(at: 'uri' | 'host', error: unknown): HostVerdict {
  if (!(error instanceof HypervisorError)) throw error;
  // Who has asked knows where, and which call it was says nothing.
  const detail = error.message.replace(/^\w+: the connection to \S+ was lost: /, '');
  return { ok: false, at, detail: at === 'uri' ? detail : advised(detail) };
}

async function found(hypervisor: Hypervisor, directory: string | null): Promise<FoundHost> {
  if (directory !== null) await hypervisor.ensurePool(POOL, directory);
  const reality = await realityOf(hypervisor);
  return { ...reality, leasableDiskMiB: await leasableDisk(hypervisor) };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(ms, undefined, { signal: over.signal }).then(() => {
    throw new HypervisorError('unknown', `no answer within ${ms / 1000} s`);
  });
  late.catch(() => {});
  work.catch(() => {});
  return Promise.race([work, late]).finally(() => over.abort());
}
