/**
 * Delivers one webhook: reads the log from where it stopped, and sends each turn that holds something for it, one after
 * another, again and again until it is taken. It is at least once: where it is, is noted in the log now and then, and whoever
 * goes on from there sends what came after that note again, with the same ids.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../access/caller.js';
import { changeNote, keepNote } from '../access/keep.js';
import type { Tokens } from '../access/tokens.js';
import { type FeedSources, feed, type SharedPart } from '../event-feed.js';
import type { FilterSources } from '../event-filter.js';
import type { RouteDeps } from '../deps.js';
import { formatInstant } from '../formats.js';
import type { Attempt } from './courier-port.js';
import type { WebhookLimits } from './limits.js';
import type { Outcome, Poster } from './post.js';
import type { WebhookSecrets } from './secrets.js';
import { signedHeaders } from './signing.js';
import type { Places } from '../../adapters/places.js';
import { WebhookFilter } from './webhook-filter.js';
import {
  type Cursor,
  type Disabled,
  hearerOf,
  keyOfCursor,
  keyOfWebhook,
  type Signer,
  type Webhook,
  writtenCursor,
  writtenWebhook,
} from './webhooks.js';

export interface DeliveryDeps extends FeedSources, Pick<RouteDeps, 'submit' | 'follower'> {
  readonly tokens: Pick<Tokens, 'isValid'>;
  readonly secrets: WebhookSecrets;
  readonly poster: Pick<Poster, 'post'>;
  readonly places: Places;
  readonly limits: WebhookLimits;
  readonly filterSources: FilterSources;
  readonly shared: SharedPart;
  /** So long turns are gathered that come close together. */
  readonly gatherMs: () => number;
  readonly onOutcome: (outcome: Outcome) => void;
  /** For the service's own log. */
  readonly warn: (webhook: string, detail: string) => void;
}

/** The log could not be read, or written: it is tried again after so long. */
const TROUBLE_MS = 5_000;
const HEARTBEAT_MS = 15_000;

