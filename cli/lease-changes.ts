/** What the commands do that change a lease: cancel, hold, release, suspend, resume, extend, shrink. */

import { formatDuration } from '../api/formats.js';
import type { LeaseView } from '../api/schemas/lease.js';
import { Client } from './client.js';
import { CliError, EXIT } from './errors.js';
import { durationOf, FIELDS, pathOf } from './lease-actions.js';
import type { RemoteOptions } from './options.js';
import { printOne } from './output.js';

export async function cancel(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'DELETE', '');
}

export async function hold(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'POST', '/hold');
}

export async function release(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'POST', '/release');
}

export async function suspend(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'POST', '/suspend');
}

export async function resume(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'POST', '/resume');
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
    throw new CliError('by how much, or until when?', 'Give --by 30m or --until 2026-11-21T14:00:00Z.', EXIT.usage);
  const body = by === undefined ? { until } : { by: formatDuration(durationOf('--by', by)) };
  await change(id, options, 'POST', `/${action}`, body);
}

/** Longer or shorter: `duration` is the whole of it. */
export async function extend(id: string, duration: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'PATCH', '', { duration: formatDuration(durationOf('<duration>', duration)) });
}

/** Changes the lease as it was read a moment ago: had it changed in between, that would be told. */
async function change(
  id: string,
  options: RemoteOptions,
  method: 'POST' | 'PATCH' | 'DELETE',
  action: string,
  body?: object,
): Promise<void> {
  const client = new Client(options);
  const { headers } = await client.get<LeaseView>(pathOf(id));
  const ifMatch = headers.get('etag') ?? '*';
  const path = `${pathOf(id)}${action}`;
  const changed = await client.write<LeaseView>(method, path, { ifMatch, ...(body === undefined ? {} : { body }) });
  await printOne(changed.body, FIELDS, options.output);
}
