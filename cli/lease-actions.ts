/** What the lease commands do that look: ls, show, why, wait. */

import type { Decisions, LeaseView } from './api.js';
import { Client } from './client.js';
import { printable } from './errors.js';
import { lastFailureIn } from './last-failure.js';
import { asOfIn, type PastOptions, type RemoteOptions } from './options.js';
import { type Column, isValueFormat, printList, printOne, printValue, write } from './output.js';

export interface LeaseFilters {
  readonly state?: string;
  readonly kind?: 'best-effort' | 'immediate' | 'advance' | 'deadline';
  readonly name?: string;
  readonly user?: string;
  readonly limit: number;
  readonly project?: string;
  readonly label?: readonly string[];
  readonly node?: number;
  readonly from?: string;
  readonly to?: string;
  readonly watch?: boolean;
}

export async function list(options: RemoteOptions & PastOptions & LeaseFilters): Promise<void> {
  const client = new Client(options);
  const { kind, name, user, project, label, node, limit } = options;
  const times = {
    from: await timeIn('--from', options),
    to: await timeIn('--to', options),
    asOf: await asOfIn(options),
  };
  const state = options.state === undefined ? undefined : (await statesIn(options.state)).join(',');
  const query = { page_size: Math.min(1000, limit), state, kind, name, user, project, label, node, ...times };
  const read = async (): Promise<readonly LeaseView[]> => {
    const leases: LeaseView[] = [];
    for await (const lease of client.all('/v1/leases', { query })) if (leases.push(lease) === limit) break;
    return leases;
  };
  if (options.watch === true) return (await import('./watch.js')).watch(client, read, COLUMNS, options);
  await printList(await read(), COLUMNS, options);
}

async function statesIn(text: string): Promise<readonly string[]> {
  return (await import('./wait.js')).statesNamed('--state', text);
}

/** What was given for a time that tells leases apart. */
async function timeIn(option: '--from' | '--to', options: RemoteOptions & LeaseFilters): Promise<string | undefined> {
  const text = option === '--from' ? options.from : options.to;
  return text === undefined ? undefined : (await import('./times.js')).behindOf(option, text, options);
}

export interface ShowOptions extends PastOptions {
  readonly watch?: boolean;
}

export async function show(id: string, options: RemoteOptions & ShowOptions): Promise<void> {
  const client = new Client(options);
  const asking = { path: { id }, query: { asOf: await asOfIn(options) } };
  const read = async (): Promise<LeaseView> => (await client.ask('get', '/v1/leases/{id}', asking)).body;
  if (options.watch !== true) return printOne(await read(), FIELDS, options);
  const { watch } = await import('./watch.js');
  await watch(client, async () => [await read()], COLUMNS, options);
}

export interface WaitOptions {
  readonly for: string;
  readonly timeout?: string;
}

export async function wait(id: string, options: RemoteOptions & WaitOptions): Promise<void> {
  const { statesIn, waitFor } = await import('./wait.js');
  const { durationOf } = await import('./durations.js');
  const timeoutMs = options.timeout === undefined ? null : durationOf('--timeout', options.timeout);
  const goal = { states: statesIn(options.for), timeoutMs };
  await printOne(await waitFor(new Client(options), id, null, goal), FIELDS, options);
}

export async function why(id: string, options: RemoteOptions & PastOptions): Promise<void> {
  const client = new Client(options);
  const asking = { path: { id }, query: { page_size: 1000, asOf: await asOfIn(options) } };
  const { body } = await client.ask('get', '/v1/leases/{id}/decisions', asking);
  const items: Decisions['items'][number][] = [];
  for await (const decision of client.all('/v1/leases/{id}/decisions', asking)) items.push(decision);
  const { output } = options;
  if (isValueFormat(output)) return printValue({ ...body, items, nextPageToken: null }, output);
  const { timesShown } = await import('./when.js');
  const lines = sentences({ ...body, items }, await timesShown(options, 'clock'));
  await write(lines.map((line) => `${printable(line)}\n`).join(''));
}

