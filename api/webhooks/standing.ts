/** How a webhook does, in words. */

import type { Notes, Tokens } from '../access/tokens.js';
import { type Cursor, hearerOf, type Webhook } from './webhooks.js';

export const WEBHOOK_STATES = ['active', 'failing', 'disabled'] as const;
export const WEBHOOK_REASONS = ['failing', 'gone', 'by-request', 'owner-gone', 'key-missing'] as const;

export interface StandingOf {
  readonly state: (typeof WEBHOOK_STATES)[number];
  /** Why it is not active; null: it is. */
  readonly reason: {
    readonly code: (typeof WEBHOOK_REASONS)[number];
    readonly detail: string;
    readonly since: number | null;
  } | null;
  readonly cursor: Cursor;
}

export function standingOf(
  webhook: Webhook,
  cursor: Cursor,
  last: { readonly detail: string | null } | null,
  notes: Notes,
  tokens: Pick<Tokens, 'isValid'>,
  keyId: string,
): StandingOf {
  const { disabled, owner, signer } = webhook;
  const off = (reason: StandingOf['reason']): StandingOf => ({ state: 'disabled', reason, cursor });
  if (disabled !== null) return off({ code: disabled.code, detail: disabled.detail, since: disabled.at });
  if (hearerOf(webhook, notes, tokens, Date.now()) === null)
    return off({ code: 'owner-gone', detail: OWNER_GONE, since: owner.until });
  if (signer.key !== keyId) return off({ code: 'key-missing', detail: KEY_MISSING, since: null });
  if (cursor.failingSince === null) return { state: 'active', reason: null, cursor };
  const detail = last?.detail ?? 'it is tried again';
  return { state: 'failing', reason: { code: 'failing', detail, since: cursor.failingSince }, cursor };
}

const OWNER_GONE =
  'the token that it was made or changed with is over or was revoked, or its project is gone; whoever has another token ' +
  'of the owner takes it over by changing it';
const KEY_MISSING =
  'this service has another webhook.key than the one that its secret follows from; put that back, or rotate the secret';