export class Delivery {
  /** The latest last. */
  readonly recent: Attempt[] = [];
  private position: number;
  private failing: number | null;
  private saved: string;
  /** What is on its way into the log. */
  private saving: string | null = null;
  private unsaved = 0;
  private filter: WebhookFilter | null = null;
  private round = new AbortController();
  /** Ends what is under way, too. */
  private cut = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private webhook: Webhook,
    cursor: Cursor,
    private readonly deps: DeliveryDeps,
  ) {
    this.position = cursor.turn;
    this.failing = cursor.failingSince;
    this.saved = writtenCursor(cursor);
    this.begin();
  }

  get cursor(): Cursor {
    return { turn: this.position, failingSince: this.failing };
  }

  /** It was changed, or is to go on from elsewhere. What is under way is broken off, and sent again. */
  restart(webhook: Webhook, cursor: Cursor | null): void {
    this.halt();
    this.cut.abort();
    this.running = this.running.then(() => {
      this.webhook = webhook;
      // Whoever has changed it has it tried anew.
      this.failing = null;
      if (cursor === null) return;
      this.position = cursor.turn;
      this.saved = writtenCursor(cursor);
      this.unsaved = 0;
    });
    this.begin();
  }

  /** A note says how far it is: its own, or where it is to go on from. */
  heard(text: string): void {
    if (text !== this.saving) this.restart(this.webhook, JSON.parse(text) as Cursor);
  }

  /** Takes no other turn; resolves when what is under way has been taken, or `graceMs` have passed. */
  async stop(graceMs: number): Promise<void> {
    this.halt();
    const timer = setTimeout(() => this.cut.abort(), graceMs);
    await this.running;
    clearTimeout(timer);
  }

  /** Notes where it is, if there is a reason to. Rejects with a Problem. */
  async save(): Promise<void> {
    const { limits } = this.deps;
    const text = writtenCursor(this.cursor);
    const moved = (JSON.parse(this.saved) as Cursor).failingSince !== this.failing;
    const reason = this.unsaved > 0 || moved || (this.filter?.passed ?? 0) >= limits.saveTurns;
    if (!reason || this.saving !== null || text === this.saved) return;
    const { unsaved } = this;
    this.saving = text;
    try {
      await keepNote(this.deps, { key: keyOfCursor(this.webhook.id), value: text });
      this.saved = text;
      this.unsaved -= unsaved;
      if (this.filter !== null) this.filter.passed = 0;
    } finally {
      this.saving = null;
    }
  }

  /** Sends something to see whether it arrives. Rejects where `signal` is aborted before. */
  async test(message: string, signal: AbortSignal): Promise<Attempt> {
    const { webhook } = this;
    const at = Date.now();
    const body = JSON.stringify({ type: 'ping', timestamp: formatInstant(at), webhook: webhook.id, data: {} });
    const outcome = await this.post(message, body, signal);
    return this.note({ ...outcome, message, turn: null, at, attempt: 1 });
  }

  private begin(): void {
    const round = new AbortController();
    const cut = new AbortController();
    this.round = round;
    this.running = this.running.then(() => {
      this.cut = cut;
      return this.go(round.signal);
    });
  }

  private halt(): void {
    this.round.abort();
  }

  private async go(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const hearer = this.hearer();
        if (this.webhook.disabled !== null || hearer === null || !this.hasKey()) return;
        if (await this.deliverAll(hearer, signal)) return;
      } catch (error) {
        if (signal.aborted) return;
        this.deps.warn(this.webhook.id, (error as Error).message);
        await sleep(TROUBLE_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** False: they hear of something else by now. */
  private async deliverAll(hearer: Caller, signal: AbortSignal): Promise<boolean> {
    const { deps } = this;
    const filter = new WebhookFilter(this.webhook.id, this.webhook.wanted, hearer, deps.filterSources);
    this.filter = filter;
    const options = {
      after: this.position,
      follow: true,
      filter,
      heartbeatMs: HEARTBEAT_MS,
      shared: deps.shared,
      gatherMs: deps.gatherMs,
      signal,
    };
    for await (const { turns, upTo } of feed(deps, options)) {
      for (const { number, text } of turns) {
        if (!isSame(this.hearer(), hearer)) return false;
        if (!(await this.deliver(number, text, hearer, signal))) return signal.aborted;
        this.position = number;
        this.unsaved++;
        if (this.unsaved >= deps.limits.saveDeliveries) await this.save();
        if (signal.aborted) return true;
      }
      this.position = upTo;
      if (turns.length === 0) await deps.shared.pause();
    }
    return true;
  }

  /** Until it is taken. False: it is given up for now, as they hear no more, or it was switched off. */
  private async deliver(turn: number, text: string, hearer: Caller, signal: AbortSignal): Promise<boolean> {
    const { webhook, deps } = this;
    const message = `${webhook.id}-${turn}`;
    const body = bodyOf(webhook, text);
    for (let attempt = 1; !signal.aborted; attempt++) {
      if (!isSame(this.hearer(), hearer)) return false;
      const at = Date.now();
      const outcome = await this.post(message, body, signal);
      // What was broken off says nothing of the receiver.
      if (outcome.result !== 'delivered' && this.cut.signal.aborted) return false;
      this.note({ ...outcome, message, turn, at, attempt });
      if (outcome.result === 'delivered') {
        this.failing = null;
        return true;
      }
      if (this.failing === null) deps.warn(webhook.id, `it cannot be delivered: ${outcome.detail}`);
      this.failing ??= at;
      const disabled = this.reasonToDisable(outcome, at);
      if (disabled !== null) {
        await this.disable(disabled);
        return false;
      }
      await sleep(this.pauseAfter(attempt, outcome), undefined, { signal }).catch(() => {});
    }
    return false;
  }

  private async post(message: string, body: string, signal: AbortSignal): Promise<Outcome> {
    const { places, poster } = this.deps;
    const { cut } = this;
    return places.within(signal, () => {
      const headers = signedHeaders(message, Math.floor(Date.now() / 1000), body, this.secrets());
      return poster.post(this.webhook.url, headers, body, cut.signal);
    });
  }

  private note(attempt: Attempt): Attempt {
    this.recent.push(attempt);
    if (this.recent.length > this.deps.limits.recent) this.recent.shift();
    this.deps.onOutcome(attempt);
    return attempt;
  }

  private reasonToDisable({ result, detail }: Outcome, now: number): Disabled | null {
    if (result === 'gone') return { at: now, code: 'gone', detail: detail! };
    const { failingMsMax } = this.deps.limits;
    if (now - this.failing! < failingMsMax) return null;
    const days = Math.round(failingMsMax / 86_400_000);
    return { at: now, code: 'failing', detail: `nothing was delivered for ${days} days; the last time ${detail}` };
  }

  private async disable(disabled: Disabled): Promise<void> {
    const { webhook, deps } = this;
    deps.warn(webhook.id, `it is switched off: ${disabled.detail}`);
    await changeNote(deps, keyOfWebhook(webhook.id), (text) =>
      text === null ? null : writtenWebhook({ ...(JSON.parse(text) as Webhook), disabled }),
    );
  }

  /** Twice as long each time, and up to half as long again, so that those that failed together do not come back together. */
  private pauseAfter(attempt: number, { retryAfterMs }: Outcome): number {
    const { pauseMs, pauseMsMax } = this.deps.limits;
    const doubled = Math.min(pauseMsMax, pauseMs * 2 ** Math.min(attempt - 1, 30));
    return Math.max(retryAfterMs ?? 0, doubled * (1 + Math.random() / 2));
  }

  private hearer(): Caller | null {
    const { follower, tokens } = this.deps;
    return hearerOf(this.webhook, follower.state.notes, tokens, Date.now());
  }

  private hasKey(): boolean {
    return this.webhook.signer.key === this.deps.secrets.keyId;
  }

  /** Of those that sign now. */
  private secrets(): Buffer[] {
    const { id, signer, previous } = this.webhook;
    const { secrets } = this.deps;
    const signers: Signer[] = previous === null || previous.until <= Date.now() ? [signer] : [signer, previous];
    return signers.filter(({ key }) => key === secrets.keyId).map(({ generation }) => secrets.of(id, generation));
  }
}

/** The same for the same turn, whenever it is sent. The turn's own text is in it as it is. */
function bodyOf({ id }: Webhook, text: string): string {
  const { now } = JSON.parse(text) as { readonly now: number };
  const head = JSON.stringify({ type: 'turn', timestamp: formatInstant(now), webhook: id });
  return `${head.slice(0, -1)},"data":${text}}`;
}

/** Whether they hear of the same as then. */
function isSame(now: Caller | null, then: Caller): boolean {
  return now !== null && now.projects.length === then.projects.length;
}
