/**
 * What of the log a webhook is told. Notes of how far webhooks are, and of itself, it is not: each delivery would lead to the
 * next one. It counts the turns that hold anything else, since only these are a reason to note where a webhook is.
 */

import type { Event } from '../../engine/index.js';
import { EventFilter, type EventsWanted, type FilterSources, type Hearer } from '../event-filter.js';
import { webhookOfKey } from './webhooks.js';

export class WebhookFilter {
  /** Turns of others that went by since this was last set. */
  passed = 0;
  private readonly filter: EventFilter;

  constructor(
    private readonly webhook: string,
    wanted: EventsWanted,
    hearer: Hearer,
    private readonly sources: FilterSources,
  ) {
    this.filter = new EventFilter(wanted, hearer, sources);
  }

  /** As EventFilter has it. O(length of the turn). */
  partOf(text: string): string | null {
    const turn = this.sources.parsed.of(text);
    const inputs = turn.inputs.filter((event) => !this.isHidden(event));
    if (inputs.length === 0 && turn.decisions.length === 0) return null;
    this.passed++;
    const part = this.filter.partIn({ ...turn, inputs });
    return part === null ? null : JSON.stringify(part);
  }

  private isHidden(event: Event): boolean {
    const of = event.type === 'NoteKept' ? webhookOfKey(event.key) : null;
    return of !== null && (of.isCursor || of.id === this.webhook);
  }
}
