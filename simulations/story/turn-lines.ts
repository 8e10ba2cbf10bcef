/** A turn in short sentences, one an event. */

import type { Event, LeaseId, ResourceType, Turn } from '../../engine/index.js';
import { formatInstant } from '../written-times.js';
import { leasesOf, preemptorsOf } from './mentions.js';
import { decisionPhrase, observationPhrase, requestPhrase } from './sentences.js';

export interface TurnLine {
  readonly turn: number;
  readonly at: string;
  readonly what: string;
}

/** Of a decision about many leases so many are named. */
const NAMED_MAX = 8;

/** `lease`: only what is about this one; null: everything. */
export function linesOf(turn: Turn, resources: readonly ResourceType[], lease: LeaseId | null): TurnLine[] {
  const base = { turn: turn.number, at: formatInstant(turn.now) };
  const lines: TurnLine[] = [];
  for (const input of turn.inputs) {
    if (lease !== null && !isAbout(input, lease)) continue;
    const phrase = 'at' in input ? observationPhrase(input) : requestPhrase(input, resources);
    lines.push({ ...base, what: `${nameOf(input, lease)}${phrase}` });
  }
  for (const decision of turn.decisions) {
    if (lease !== null && !isAbout(decision, lease)) continue;
    const index = lease === null ? 0 : Math.max(0, leasesOf(decision).indexOf(lease));
    lines.push({ ...base, what: `${nameOf(decision, lease)}${decisionPhrase(decision, { index, from: null })}` });
  }
  return lines;
}

/** Whether the event names the lease, or those that make room for it. */
export function isAbout(event: Event, lease: LeaseId): boolean {
  return leasesOf(event).includes(lease) || preemptorsOf(event).includes(lease);
}

function nameOf(event: Event, lease: LeaseId | null): string {
  const leases = leasesOf(event);
  if (lease !== null && leases.includes(lease)) return `${lease}: `;
  if (leases.length === 0) return '';
  const more = leases.length - NAMED_MAX;
  return `${leases.slice(0, NAMED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}: `;
}
