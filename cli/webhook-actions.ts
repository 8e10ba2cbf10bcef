/** What `leasehold webhook …` does. */

import type { Item, NewWebhookView, WebhookView } from './api.js';
import { Client } from './client.js';
import { CliError, EXIT } from './errors.js';
import type { RemoteOptions } from './options.js';
import { type Column, printList, printOne } from './output.js';

export interface WebhookOptions {
  readonly name?: string;
  readonly type?: readonly string[];
  readonly lease?: readonly string[];
  readonly project?: readonly string[];
}

export interface ChangeOptions extends WebhookOptions {
  readonly to?: string;
  readonly enable?: boolean;
  readonly disable?: boolean;
}

type Delivery = Item<'/v1/webhooks/{id}/deliveries'>;

export async function create(url: string, options: RemoteOptions & WebhookOptions): Promise<void> {
  const body = { url, ...named(options) };
  const answer = await new Client(options).ask('post', '/v1/webhooks', { body });
  await printOne<NewWebhookView>(answer.body, SHOWN_ONCE, options);
}

export async function list(options: RemoteOptions): Promise<void> {
  const webhooks: WebhookView[] = [];
  const all = new Client(options).all('/v1/webhooks', { query: { page_size: 1000 } });
  for await (const webhook of all) webhooks.push(webhook);
  await printList(webhooks, WEBHOOK, options);
}

export async function show(id: string, options: RemoteOptions): Promise<void> {
  const { body } = await new Client(options).ask('get', '/v1/webhooks/{id}', { path: { id } });
  await printOne<WebhookView>(body, WEBHOOK, options);
}

export async function deliveries(id: string, options: RemoteOptions): Promise<void> {
  const { body } = await new Client(options).ask('get', '/v1/webhooks/{id}/deliveries', { path: { id } });
  await printList(body.items, DELIVERY, options);
}

export async function change(id: string, options: RemoteOptions & ChangeOptions): Promise<void> {
  const { to, enable, disable } = options;
  if (enable === true && disable === true)
    throw new CliError('--enable and --disable exclude each other', 'Give one of them.', EXIT.usage);
  const body = {
    ...named(options),
    ...(to === undefined ? {} : { url: to }),
    ...(enable === true ? { enabled: true } : disable === true ? { enabled: false } : {}),
  };
  const answer = await new Client(options).ask('patch', '/v1/webhooks/{id}', { path: { id }, body });
  await printOne<WebhookView>(answer.body, WEBHOOK, options);
}

/** Fails where it was not taken: scripts look at the exit code. */
export async function test(id: string, options: RemoteOptions): Promise<void> {
  const { body } = await new Client(options).ask('post', '/v1/webhooks/{id}/test', { path: { id } });
  await printOne<Delivery>(body, DELIVERY, options);
  if (body.result === 'delivered') return;
  const hint = 'Look at the receiver, and at its URL with `leasehold webhook show`.';
  throw new CliError(`the webhook was not taken: ${body.detail}`, hint, EXIT.failure);
}

export async function replay(id: string, options: RemoteOptions & { readonly after: number }): Promise<void> {
  const asking = { path: { id }, body: { after: options.after } };
  const { body } = await new Client(options).ask('post', '/v1/webhooks/{id}/replay', asking);
  await printOne<WebhookView>(body, WEBHOOK, options);
}

export async function rotate(id: string, options: RemoteOptions): Promise<void> {
  const { body } = await new Client(options).ask('post', '/v1/webhooks/{id}/secret', { path: { id } });
  await printOne<NewWebhookView>(body, SHOWN_ONCE, options);
}

export async function remove(id: string, options: RemoteOptions): Promise<void> {
  const { body } = await new Client(options).ask('delete', '/v1/webhooks/{id}', { path: { id } });
  await printOne<WebhookView>(body, WEBHOOK, options);
}

/** What the options name of it. Part of a filter named is all of the filter. */
function named({ name, type, lease, project }: WebhookOptions) {
  const filter = {
    ...(type === undefined ? {} : { types: [...type] }),
    ...(lease === undefined ? {} : { leases: [...lease] }),
    ...(project === undefined ? {} : { projects: [...project] }),
  };
  return {
    ...(name === undefined ? {} : { name }),
    ...(Object.keys(filter).length === 0 ? {} : { filter }),
  };
}

const WEBHOOK: readonly Column<WebhookView>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ name }) => name },
  { title: 'url', value: ({ url }) => url },
  { title: 'state', value: ({ state }) => state },
  { title: 'why', value: ({ reason }) => reason?.detail ?? null },
  { title: 'turn', value: ({ cursor }) => cursor },
  { title: 'user', value: ({ user }) => user, wide: true },
  { title: 'project', value: ({ project }) => project, wide: true },
  { title: 'hears', value: ({ hears }) => hears, wide: true },
  { title: 'types', value: ({ filter }) => filter.types?.join(' ') ?? null, wide: true },
  { title: 'until', value: ({ until }) => until, as: 'time', wide: true },
];

const SHOWN_ONCE: readonly Column<NewWebhookView>[] = [
  WEBHOOK[0]!,
  { title: 'secret', value: ({ secret }) => secret, whole: true },
  ...WEBHOOK.slice(1),
];

const DELIVERY: readonly Column<Delivery>[] = [
  { title: 'message', value: ({ message }) => message },
  { title: 'turn', value: ({ turn }) => turn },
  { title: 'at', value: ({ at }) => at, as: 'time' },
  { title: 'attempt', value: ({ attempt }) => attempt },
  { title: 'result', value: ({ result }) => result },
  { title: 'status', value: ({ status }) => status },
  { title: 'ms', value: ({ ms }) => ms },
  { title: 'why', value: ({ detail }) => detail },
];
