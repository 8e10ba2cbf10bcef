/**
 * Counter-offers: what could be had instead of a lease that cannot be had, or that waits. Each has been tried: it would be
 * accepted at that turn.
 */

import { type Duration, FOREVER, type Instant, type Reason, type Start, type Terms } from '../../engine/index.js';
import type { CounterOffer, Quoting } from './messages.js';

/** What was asked for, and what was said to that. */
export interface Declined {
  readonly now: Instant;
  readonly terms: Terms;
  readonly quote: Pick<Quoting, 'start'>;
  readonly reasons: readonly Reason[];
}

/** What becomes of other terms; of a lease that waits only whether it begins before `before`. */
type Attempt = (terms: Terms, before: Instant) => Quoting;

/** A shorter lease lasts some sixteenths of what was asked for, in whole minutes where it is longer than that. */
const PARTS = 16;
const MINUTE = 60_000;

/** In this order: less, shorter, later, elsewhere; each at most once. O((log VMs + 6) trials). */
export function counterOffers(declined: Declined, attempt: Attempt): CounterOffer[] {
  const offers: CounterOffer[] = [];
  const begins: Begins = (terms, before) => beginning(declined, attempt(terms, before));
  const found = [
    less(declined, begins),
    shorter(declined, begins),
    later(declined, begins),
    elsewhere(declined, begins),
  ];
  for (const offer of found) if (offer !== null) offers.push(offer);
  return offers;
}

/** When the other lease would begin; null: it cannot be had, or begins no earlier than what was asked for. */
function beginning({ terms, quote }: Declined, { feasible, start }: Quoting): Instant | null {
  if (!feasible || start === null) return null;
  if (terms.start.kind !== 'best-effort') return start;
  return quote.start === null || start < quote.start ? start : null;
}

type Begins = (terms: Terms, before: Instant) => Instant | null;

/** As many of its VMs as can be had at that time; of a lease that waits, just now. */
function less({ terms, now }: Declined, begins: Begins): CounterOffer | null {
  const [group, ...others] = terms.groups;
  if (group === undefined || others.length > 0 || group.vms === 1) return null;
  const found = most(group.vms - 1, (vms) => begins({ ...terms, groups: [{ ...group, vms }] }, now + 1));
  return found === null ? null : { kind: 'less', vms: found.amount, begins: found.begins };
}

function shorter({ terms, now }: Declined, begins: Begins): CounterOffer | null {
  const lasting = (parts: number) => wholeMinutes(Math.floor((terms.duration * parts) / PARTS));
  const found = most(PARTS - 1, (parts) => {
    const duration = lasting(parts);
    return duration < 1 ? null : begins({ ...terms, duration }, now + 1);
  });
  return found === null ? null : { kind: 'shorter', duration: lasting(found.amount), begins: found.begins };
}

/** The same at the next instant at which there is room. */
function later({ terms, reasons }: Declined, begins: Begins): CounterOffer | null {
  const at = reasons.length === 1 ? reasons[0]!.earliestRelease : null;
  const start = at === null ? null : laterStart(terms, at);
  if (start === null) return null;
  const from = begins({ ...terms, start }, FOREVER);
  return from === null ? null : { kind: 'later', start, begins: from };
}

function laterStart({ start, duration }: Terms, at: Instant): Start | null {
  switch (start.kind) {
    case 'advance':
    case 'immediate':
      return { kind: 'advance', at };
    case 'deadline':
      return { kind: 'deadline', notBefore: start.notBefore, by: at + duration };
    case 'best-effort':
      return null;
  }
}

/** Whatever nodes it asks for. */
function elsewhere({ terms, quote }: Declined, begins: Begins): CounterOffer | null {
  if (terms.where === null) return null;
  const from = begins({ ...terms, where: null }, quote.start ?? FOREVER);
  return from === null ? null : { kind: 'elsewhere', anywhere: true, begins: from };
}

/** The largest of 1 to `limit` for which there is a beginning, if whatever is less than one that does does, too. */
function most(limit: number, begins: (amount: number) => Instant | null) {
  let found: { readonly amount: number; readonly begins: Instant } | null = null;
  for (let low = 1, high = limit; low <= high; ) {
    const amount = (low + high) >>> 1;
    const from = begins(amount);
    if (from === null) high = amount - 1;
    else {
      found = { amount, begins: from };
      low = amount + 1;
    }
  }
  return found;
}

function wholeMinutes(duration: Duration): Duration {
  return duration < MINUTE ? duration : duration - (duration % MINUTE);
}
