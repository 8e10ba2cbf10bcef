/** What the commands do that change a lease: cancel, hold, release, extend. */

import { formatDuration } from '../api/formats.js';
import type { LeaseView } from '../api/schemas/lease.js';
import { Client } from './client.js';
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