/** The answer in words: how it is now and why, then its story, oldest first. */
function sentences({ lease, items, now }: Decisions, shown: (time: string) => string): string[] {
  const lines = [`${lease} is ${now.state}.`];
  const failure = lastFailureIn(items);
  for (const { code, message } of now.reasons) {
    const why = code === 'order-failed' && failure !== null ? `: ${failure}` : '.';
    lines.push(`  Because ${message}${why}`);
  }
  if (items.length > 0) lines.push('', 'What happened:');
  for (const { turn, at, happened, message, reasons, rule } of items) {
    const when = happened === undefined ? '' : ` (at ${shown(happened)})`;
    lines.push(`  ${shown(at)}  turn ${turn}: ${message}${when}${rule === null ? '' : ` [${rule}]`}`);
    for (const reason of reasons) lines.push(`    because ${reason.message}`);
  }
  return lines;
}

export const COLUMNS: readonly Column<LeaseView>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name },
  { title: 'state', value: ({ state }) => state, whole: true },
  { title: 'kind', value: ({ kind }) => kind, spare: true },
  { title: 'user', value: ({ user }) => user, wide: true },
  { title: 'project', value: ({ project }) => project, wide: true },
  { title: 'vms', value: ({ vms }) => vms },
  { title: 'each', value: ({ groups }) => eachOf(groups), wide: true },
  { title: 'duration', value: ({ duration }) => duration, as: 'duration', wide: true },
  { title: 'priority', value: ({ priority }) => priority, wide: true },
  { title: 'submitted', value: ({ submitted }) => submitted, as: 'time', spare: true },
  { title: 'start', value: ({ firstStart, from }) => firstStart ?? from, as: 'time' },
  { title: 'until', value: ({ ended, until }) => ended ?? until, as: 'time' },
  { title: 'nodes', value: ({ nodes }) => nodes },
  { title: 'addresses', value: addressesOf, wide: true },
  { title: 'why', value: ({ reasons }) => whyOf(reasons), wide: true },
];

export const FIELDS: readonly Column<LeaseView>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name },
  { title: 'state', value: ({ state }) => state },
  { title: 'why', value: ({ reasons }) => whyOf(reasons) },
  { title: 'conditions', value: ({ conditions }) => conditionsOf(conditions) },
  { title: 'on hold', value: ({ held }) => (held ? 'yes' : null) },
  { title: 'after', value: ({ after }) => after.map(({ lease, on }) => `${on} of ${lease}`).join(', ') || null },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'user', value: ({ user }) => user },
  { title: 'project', value: ({ project }) => project },
  { title: 'labels', value: ({ labels }) => pairs(labels) },
  { title: 'priority', value: ({ priority }) => priority },
  { title: 'price', value: ({ price }) => price },
  { title: 'vms', value: ({ vms }) => vms },
  { title: 'each', value: ({ groups }) => eachOf(groups) },
  { title: 'goes back', value: ({ revert }) => revert?.at ?? null, as: 'time' },
  { title: 'duration', value: ({ duration }) => duration, as: 'duration' },
  { title: 'warnings', value: ({ warnings }) => warnings.join(', ') || null },
  { title: 'on node lost', value: ({ onNodeLost }) => onNodeLost, wide: true },
  { title: 'remaining', value: ({ remaining }) => remaining, as: 'duration', wide: true },
  { title: 'submitted', value: ({ submitted }) => submitted, as: 'time' },
  { title: 'from', value: ({ from }) => from, as: 'time' },
  { title: 'until', value: ({ until }) => until, as: 'time' },
  { title: 'started', value: ({ firstStart }) => firstStart, as: 'time' },
  { title: 'ended', value: ({ ended }) => ended, as: 'time' },
  { title: 'nodes', value: ({ nodes }) => nodes },
  { title: 'addresses', value: addressesOf },
];

/** Those that hold and of which the state says nothing, as that its VMs are paused. */
function conditionsOf(conditions: LeaseView['conditions']): string | null {
  const told = conditions.filter(({ type, status }) => status && type !== 'reserved' && type !== 'running');
  return told.map(({ type }) => type).join(', ') || null;
}

function whyOf(reasons: LeaseView['reasons']): string {
  return reasons.map(({ message }) => message).join('; ');
}

function eachOf(groups: LeaseView['groups']): string {
  return groups.map(({ resources }) => pairs(resources)).join('; ');
}

/** `10.77.0.3`; of more VMs than one `1: 10.77.0.3, 2: 10.77.0.4`. */
function addressesOf({ vms, addresses = [] }: LeaseView): string | null {
  const all = addresses.map(({ vm, address }) => (vms === 1 ? address : `${vm}: ${address}`));
  return all.join(', ') || null;
}

/** `cpu=1 memoryMiB=4096`. */
function pairs(members: Readonly<Record<string, number | string>>): string {
  return Object.entries(members)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
