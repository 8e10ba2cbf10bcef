/**
 * Webhooks: notes in the log under `webhook/<id>`, so that every service of the log knows them. How far each has been
 * delivered is a note of its own, `webhook-cursor/<id>`, which changes more often.
 */

import { randomInt } from 'node:crypto';
import { Caller, type CallerOptions } from '../access/caller.js';
import { projectNote } from '../access/projects.js';
import type { Notes, Tokens } from '../access/tokens.js';
import { canonical } from '../canonical.js';
import type { EventsWanted } from '../event-filter.js';
import type { WebhookLimits } from './limits.js';

/** For whom it hears: whoever made it, or changed it last, with what they could then. Times as of the wall clock. */
export interface Owner {
  readonly subject: string;
  readonly roles: CallerOptions['roles'];
  readonly scopes: CallerOptions['scopes'];
  readonly projects: readonly string[];
  /** The API token that they had; null: another credential. */
  readonly token: string | null;
  /** When what they had shown ends; null: it does not. */
  readonly until: number | null;
}

/** Which secret signs: see WebhookSecrets. `key`: the key that it follows from. */
export interface Signer {
  readonly generation: number;
  readonly key: string;
}

export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly wanted: EventsWanted;
  readonly owner: Owner;
  readonly by: string;
  readonly created: number;
  /** It hears of later turns. */
  readonly after: number;
  readonly signer: Signer;
  /** The one before, which signs beside it until then. */
  readonly previous: (Signer & { readonly until: number }) | null;
  readonly disabled: Disabled | null;
}

export interface Disabled {
  readonly at: number;
  readonly code: 'by-request' | 'gone' | 'failing';
  readonly detail: string;
}

/** How far it is. `failingSince`: nothing has been delivered since, although it was tried. */
export interface Cursor {
  readonly turn: number;
  readonly failingSince: number | null;
}

const PREFIX = 'webhook/';
const CURSOR_PREFIX = 'webhook-cursor/';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 12;

export class Webhooks {
  private readonly read = new Map<string, { readonly text: string; readonly webhook: Webhook }>();

  /** `notes`: those of the latest turn. */
  constructor(private readonly notes: () => Notes) {}

  get(id: string): Webhook | undefined {
    const text = this.notes().get(keyOfWebhook(id));
    if (text === undefined) {
      this.read.delete(id);
      return undefined;
    }
    const before = this.read.get(id);
    if (before?.text === text) return before.webhook;
    const webhook: Webhook = { id, ...(JSON.parse(text) as Omit<Webhook, 'id'>) };
    this.read.set(id, { text, webhook });
    return webhook;
  }

  /** All of them, the oldest first. O(notes log webhooks). */
  list(): Webhook[] {
    const all: Webhook[] = [];
    for (const key of this.notes().keys()) if (key.startsWith(PREFIX)) all.push(this.get(key.slice(PREFIX.length))!);
    return all.sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  }

  cursor({ id, after }: Webhook): Cursor {
    const text = this.notes().get(keyOfCursor(id));
    return text === undefined ? { turn: after, failingSince: null } : (JSON.parse(text) as Cursor);
  }
}

/** 62 bits. */
export function newWebhookId(): string {
  return Array.from({ length: ID_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

export function keyOfWebhook(id: string): string {
  return `${PREFIX}${id}`;
}

export function keyOfCursor(id: string): string {
  return `${CURSOR_PREFIX}${id}`;
}

/** Which webhook the note is of, and whether it says how far that is; null: of none. */
export function webhookOfKey(key: string): { readonly id: string; readonly isCursor: boolean } | null {
  if (key.startsWith(PREFIX)) return { id: key.slice(PREFIX.length), isCursor: false };
  return key.startsWith(CURSOR_PREFIX) ? { id: key.slice(CURSOR_PREFIX.length), isCursor: true } : null;
}

export function writtenWebhook({ id: _, ...note }: Webhook): string {
  return canonical(note);
}

export function writtenCursor(cursor: Cursor): string {
  return canonical(cursor);
}

/** Whoever makes it, or changes it. What an issuer has vouched for lasts a while; what a token, as long as that. */
export function ownerOf(caller: Caller, { vouchedMs }: Pick<WebhookLimits, 'vouchedMs'>, now: number): Owner {
  const { subject, roles, scopes, projects, tokenId: token, how, expires } = caller;
  const until = how === 'oidc' ? now + vouchedMs : expires;
  return { subject, roles, scopes: [...scopes], projects, token, until };
}

/** For whom it hears now; null: they may not any more. */
export function hearerOf(
  { owner }: Webhook,
  notes: Notes,
  tokens: Pick<Tokens, 'isValid'>,
  now: number,
): Caller | null {
  const { token, until } = owner;
  if (until !== null && now >= until) return null;
  if (token !== null && !tokens.isValid(token)) return null;
  const projects = owner.projects.filter((name) => projectNote(notes, name) !== null);
  // Somebody of no project sees what is theirs alone: who has lost their last one is somebody else.
  if (owner.projects.length > 0 && projects.length === 0) return null;
  return callerWith({ ...owner, projects });
}

/** Whether they know of it, and may change it: what hears of everything is for those alone to whom nothing is foreign. */
export function knows(caller: Caller, webhook: Webhook): boolean {
  const owner = callerWith(webhook.owner);
  return caller.seesAll || (!owner.seesAll && caller.mayChange(accountOf(webhook.owner)));
}

export function mayChange(caller: Caller, webhook: Webhook): boolean {
  return caller.has('operator') || (knows(caller, webhook) && caller.mayChange(accountOf(webhook.owner)));
}

/** Whether they hear of everything. */
export function hearsAll({ owner }: Webhook): boolean {
  return callerWith(owner).seesAll;
}

/** Limits count by it. */
export function accountOf({ subject, projects }: Owner): { readonly user: string; readonly project: string | null } {
  return { user: subject, project: projects[0] ?? null };
}

function callerWith({ subject, roles, scopes = null, projects }: Owner): Caller {
  return new Caller({ subject, roles, projects, how: 'token', scopes });
}
