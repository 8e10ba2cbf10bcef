/** Delivers all webhooks, as long as this service leads: the others would deliver the same. */

import { randomBytes } from 'node:crypto';
import { keepNote } from '../access/keep.js';
import { Tokens } from '../access/tokens.js';
import type { RouteDeps } from '../deps.js';
import { SharedPart } from '../event-feed.js';
import type { Follower, TurnListener } from '../follower.js';
import { ParsedTurns } from '../parsed-turns.js';
import { Problem } from '../problems.js';
import type { Attempt, CourierFigures, CourierPort } from './courier-port.js';
import { Delivery, type DeliveryDeps } from './delivery.js';
import type { Destinations } from '../../adapters/destinations.js';
import { WEBHOOK_LIMITS, type WebhookLimits } from './limits.js';
import { type Outcome, Poster } from './post.js';
import type { WebhookSecrets } from './secrets.js';
import { Places } from '../../adapters/places.js';
import { type StandingOf, standingOf } from './standing.js';
import { type Cursor, keyOfCursor, type Webhook, webhookOfKey, Webhooks } from './webhooks.js';

export interface CourierDeps extends Pick<RouteDeps, 'submit' | 'history'> {
  readonly follower: Follower;
  readonly isLeader: () => boolean;
  readonly destinations: Destinations;
  readonly secrets: WebhookSecrets;
  readonly limits?: WebhookLimits;
  /** For the service's own log. */
  readonly warn: (about: { readonly webhook: string }, detail: string) => void;
}

/** Many who wait for the next turn are woken for several at once, at most so late. */
const GATHER_MS_MAX = 100;
/** What is under way when the service stops has so long to be taken. */
const GRACE_MS = 1_000;
const LAST_SAVE_MS = 1_500;

