/** Quotas: what users and projects have of all leases that are not over, and who has too much already. */

import { type Quota, quotaOf } from '../model/quotas.js';
import { type Reason, reason } from '../model/reasons.js';
import { largestTerms } from './sizes.js';
import type { Lease } from './live-lease.js';
import type { StateView } from './state.js';
import { cpuOf } from './usage.js';

type Amounts = { -readonly [K in keyof Quota]: number };

const KINDS = ['user', 'project'] as const;
const LIMITS = ['leases', 'vms', 'cpu', 'advance'] as const;

/** Counts leases in order of arrival: each is judged by what those before it left. */
export class QuotaCount {
  private readonly had = { user: new Map<string, Amounts>(), project: new Map<string, Amounts>() };
  private readonly counted: Lease[] = [];

  constructor(private readonly state: StateView) {}

  add(lease: Lease): void {
    this.counted.push(lease);
    for (const kind of KINDS) {
      const account = lease.terms[kind];
      if (account === null || quotaOf(this.state.policy.quotas, kind, account) === null) continue;
      this.had[kind].set(account, sum(this.had[kind].get(account), this.amounts(lease)));
    }
  }

  /** Why the lease is too much; null: it is not. */
  judge(lease: Lease): Reason | null {
    for (const kind of KINDS) {
      const account = lease.terms[kind];
      const quota = account === null ? null : quotaOf(this.state.policy.quotas, kind, account);
      if (account === null || quota === null) continue;
      const amounts = this.amounts(lease);
      const total = sum(this.had[kind].get(account), amounts);
      for (const limit of LIMITS) {
        const most = quota[limit];
        if (most === null || amounts[limit] === 0 || total[limit] <= most) continue;
        const blockers = this.counted.filter(
          (other) => other.terms[kind] === account && this.amounts(other)[limit] > 0,
        );
        return reason('quota-exceeded', {
          resource: limit,
          need: total[limit],
          have: most,
          blockers: blockers.map((other) => other.id),
        });
      }
    }
    return null;
  }

  private amounts(lease: Lease): Amounts {
    const advance = lease.terms.start.kind === 'advance' ? 1 : 0;
    return { leases: 1, vms: lease.vms, cpu: cpuOf(this.state, largestTerms(this.state, lease)), advance };
  }
}

function sum(a: Amounts | undefined, b: Amounts): Amounts {
  if (a === undefined) return b;
  return { leases: a.leases + b.leases, vms: a.vms + b.vms, cpu: a.cpu + b.cpu, advance: a.advance + b.advance };
}
