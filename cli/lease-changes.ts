/** What the commands do that change a lease: cancel, hold, release, suspend, resume, extend, shrink. */

import type { Ask, LeaseView, PathOf } from './api.js';
import { Client } from './client.js';
import { confirm } from './confirm.js';
import { CliError, EXIT } from './errors.js';
import { isoDurationOf } from './durations.js';
import { FIELDS } from './lease-actions.js';
import type { RemoteOptions } from './options.js';
import { printOne } from './output.js';
import { aheadOf } from './times.js';

export async function cancel(id: string, options: RemoteOptions & { readonly yes?: boolean }): Promise<void> {
  await confirm(`Cancel lease ${id}? If it runs, it is stopped.`, options.yes);
  await change(id, options, 'delete', '/v1/leases/{id}');
}

export async function hold(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/hold');
}

export async function release(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/release');
}

export async function suspend(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/suspend');
}

export async function resume(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/resume');
}

/** By how much, or until when. */
export interface EndOptions {
  readonly by?: string;
  readonly until?: string;
}

export async function moveEnd(
  id: string,
  action: 'extend' | 'shrink',
  options: RemoteOptions & EndOptions,
): Promise<void> {
  const { by, until } = options;
  if (by === undefined && until === undefined)
    throw new CliError('by how much, or until when?', 'Give --by 30m or --until "tomorrow 9:00".', EXIT.usage);
  const body = by === undefined ? { until: aheadOf('--until', until!, options) } : { by: isoDurationOf('--by', by) };
  await change(id, options, 'post', `/v1/leases/{id}/${action}`, { body });
}

/** Longer or shorter: `duration` is the whole of it. */
export async function extend(id: string, duration: string, options: RemoteOptions): Promise<void> {
  const body = { duration: isoDurationOf('<duration>', duration) };
  await change(id, options, 'patch', '/v1/leases/{id}', { body });
}

/** Changes the lease as it was read a moment ago: had it changed in between, that would be told. */
export async function change<M extends 'post' | 'patch' | 'delete', P extends PathOf<M>>(
  id: string,
  options: RemoteOptions,
  method: M,
  path: P,
  more: { readonly body?: unknown } = {},
): Promise<void> {
  const client = new Client(options);
  const { headers } = await client.ask('get', '/v1/leases/{id}', { path: { id } });
  const asking = { ...more, path: { id }, ifMatch: headers.get('etag') ?? '*' };
  const { body } = await client.ask(method, path, asking as Ask<M, P> & typeof asking);
  await printOne(body as LeaseView, FIELDS, options);
}