export class Courier implements CourierPort, CourierFigures {
  readonly webhooks: Webhooks;
  readonly destinations: Destinations;
  readonly secrets: WebhookSecrets;
  readonly limits: WebhookLimits;
  onOutcome: (outcome: Outcome) => void = () => {};
  private readonly tokens: Tokens;
  private readonly poster: Poster;
  private readonly parts: DeliveryDeps;
  /** By webhook; empty while another service leads. */
  private readonly deliveries = new Map<string, Delivery>();
  private leads = false;
  private readonly closing = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly deps: CourierDeps) {
    const { follower, submit, history, destinations, secrets, limits = WEBHOOK_LIMITS } = deps;
    const notes = () => follower.state.notes;
    this.webhooks = new Webhooks(notes);
    this.tokens = new Tokens(notes, Date.now);
    this.destinations = destinations;
    this.secrets = secrets;
    this.limits = limits;
    this.poster = new Poster(destinations, limits);
    this.parts = {
      ...{ follower, submit, history, secrets, limits },
      tokens: this.tokens,
      poster: this.poster,
      places: new Places(limits.atOnce),
      shared: new SharedPart(),
      filterSources: {
        accountOf: (lease) => follower.record(lease)?.lease.terms ?? null,
        parsed: new ParsedTurns(),
      },
      gatherMs: () => Math.min(GATHER_MS_MAX, Math.floor(this.deliveries.size / 10)),
      onOutcome: (outcome) => this.onOutcome(outcome),
      warn: (webhook, detail) => deps.warn({ webhook }, detail),
    };
    follower.turnListeners.push(this.listener);
    this.timer = setInterval(() => void this.saveAll(), limits.saveMs).unref();
  }

  /** The service leads by now, or does no longer. O(notes) where that is new. */
  look(): void {
    const leads = this.deps.isLeader() && !this.closing.signal.aborted;
    if (leads === this.leads) return;
    this.leads = leads;
    if (!leads) {
      for (const delivery of this.deliveries.values()) void delivery.stop(0);
      this.deliveries.clear();
      return;
    }
    for (const webhook of this.webhooks.list()) this.take(webhook);
    // Whoever removed a webhook may have come no further than that.
    for (const key of this.deps.follower.state.notes.keys()) {
      const of = webhookOfKey(key);
      if (of?.isCursor === true && this.webhooks.get(of.id) === undefined) void this.forget(of.id);
    }
  }

  standing(webhook: Webhook): StandingOf {
    const cursor = this.deliveries.get(webhook.id)?.cursor ?? this.webhooks.cursor(webhook);
    const last = this.deliveries.get(webhook.id)?.recent.at(-1) ?? null;
    const { follower } = this.deps;
    return standingOf(webhook, cursor, last, follower.state.notes, this.tokens, this.secrets.keyId);
  }

  recent({ id }: Webhook): readonly Attempt[] {
    return [...this.delivering(id).recent].reverse();
  }

  async test({ id, signer }: Webhook): Promise<Attempt> {
    if (signer.key !== this.secrets.keyId)
      throw new Problem('webhook-state', 'this service does not have the key that its secret follows from; rotate it');
    const late = AbortSignal.timeout(this.limits.attemptMs);
    try {
      return await this.delivering(id).test(`${id}-ping-${randomBytes(8).toString('hex')}`, late);
    } catch (error) {
      if (late.aborted) throw new Problem('busy', 'too many webhooks are being delivered; try again later');
      throw error;
    }
  }

  figures(): { readonly states: ReadonlyMap<string, number>; readonly behind: number } {
    const states = new Map<string, number>();
    let behind = 0;
    for (const [id, { cursor }] of this.deliveries) {
      const webhook = this.webhooks.get(id);
      if (webhook === undefined) continue;
      const { state } = this.standing(webhook);
      states.set(state, (states.get(state) ?? 0) + 1);
      if (state !== 'disabled') behind = Math.max(behind, this.deps.follower.head - cursor.turn);
    }
    return { states, behind };
  }

  /** Lets what is under way be taken, and notes where each is. */
  async close(): Promise<void> {
    this.closing.abort();
    clearInterval(this.timer);
    await Promise.all([...this.deliveries.values()].map((delivery) => delivery.stop(GRACE_MS)));
    const late = new Promise<void>((resolve) => setTimeout(resolve, LAST_SAVE_MS).unref());
    await Promise.race([this.saveAll(), late]);
    this.deliveries.clear();
    this.poster.close();
  }

  private readonly listener: TurnListener = {
    before() {},
    after: ({ inputs }) => {
      if (!this.leads) return;
      for (const input of inputs) {
        const of = input.type === 'NoteKept' ? webhookOfKey(input.key) : null;
        if (of === null || input.type !== 'NoteKept') continue;
        if (!of.isCursor) this.changed(of.id);
        else if (input.value !== null) this.deliveries.get(of.id)?.heard(input.value);
      }
    },
  };

  private changed(id: string): void {
    const webhook = this.webhooks.get(id);
    const known = this.deliveries.get(id);
    if (webhook === undefined) {
      this.deliveries.delete(id);
      void known?.stop(0);
    } else if (known === undefined) this.take(webhook);
    else known.restart(webhook, null);
  }

  private take(webhook: Webhook): void {
    const cursor: Cursor = this.webhooks.cursor(webhook);
    this.deliveries.set(webhook.id, new Delivery(webhook, cursor, this.parts));
  }

  private delivering(id: string): Delivery {
    const delivery = this.deliveries.get(id);
    if (delivery === undefined) throw new Problem('not-ready', 'webhooks are not delivered here just now');
    return delivery;
  }

  /** What cannot be noted now is noted later, or sent again. */
  private async saveAll(): Promise<void> {
    await Promise.allSettled([...this.deliveries.values()].map((delivery) => delivery.save()));
  }

  private async forget(id: string): Promise<void> {
    await keepNote(this.deps, { key: keyOfCursor(id), value: null }).catch(() => {});
  }
}
