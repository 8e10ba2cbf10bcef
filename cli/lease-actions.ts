/** What the lease commands do. */

import { formatDuration, FormatError, parseDuration } from '../api/formats.js';
import type { DecisionView, LeaseState, LeaseView, ReasonView } from '../api/schemas/lease.js';
import { Client } from './client.js';
import { CliError, EXIT, printable } from './errors.js';
import type { RemoteOptions } from './options.js';
import { type Column, printList, printOne, printValue, write } from './output.js';

export interface SubmitOptions {
  readonly vms: number;
  readonly cpu?: number;
  readonly memory?: number;
  readonly disk?: number;
  readonly resource?: Readonly<Record<string, string>>;
  readonly duration: string;
  readonly at?: string;
  readonly now?: boolean;
  readonly before?: string;
  readonly name?: string;
  readonly user?: string;
  readonly image?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly where?: string;
  readonly rank?: string;
  readonly on?: readonly (string | number)[];
  readonly priority?: number;
  readonly maxRate?: number;
  readonly notPreemptible?: boolean;
  readonly hold?: boolean;
  readonly after?: readonly string[];
  readonly every?: string;
  readonly times?: number;
  readonly wait?: boolean;
  readonly timeout?: string;
}

export async function submit(options: RemoteOptions & SubmitOptions): Promise<void> {
  const client = new Client(options);
  const request = { body: requestOf(options) };
  if (options.every !== undefined) {
    const { body } = await client.write<{ items: LeaseView[] }>('POST', 'v1/leases', request);
    return printList(body.items, COLUMNS, options.output);
  }
  const { body } = await client.write<LeaseView>('POST', 'v1/leases', request);
  const lease = options.wait === true ? await waitFor(client, body, options.timeout) : body;
  await printOne(lease, FIELDS, options.output);
}

function requestOf(options: SubmitOptions): Record<string, unknown> {
  const resources = {
    ...(options.cpu === undefined ? {} : { cpu: options.cpu }),
    ...(options.memory === undefined ? {} : { memoryMiB: options.memory }),
    ...(options.disk === undefined ? {} : { diskMiB: options.disk }),
    ...Object.fromEntries(
      Object.entries(options.resource ?? {}).map(([name, amount]) => [name, amountOf(name, amount)]),
    ),
  };
  if (Object.keys(resources).length === 0) {
    throw new CliError('what does each VM need?', 'Give --cpu, --memory or another resource of the site.', EXIT.usage);
  }
  const { vms, name, user, image, label, where, rank, on } = options;
  return {
    vms,
    resources,
    duration: formatDuration(durationOf('--duration', options.duration)),
    start: startOf(options),
    ...(options.notPreemptible === true ? { preemptible: false } : {}),
    ...(options.hold === true ? { held: true } : {}),
    ...(options.after === undefined ? {} : { after: options.after.map(dependencyOf) }),
    ...(options.every === undefined ? {} : { repeat: repeatOf(options.every, options.times) }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...(options.maxRate === undefined ? {} : { maxRate: options.maxRate }),
    ...(name === undefined ? {} : { name }),
    ...(user === undefined ? {} : { user }),
    ...(image === undefined ? {} : { image }),
    ...(label === undefined ? {} : { labels: label }),
    ...(where === undefined && rank === undefined && on === undefined
      ? {}
      : { where: { requirements: where, rank, nodes: on } }),
  };
}

function startOf({ at, now, before }: SubmitOptions): Record<string, string> {
  if (at !== undefined) return { kind: 'advance', at };
  if (now === true) return { kind: 'immediate' };
  return { kind: 'best-effort', ...(before === undefined ? {} : { before }) };
}

/** `L1` or `L1:end`, `L1:start`. */
function dependencyOf(text: string): { lease: string; on: string } {
  const [lease = '', on = 'end', ...rest] = text.split(':');
  if (lease !== '' && ['start', 'end'].includes(on) && rest.length === 0) return { lease, on };
  throw new CliError(`--after ${JSON.stringify(text)} is not a lease`, 'Write L1, L1:end or L1:start.', EXIT.usage);
}

function repeatOf(every: string, times: number | undefined): Record<string, unknown> {
  if (times === undefined) throw new CliError('--every: how often?', 'Give --times, too.', EXIT.usage);
  return { every: formatDuration(durationOf('--every', every)), times };
}

function amountOf(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new CliError(`--resource ${name}: ${JSON.stringify(text)} is not a whole number`, null, EXIT.usage);
}

export function durationOf(option: string, text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new CliError(`${option} ${error.message}`, null, EXIT.usage);
  }
}

const RUNNING: readonly LeaseState[] = ['active'];
const ENDED: readonly LeaseState[] = ['done', 'rejected', 'cancelled', 'failed', 'expired'];

