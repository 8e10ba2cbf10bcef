/** Webhooks: where events are sent. */

import { type Static, Type } from 'typebox';
import { WEBHOOK_REASONS, WEBHOOK_STATES } from '../webhooks/standing.js';
import { account, at, oneOf, orNull, page, strict } from './fields.js';

const NAMES_MAX = 32;
const url = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: 'https, without user, password and fragment. Others read it: it is no place for a secret.',
});
const name = Type.String({ maxLength: 128, pattern: '^[^\\x00-\\x1f\\x7f]*$' });
const names = (pattern: string, description: string) =>
  Type.Array(Type.String({ pattern }), { minItems: 1, maxItems: NAMES_MAX, description });

const filters = {
  types: names('^[A-Z][A-Za-z]{1,63}$', 'Only events of these types.'),
  leases: names('^[A-Za-z0-9._-]{1,128}$', 'Only events about these leases.'),
  projects: Type.Array(account, {
    minItems: 1,
    maxItems: NAMES_MAX,
    description: 'Only events about leases of these projects.',
  }),
};
const WebhookFilter = strict(
  {
    types: Type.Optional(filters.types),
    leases: Type.Optional(filters.leases),
    projects: Type.Optional(filters.projects),
  },
  { description: 'As in `GET /v1/events`; what is left out limits nothing.' },
);
export type WebhookFilterView = Static<typeof WebhookFilter>;

export const WebhookRequest = strict({
  url,
  name: Type.Optional(name),
  filter: Type.Optional(WebhookFilter),
});

export const WebhookChange = strict(
  {
    url: Type.Optional(url),
    name: Type.Optional(name),
    filter: Type.Optional(WebhookFilter),
    enabled: Type.Optional(Type.Boolean({ description: 'It goes on where it stopped.' })),
  },
  { description: 'What is named is replaced; the filter as a whole.' },
);

const members = {
  id: Type.String(),
  name: Type.String(),
  url: Type.String(),
  filter: WebhookFilter,
  user: Type.String({ description: 'For whom it hears.' }),
  project: orNull(Type.String()),
  hears: oneOf(['all', 'own'] as const, 'Of everything, or of leases that its owner sees.'),
  state: oneOf(WEBHOOK_STATES),
  reason: orNull(
    strict({
      code: oneOf(WEBHOOK_REASONS),
      detail: Type.String(),
      since: orNull(at),
    }),
    'Why it is not active; null: it is.',
  ),
  cursor: Type.Integer({ description: 'Turns up to this one have been delivered, or held nothing for it.' }),
  until: orNull(at, 'When the credential ends that it was made or changed with; null: it does not.'),
  created: at,
  by: Type.String({ description: 'Who made it.' }),
};
export const Webhook = strict(members);
export type WebhookView = Static<typeof Webhook>;

export const NewWebhook = strict({
  ...members,
  secret: Type.String({ description: 'What deliveries are signed with: `whsec_` and base64. Shown this once.' }),
});
export type NewWebhookView = Static<typeof NewWebhook>;

export const WebhookParams = strict({ id: Type.String({ pattern: '^[a-z0-9]{12}$' }) });
export const WebhookPage = page(Type.Ref('Webhook'));

export const WebhookReplay = strict({
  after: Type.Integer({ minimum: 0, description: 'Later turns are sent again, with the ids that they had.' }),
});

export const WebhookDelivery = strict({
  message: Type.String({ description: '`webhook-id`: the same for all attempts.' }),
  turn: orNull(Type.Integer(), 'null: it was a test.'),
  at,
  attempt: Type.Integer(),
  result: oneOf(['delivered', 'gone', 'failed', 'refused'] as const, '`refused`: it was not sent.'),
  status: orNull(Type.Integer(), 'What was answered.'),
  detail: orNull(Type.String()),
  ms: Type.Integer({ description: 'How long it took.' }),
});
export type WebhookDeliveryView = Static<typeof WebhookDelivery>;
export const WebhookDeliveryPage = strict({ items: Type.Array(WebhookDelivery) });
