/** `leasehold submit`: from options to a request, and what is printed of the answer. */

import type { LeaseRequest, LeaseView } from './api.js';
import { Client } from './client.js';
import { durationOf, isoDurationOf } from './durations.js';
import { CliError, EXIT } from './errors.js';
import { COLUMNS, FIELDS } from './lease-actions.js';
import { type MachineOptions, machineOf } from './machine.js';
import type { RemoteOptions } from './options.js';
import { printList, printOne } from './output.js';
import { aheadOf, zoneOf } from './times.js';
import { waitFor } from './wait.js';

export interface SubmitOptions extends MachineOptions {
  readonly vms: number;
  readonly cpu?: number;
  readonly memory?: number;
  readonly disk?: number;
  readonly maxCpu?: number;
  readonly maxMemory?: number;
  readonly resource?: Readonly<Record<string, string>>;
  readonly duration: string;
  readonly at?: string;
  readonly now?: boolean;
  readonly before?: string;
  readonly by?: string;
  readonly notBefore?: string;
  readonly name?: string;
  readonly user?: string;
  readonly image?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly where?: string;
  readonly rank?: string;
  readonly on?: readonly (string | number)[];
  readonly priority?: number;
  readonly maxRate?: number;
  readonly onNodeLost?: LeaseRequest['onNodeLost'] & string;
  readonly notPreemptible?: boolean;
  readonly warn?: readonly string[];
  readonly hold?: boolean;
  readonly after?: readonly string[];
  readonly every?: string;
  readonly times?: number;
  readonly wait?: boolean;
  readonly timeout?: string;
  readonly idempotencyKey?: string;
  readonly commit?: string;
  readonly tz?: string;
}

export async function submit(options: RemoteOptions & SubmitOptions): Promise<void> {
  const timeoutMs = options.timeout === undefined ? null : durationOf('--timeout', options.timeout);
  zoneOf(options.tz);
  const body = requestOf(options);
  const client = new Client(options);
  const { body: answer } = await client.ask('post', '/v1/leases', { body, key: options.idempotencyKey });
  if ('items' in answer) return printList(answer.items, COLUMNS, options);
  const lease: LeaseView = answer;
  const goal = { states: ['active', 'done'], timeoutMs };
  await printOne(options.wait === true ? await waitFor(client, lease.id, lease, goal) : lease, FIELDS, options);
}

/** What `options` ask for. Throws where they do not say what. */
export function requestOf(options: SubmitOptions): LeaseRequest {
  const { vms, name, user, image, label, where, rank, on } = options;
  const machine = machineOf(options);
  return {
    vms,
    resources: resourcesOf(options),
    ...maxOf(options),
    duration: isoDurationOf('--duration', options.duration),
    start: startOf(options),
    ...(options.notPreemptible === true ? { preemptible: false } : {}),
    ...(options.warn === undefined ? {} : { warnings: options.warn.map((text) => isoDurationOf('--warn', text)) }),
    ...(options.hold === true ? { held: true } : {}),
    ...(options.after === undefined ? {} : { after: options.after.map(dependencyOf) }),
    ...(options.every === undefined ? {} : { repeat: repeatOf(options.every, options.times) }),
    ...(options.commit === undefined ? {} : { commit: options.commit }),
    ...(options.priority === undefined ? {} : { priority: options.priority }),
    ...(options.maxRate === undefined ? {} : { maxRate: options.maxRate }),
    ...(options.onNodeLost === undefined ? {} : { onNodeLost: options.onNodeLost }),
    ...(name === undefined ? {} : { name }),
    ...(user === undefined ? {} : { user }),
    ...(image === undefined ? {} : { image }),
    ...(label === undefined ? {} : { labels: label }),
    ...(machine === undefined ? {} : { machine }),
    ...(where === undefined && rank === undefined && on === undefined
      ? {}
      : {
          where: {
            ...(where === undefined ? {} : { requirements: where }),
            ...(rank === undefined ? {} : { rank }),
            ...(on === undefined ? {} : { nodes: on }),
          },
        }),
  };
}

export function resourcesOf({
  cpu,
  memory,
  disk,
  resource,
}: Pick<SubmitOptions, 'cpu' | 'memory' | 'disk' | 'resource'>): LeaseRequest['resources'] & object {
  const resources = {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memoryMiB: memory }),
    ...(disk === undefined ? {} : { diskMiB: disk }),
    ...Object.fromEntries(Object.entries(resource ?? {}).map(([name, amount]) => [name, amountOf(name, amount)])),
  };
  if (Object.keys(resources).length > 0) return resources;
  throw new CliError('what does each VM need?', 'Give --cpu, --memory or another resource of the site.', EXIT.usage);
}

function maxOf({ maxCpu, maxMemory }: SubmitOptions): Pick<LeaseRequest, 'max'> {
  if (maxCpu === undefined && maxMemory === undefined) return {};
  const cpu = maxCpu === undefined ? {} : { cpu: maxCpu };
  return { max: { ...cpu, ...(maxMemory === undefined ? {} : { memoryMiB: maxMemory }) } };
}

function startOf(options: SubmitOptions): LeaseRequest['start'] & object {
  const { at, now, before, by, notBefore } = options;
  const instant = (option: string, text: string): string => aheadOf(option, text, options);
  if (at !== undefined) return { kind: 'advance', at: instant('--at', at) };
  if (now === true) return { kind: 'immediate' };
  if (by !== undefined) {
    const from = notBefore === undefined ? {} : { notBefore: instant('--not-before', notBefore) };
    return { kind: 'deadline', by: instant('--by', by), ...from };
  }
  return { kind: 'best-effort', ...(before === undefined ? {} : { before: instant('--before', before) }) };
}

/** `L1` or `L1:end`, `L1:start`. */
function dependencyOf(text: string): { lease: string; on: 'start' | 'end' } {
  const [lease = '', on = 'end', ...rest] = text.split(':');
  if (lease !== '' && (on === 'start' || on === 'end') && rest.length === 0) return { lease, on };
  throw new CliError(`--after ${JSON.stringify(text)} is not a lease`, 'Write L1, L1:end or L1:start.', EXIT.usage);
}

function repeatOf(every: string, times: number | undefined): LeaseRequest['repeat'] & object {
  if (times === undefined) throw new CliError('--every: how often?', 'Give --times, too.', EXIT.usage);
  return { every: isoDurationOf('--every', every), times };
}

function amountOf(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const wrong = `--resource ${name}: ${JSON.stringify(text)} is not a whole number`;
  throw new CliError(wrong, `Write --resource ${name}=2.`, EXIT.usage);
}