/** Follows the log until the lease runs or is over. */
async function waitFor(client: Client, submitted: LeaseView, timeout: string | undefined): Promise<LeaseView> {
  const limit = timeout === undefined ? null : durationOf('--timeout', timeout);
  const waiting = new AbortController();
  const timer = limit === null ? null : setTimeout(() => waiting.abort(), limit);
  try {
    let lease = submitted;
    const path = `v1/events?follow=true&after=${submitted.turn}`;
    for await (const line of client.lines(path, waiting.signal)) {
      if (!line.includes(JSON.stringify(submitted.id))) continue;
      lease = (await client.get<LeaseView>(`v1/leases/${submitted.id}`)).body;
      if (RUNNING.includes(lease.state) || lease.state === 'done') return lease;
      if (ENDED.includes(lease.state)) throw new CliError(`lease ${lease.id} is ${lease.state}`, null, EXIT.failure);
    }
    if (!waiting.signal.aborted) throw new CliError('the service closed the stream', null, EXIT.unreachable);
    throw new CliError(
      `lease ${lease.id} is still ${lease.state}`,
      `It goes on waiting; see leasehold why ${lease.id}`,
      EXIT.timedOut,
    );
  } finally {
    if (timer !== null) clearTimeout(timer);
    waiting.abort();
  }
}

export interface LeaseFilters {
  readonly state?: string;
  readonly kind?: string;
  readonly user?: string;
  readonly limit: number;
}

export async function list(options: RemoteOptions & LeaseFilters): Promise<void> {
  const { state, kind, user, limit } = options;
  const query = new URLSearchParams({ page_size: String(Math.min(1000, limit)) });
  for (const [name, value] of Object.entries({ state, kind, user })) if (value !== undefined) query.set(name, value);
  const leases: LeaseView[] = [];
  for await (const lease of new Client(options).items<LeaseView>(`v1/leases?${query.toString()}`)) {
    leases.push(lease);
    if (leases.length === limit) break;
  }
  await printList(leases, COLUMNS, options.output);
}

export async function show(id: string, options: RemoteOptions): Promise<void> {
  const { body } = await new Client(options).get<LeaseView>(pathOf(id));
  await printOne(body, FIELDS, options.output);
}

interface Decisions {
  readonly items: readonly DecisionView[];
  readonly now: { readonly at: string; readonly state: LeaseState; readonly reasons: readonly ReasonView[] };
}

export async function why(id: string, options: RemoteOptions): Promise<void> {
  const client = new Client(options);
  const path = `${pathOf(id)}/decisions?page_size=1000`;
  const { body } = await client.get<Decisions>(path);
  const items: DecisionView[] = [];
  for await (const decision of client.items<DecisionView>(path)) items.push(decision);
  if (options.output !== 'table' && options.output !== 'csv') {
    await printValue({ ...body, items, nextPageToken: null }, options.output);
    return;
  }
  await write(printableLines(sentences(id, items, body.now)));
}

/** The answer in words: how it is now and why, then its story, oldest first. */
function sentences(id: string, items: readonly DecisionView[], now: Decisions['now']): string[] {
  const lines = [`${id} is ${now.state}.`];
  for (const { message } of now.reasons) lines.push(`  Because ${message}.`);
  if (items.length > 0) lines.push('', 'What happened:');
  for (const { turn, at, happened, message, reasons, rule } of items) {
    const when = happened === undefined ? '' : ` (at ${happened})`;
    lines.push(`  ${at}  turn ${turn}: ${message}${when}${rule === null ? '' : ` [${rule}]`}`);
    for (const reason of reasons) lines.push(`    because ${reason.message}`);
  }
  return lines;
}

function printableLines(lines: readonly string[]): string {
  return lines.map((line) => `${printable(line)}\n`).join('');
}

export function pathOf(id: string): string {
  return `v1/leases/${encodeURIComponent(id)}`;
}

const COLUMNS: readonly Column<LeaseView>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name },
  { title: 'state', value: ({ state }) => state },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'vms', value: ({ vms }) => vms },
  { title: 'submitted', value: ({ submitted }) => submitted },
  { title: 'start', value: ({ firstStart, from }) => firstStart ?? from },
  { title: 'until', value: ({ ended, until }) => ended ?? until },
  { title: 'nodes', value: ({ nodes }) => nodes },
];

export const FIELDS: readonly Column<LeaseView>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name },
  { title: 'state', value: ({ state }) => state },
  { title: 'why', value: ({ reasons }) => reasons.map(({ message }) => message).join('; ') },
  { title: 'on hold', value: ({ held }) => (held ? 'yes' : null) },
  { title: 'after', value: ({ after }) => after.map(({ lease, on }) => `${on} of ${lease}`).join(', ') || null },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'user', value: ({ user }) => user },
  { title: 'priority', value: ({ priority }) => priority },
  { title: 'price', value: ({ price }) => price },
  { title: 'vms', value: ({ vms }) => vms },
  { title: 'each', value: ({ groups }) => groups.map(({ resources }) => amounts(resources)).join('; ') },
  { title: 'duration', value: ({ duration }) => duration },
  { title: 'submitted', value: ({ submitted }) => submitted },
  { title: 'from', value: ({ from }) => from },
  { title: 'until', value: ({ until }) => until },
  { title: 'started', value: ({ firstStart }) => firstStart },
  { title: 'ended', value: ({ ended }) => ended },
  { title: 'nodes', value: ({ nodes }) => nodes },
];

function amounts(resources: Readonly<Record<string, number>>): string {
  return Object.entries(resources)
    .map(([name, amount]) => `${name}=${amount}`)
    .join(' ');
}
