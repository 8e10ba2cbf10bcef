/** Whether leases that have just been asked for are admitted, before anybody looks for room; then what they cost. */

import { hasQuotas } from '../../model/quotas.js';
import type { ADMISSIONS } from '../../model/policy.js';
import { type Reason, reason } from '../../model/reasons.js';
import type { Lease } from '../../state/live-lease.js';
import type { StateView } from '../../state/state.js';
import { needsApproval } from '../../state/approval.js';
import { isReady } from '../../state/dependents.js';
import { approvalDueAt } from '../../state/ends.js';
import { QuotaCount } from '../../state/quotas.js';
import { refuse } from '../answers.js';
import type { Draft } from '../draft.js';
import { offerFor, tell, tooDear } from '../pricing/offer.js';
import { ADMISSION } from './index.js';
import { minimumNotice } from './minimum-notice.js';
import { WrittenImages, writesImages } from './written-images.js';

/**
 * 1. the admission policy  2. minimum notice  3. images that are written  4. quotas  5. the price  6. whether it waits for an
 * approval.  O(leases) where there are quotas, or arrivals that write images, else O(arrivals).
 */
export function admitArrivals(draft: Draft): void {
  const { state } = draft;
  if (state.arrived.length === 0) return;
  const images = imagesBefore(state);
  if (images === null && admitsAll(state)) return;
  const admission = ADMISSION[state.policy.admission as (typeof ADMISSIONS)[number]];
  const quotas = countBefore(draft);
  for (const lease of state.arrived) {
    if (lease.phase === 'over' || draft.settled.has(lease)) continue;
    const fault: Reason | null =
      admission(state, lease) ?? minimumNotice(state, lease) ?? images?.judge(lease) ?? quotas?.judge(lease) ?? null;
    if (fault !== null) refuse(draft, lease, fault);
    else if (price(draft, lease)) {
      images?.add(lease);
      quotas?.add(lease);
      awaitApproval(draft, lease);
    }
  }
}

function admitsAll({ policy }: StateView): boolean {
  const { admission, minimumNotice: notice, quotas, pricing, approval = [] } = policy;
  const anything = admission === 'accept-all@1' && notice === 0 && pricing.kind === 'free' && approval.length === 0;
  return anything && !hasQuotas(quotas);
}

/** What is written by those who came before this turn's arrivals; null: no arrival writes any. */
function imagesBefore(state: StateView): WrittenImages | null {
  return state.arrived.some(writesImages) ? new WrittenImages(state, state.arrived[0]!.sequence) : null;
}

/** What accounts had before this turn's arrivals; null: there are no quotas. */
function countBefore({ state }: Draft): QuotaCount | null {
  if (!hasQuotas(state.policy.quotas)) return null;
  const quotas = new QuotaCount(state);
  const first = state.arrived[0]!.sequence;
  for (const lease of state.leases.values()) if (lease.sequence < first) quotas.add(lease);
  return quotas;
}

/** False if its user declines. A lease is priced once. */
function price(draft: Draft, lease: Lease): boolean {
  if (lease.offer !== null || draft.state.policy.pricing.kind === 'free') return true;
  const offer = offerFor(draft, lease, []);
  tell(draft, lease, offer);
  if (!offer.accepted) refuse(draft, lease, tooDear(lease, offer));
  return offer.accepted;
}

/** Who must be approved is passed over until then, or refused where there is no time for that. */
function awaitApproval(draft: Draft, lease: Lease): void {
  const { state, now } = draft;
  if (lease.unapproved || !needsApproval(state, lease, lease.terms.duration)) return;
  const until = approvalDueAt(state.policy, lease);
  if (until !== null && until <= now) return refuse(draft, lease, reason('not-approved'));
  draft.decisions.push({ type: 'ApprovalAwaited', lease: lease.id, until, reasons: [reason('awaiting-approval')] });
  if (isReady(lease)) draft.settled.set(lease, true); // else nobody considers it anyway
}
