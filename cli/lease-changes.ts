/** What the commands do that change a lease: cancel, hold, release, approve, reject, suspend, resume, migrate, move-disks, resize, confirm, revert, reboot …, extend, shrink. */

import type { Ask, LeaseView, PathOf } from './api.js';
import { Client } from './client.js';
import { confirm as askFirst } from './confirm.js';
import { CliError, EXIT } from './errors.js';
import { isoDurationOf } from './durations.js';
import { FIELDS } from './lease-actions.js';
import type { RemoteOptions } from './options.js';
import { printOne } from './output.js';
import { aheadOf } from './times.js';

export async function cancel(id: string, options: RemoteOptions & { readonly yes?: boolean }): Promise<void> {
  await askFirst(`Cancel lease ${id}? If it runs, it is stopped.`, options.yes || options.dryRun);
  await change(id, options, 'delete', '/v1/leases/{id}');
}

export async function hold(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/hold');
}

export async function release(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/release');
}

export async function approve(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/approve');
}

export interface RejectOptions {
  readonly reason?: string;
}

export async function reject(id: string, options: RemoteOptions & RejectOptions): Promise<void> {
  const body = options.reason === undefined ? {} : { reason: options.reason };
  await change(id, options, 'post', '/v1/leases/{id}/reject', { body });
}

export async function suspend(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/suspend');
}

export async function resume(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/resume');
}

export interface RecoverOptions {
  readonly how: 'retry' | 'recreate' | 'delete' | 'force';
}

export async function recover(id: string, options: RemoteOptions & RecoverOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/recover', { body: { how: options.how } });
}

/** Where to, and which of its VMs; as they were typed. */
export interface MoveOptions {
  readonly to?: readonly string[];
  readonly vm?: string;
}

export async function migrate(id: string, options: RemoteOptions & MoveOptions): Promise<void> {
  const { to, vm } = options;
  const body = {
    ...(to === undefined ? {} : { to: to.map((node) => (/^\d+$/.test(node) ? Number(node) : node)) }),
    ...(vm === undefined ? {} : { vms: vmsIn(vm) }),
  };
  await change(id, options, 'post', '/v1/leases/{id}/migrate', { body });
}

export async function moveDisks(
  id: string,
  { to, vm, ...options }: RemoteOptions & { readonly to: string; readonly vm?: string },
): Promise<void> {
  const body = { to, ...(vm === undefined ? {} : { vms: vmsIn(vm) }) };
  await change(id, options, 'post', '/v1/leases/{id}/move-disks', { body });
}

/** What each VM is to have. */
export interface ResizeOptions {
  readonly cpu?: number;
  readonly memory?: number;
  readonly disk?: number;
  readonly resource?: Readonly<Record<string, string>>;
  readonly cold?: boolean;
  readonly revertAfter?: string;
}

export async function resize(id: string, options: RemoteOptions & ResizeOptions): Promise<void> {
  const { resourcesOf } = await import('./submit.js');
  const { cold, revertAfter } = options;
  const body = {
    resources: resourcesOf(options),
    ...(cold === true ? { cold } : {}),
    ...(revertAfter === undefined ? {} : { revertAfter: isoDurationOf('--revert-after', revertAfter) }),
  };
  await change(id, options, 'post', '/v1/leases/{id}/resize', { body });
}

export async function confirm(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/confirm');
}

export async function revert(id: string, options: RemoteOptions): Promise<void> {
  await change(id, options, 'post', '/v1/leases/{id}/revert');
}

/** So many VMs are named at most. */
const VMS_NAMED_MAX = 256;

/** `1,3-4`: these VMs, one by one. */
function vmsIn(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^([1-9]\d{0,5})(?:-([1-9]\d{0,5}))?$/.exec(part) ?? [];
    const count = first === undefined ? 0 : Number(last) - Number(first) + 1;
    if (count < 1 || count > VMS_NAMED_MAX)
      throw new CliError(`--vm: ${JSON.stringify(text)} names no VMs`, 'They are counted from 1: 1,3-4.', EXIT.usage);
    return Array.from({ length: count }, (_, i) => Number(first) + i);
  });
}

export interface ActOptions {
  readonly vm?: string;
}

const ACTS = {
  reboot: '/v1/leases/{id}/reboot',
  reset: '/v1/leases/{id}/reset',
  pause: '/v1/leases/{id}/pause',
  unpause: '/v1/leases/{id}/unpause',
} as const;

export async function act(id: string, verb: keyof typeof ACTS, options: RemoteOptions & ActOptions): Promise<void> {
  const query = options.vm === undefined ? {} : { query: { vms: options.vm } };
  await change(id, options, 'post', ACTS[verb], query);
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
  more: { readonly body?: unknown; readonly query?: object } = {},
): Promise<void> {
  const client = new Client(options);
  const { headers } = await client.ask('get', '/v1/leases/{id}', { path: { id } });
  const asking = { ...more, path: { id }, ifMatch: headers.get('etag') ?? '*' };
  const { body } = await client.ask(method, path, asking as Ask<M, P> & typeof asking);
  await printOne(body as LeaseView, FIELDS, options);
}
