/** What clients see of quotes and counter-offers. */

import { CURRENCY_PARTS, format, type StateView } from '../engine/index.js';
import type { Sight } from './access/sight.js';
import type { KeptQuote } from './asking/kept-quotes.js';
import type { CounterOffer } from './asking/messages.js';
import { formatDuration, formatInstant, formatInstantOrNull } from './formats.js';
import type { CounterOfferView, QuoteView } from './schemas/quote.js';
import { reasonView } from './views.js';

/** Leases that are foreign to whoever reads it have no names in it. */
export function quoteView({ id, quoting, validUntil }: KeptQuote, state: StateView, sight: Sight): QuoteView {
  return {
    id,
    feasible: quoting.feasible,
    earliestStart: formatInstantOrNull(quoting.start),
    latest: formatInstantOrNull(quoting.latest),
    nodes: quoting.nodes === null ? null : format(quoting.nodes),
    preempts: quoting.preempts.filter((lease) => sight.sees(lease)),
    preemptsOthers: quoting.preempts.filter((lease) => !sight.sees(lease)).length,
    price: quoting.price === null ? null : quoting.price / CURRENCY_PARTS,
    approval: quoting.approval,
    reasons: quoting.reasons.map((reason) => reasonView(reason, state, sight)),
    alternatives: quoting.alternatives.map(offerView),
    basedOn: quoting.turn,
    validUntil: formatInstant(validUntil),
  };
}

export function offerView({ kind, vms, duration, start, anywhere, begins }: CounterOffer): CounterOfferView {
  return {
    kind,
    ...(vms === undefined ? {} : { vms }),
    ...(duration === undefined ? {} : { duration: formatDuration(duration) }),
    ...(start === undefined ? {} : { start: startView(start) }),
    ...(anywhere === undefined ? {} : { where: null }),
    begins: formatInstant(begins),
  };
}

function startView(start: NonNullable<CounterOffer['start']>): NonNullable<CounterOfferView['start']> {
  if (start.kind === 'deadline')
    return { kind: 'deadline', notBefore: formatInstant(start.notBefore), by: formatInstant(start.by) };
  if (start.kind === 'advance') return { kind: 'advance', at: formatInstant(start.at) };
  throw new Error(`nobody is offered a start of kind ${start.kind}`);
}
