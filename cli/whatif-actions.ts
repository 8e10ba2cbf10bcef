/** What `leasehold whatif` does. */

import type { Ask, Item, WhatIfView } from './api.js';
import { Client } from './client.js';
import { isoDurationOf } from './durations.js';
import { CliError, EXIT } from './errors.js';
import { asOfIn, type PastOptions, type RemoteOptions } from './options.js';
import { type Column, printList } from './output.js';

export interface WhatIfOptions extends PastOptions {
  readonly policy?: Readonly<Record<string, string>>;
  readonly add?: readonly string[];
  readonly drain?: readonly string[];
  readonly remove?: readonly string[];
  readonly without?: readonly string[];
  readonly horizon?: string;
}

type LeaseDifference = Item<'/v1/whatifs/{id}/leases'>;
type Request = Ask<'post', '/v1/whatifs'>['body'];

/** How long one waits before it looks again. */
const LOOK_MS = 200;

/** Asks, waits for the result, and shows the leases that go otherwise; the figures of both go to stderr. */
export async function whatIf(options: RemoteOptions & WhatIfOptions): Promise<void> {
  const client = new Client(options);
  const turn = await asOfIn(options);
  const asOf = turn === undefined ? {} : { asOf: turn };
  const asked = await client.ask('post', '/v1/whatifs', { body: { ...requestOf(options), ...asOf } });
  let body: WhatIfView = asked.body;
  const path = { id: body.id };
  while (body.state === 'queued' || body.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    ({ body } = await client.ask('get', '/v1/whatifs/{id}', { path }));
  }
  if (body.state !== 'done') throw new CliError(`the what-if is ${body.state}: ${body.detail}`, null, EXIT.failure);
  for (const { command, detail } of body.notAccepted) note(`not accepted: ${command}: ${detail}`);
  for (const [name, totals] of [
    ['as it is', body.baseline!],
    ['otherwise', body.variant!],
  ] as const)
    note(
      `${name}: ${totals.completed} done, ${totals.unfinished} unfinished, wait ${totals.waitMean ?? '–'} s on average, ` +
        `utilisation ${totals.utilisation}`,
    );
  const leases: LeaseDifference[] = [];
  for await (const lease of client.all('/v1/whatifs/{id}/leases', { path, query: { page_size: 1000 } }))
    leases.push(lease);
  if (leases.length === 0) note('no lease would go otherwise');
  await printList(leases, COLUMNS, options);
}

function requestOf({ policy, add, drain, remove, without, horizon }: WhatIfOptions): Request {
  return {
    ...(policy === undefined ? {} : { policy: Object.fromEntries(Object.entries(policy).map(knob)) }),
    nodes: { add: [...(add ?? [])], drain: numbers('--drain', drain), remove: numbers('--remove', remove) },
    leases: { remove: [...(without ?? [])] },
    ...(horizon === undefined ? {} : { horizon: isoDurationOf('--horizon', horizon) }),
  };
}

/** What can be read as JSON is that: numbers, true, null; all else is text. */
function knob([name, text]: readonly [string, string]): [string, unknown] {
  try {
    return [name, JSON.parse(text) as unknown];
  } catch {
    return [name, text];
  }
}

function numbers(option: string, texts: readonly string[] = []): number[] {
  return texts.map((text) => {
    if (/^\d{1,7}$/.test(text)) return Number(text);
    throw new CliError(
      `${option} ${JSON.stringify(text)} is not the number of a node`,
      'List nodes with `leasehold node list`.',
      EXIT.usage,
    );
  });
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

const COLUMNS: readonly Column<LeaseDifference>[] = [
  { title: 'lease', value: ({ lease }) => lease },
  { title: 'state', value: ({ baseline }) => baseline?.state ?? null },
  { title: 'otherwise', value: ({ variant }) => variant?.state ?? null },
  { title: 'start', value: ({ baseline }) => baseline?.start ?? null, as: 'time' },
  { title: 'otherwise start', value: ({ variant }) => variant?.start ?? null, as: 'time' },
  { title: 'starts later (s)', value: ({ startsLater }) => startsLater },
  { title: 'ends later (s)', value: ({ endsLater }) => endsLater },
];
