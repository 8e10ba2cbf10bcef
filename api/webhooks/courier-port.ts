/** Who delivers webhooks, as routes and metrics know them. */

import type { Destinations } from '../../adapters/destinations.js';
import type { WebhookLimits } from './limits.js';
import type { Outcome } from './post.js';
import type { WebhookSecrets } from './secrets.js';
import type { StandingOf } from './standing.js';
import type { Webhook, Webhooks } from './webhooks.js';

/** One attempt, as it is told. */
export interface Attempt extends Outcome {
  /** The same for every attempt to deliver the same. */
  readonly message: string;
  /** Null: it was a test. */
  readonly turn: number | null;
  readonly at: number;
  readonly attempt: number;
}

export interface CourierPort {
  readonly webhooks: Webhooks;
  readonly destinations: Pick<Destinations, 'urlOf'>;
  readonly secrets: WebhookSecrets;
  readonly limits: WebhookLimits;
  /** How a webhook does, as far as this service knows. */
  standing(webhook: Webhook): StandingOf;
  /** The last deliveries, the latest first. Throws a Problem where another service knows. */
  recent(webhook: Webhook): readonly Attempt[];
  /** Sends something now, whatever else is to be delivered. Throws a Problem. */
  test(webhook: Webhook): Promise<Attempt>;
}

/** What is measured of it. */
export interface CourierFigures {
  /** How many webhooks there are in each state, and how many turns the last of those that are delivered is behind. */
  figures(): { readonly states: ReadonlyMap<string, number>; readonly behind: number };
  /** Hears of every attempt. */
  onOutcome: (outcome: Outcome) => void;
}
