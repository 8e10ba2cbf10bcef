/** Leases that wait for an approval, and are warned of their end, strewn over a scenario; and what must hold of them. */

import type { Arrival } from '../../adapters/simulated/world.js';
import {
  type ApprovalRule,
  type Command,
  type Lease,
  Random,
  type State,
  type Turn,
  type Warning,
} from '../../engine/index.js';
import { Broken } from './judge.js';
import { type Scenario, scenario } from './workload.js';

const MINUTE = 60_000;

/** The scenario, or that of this seed, with approvals and warnings, from a random source of its own. */
export function approvalScenario(seed: number, plain: Scenario = scenario(seed)): Scenario {
  const random = new Random(seed ^ 0xa99e);
  const arrivals: Arrival[] = [];
  const submitted: string[] = [];
  for (const arrival of plain.arrivals) {
    arrivals.push(withWarnings(random, arrival));
    if (arrival.command.type === 'SubmitLease') submitted.push(arrival.command.lease);
    for (let asked = submitted.length === 0 ? 0 : random.below(3); asked > 0; asked--) {
      const at = arrival.at + random.below(30) * MINUTE;
      arrivals.push({ at, run: null, command: randomAnswer(random, submitted) });
    }
  }
  arrivals.sort((a, b) => a.at - b.at);
  const end = (arrivals.at(-1)?.at ?? 0) + 1;
  // Whatever waits is answered in the end, so that everything can end.
  for (const lease of submitted) {
    const answer = random.chance(3, 4) ? 'ApproveLease' : 'RejectLease';
    arrivals.push({ at: end, run: null, command: { type: answer, lease, by: 'the last', text: null } });
    arrivals.push({ at: end, run: null, command: { type: 'ReleaseLease', lease } });
  }
  const rules = Array.from({ length: 1 + random.below(2) }, () => randomRule(random));
  return { ...plain, policy: { ...plain.policy, approval: rules }, arrivals, end };
}

function randomRule(random: Random): ApprovalRule {
  switch (random.below(5)) {
    case 0:
      return { kinds: [random.pick(['best-effort', 'advance', 'deadline', 'immediate'] as const)] };
    case 1:
      return { vmsOver: 1 + random.below(3) };
    case 2:
      return { durationOver: (10 + random.below(50)) * MINUTE };
    case 3:
      return { cpuOver: 1000 + random.below(3000), durationOver: 5 * MINUTE };
    default:
      return {};
  }
}

function withWarnings(random: Random, arrival: Arrival): Arrival {
  const { command } = arrival;
  if (command.type !== 'SubmitLease' || random.chance(1, 3)) return arrival;
  const { duration } = command.terms;
  const before = Array.from({ length: 1 + random.below(4) }, () => 1 + random.below(duration));
  if (random.chance(1, 8)) before.push(duration);
  const warnings = [...new Set(before)].sort((a, b) => b - a);
  return { ...arrival, command: { ...command, terms: { ...command.terms, warnings } } };
}

function randomAnswer(random: Random, submitted: readonly string[]): Command {
  const lease = random.pick(random.chance(1, 4) ? submitted : submitted.slice(-6));
  switch (random.below(10)) {
    case 0:
      return { type: 'RejectLease', lease, by: 'ann', text: random.pick([null, 'too large']) };
    case 1:
      return { type: 'CancelLease', lease };
    case 2:
      return { type: 'HoldLease', lease };
    case 3:
      return { type: 'ReleaseLease', lease };
    case 4:
      return { type: 'ExtendLease', lease, to: { by: (1 + random.below(60)) * MINUTE }, approver: 'ann' };
    case 5:
      return random.pick<Command>([
        { type: 'ExtendLease', lease, to: { by: (1 + random.below(60)) * MINUTE } },
        { type: 'ShrinkLease', lease, to: { by: (1 + random.below(40)) * MINUTE } },
        { type: 'SuspendLease', lease },
        { type: 'ResumeLease', lease },
      ]);
    default:
      return { type: 'ApproveLease', lease, by: 'bob' };
  }
}

function must(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Broken(rule);
}

/** Keeps an eye on who waits for an approval, and on who is warned of what. */
export class Approvals {
  private readonly waiting = new Set<string>();
  /** What each lease was warned of last. */
  private readonly given = new Map<string, Warning>();

  watch(state: State, turn: Turn): void {
    for (const input of turn.inputs) if (input.type === 'LeaseApproved') this.waiting.delete(input.lease);
    for (const decision of turn.decisions) {
      if (decision.type === 'ApprovalAwaited') this.waiting.add(decision.lease);
      else if (decision.type === 'StartOrdered' || decision.type === 'Reserved')
        must(!this.waiting.has(decision.lease), `lease ${decision.lease} begins, and waits for an approval`);
      else if (decision.type === 'LeaseEnding') {
        const { end, before, lease } = decision;
        must(end > turn.now, `lease ${lease} is warned of an end that has not come`);
        must(end - before <= turn.now, `lease ${lease} is not warned too early`);
        const last = this.given.get(lease);
        must(last?.end !== end || before < last.before, `lease ${lease} is warned once of what is the same`);
        this.given.set(lease, { end, before });
      }
    }
    for (const lease of state.leases.values()) {
      must(lease.unapproved === this.waiting.has(lease.id), `lease ${lease.id} waits for an approval until it has it`);
      if (lease.unapproved)
        must(lease.phase === 'waiting' && lease.loads === null, 'who is not approved holds nothing');
      judgeWarnings(state, lease);
    }
  }
}

/** What is due has been said, or is about to be. Written without the scheduler's own arithmetic. */
function judgeWarnings({ now, policy }: State, lease: Lease): void {
  const { warnings = [] } = lease.terms;
  if (lease.phase !== 'active' || lease.plan !== null || lease.loads === null) return;
  const end = lease.until - policy.shutdownTime - policy.enactmentOverhead * lease.vms;
  const due = warnings.filter((before) => end - before <= now);
  const said = lease.warned?.end === end && due.every((before) => before >= lease.warned!.before);
  const soon = lease.alarm !== null && lease.alarm <= now + 1;
  must(due.length === 0 || said || soon, `lease ${lease.id} is warned of its end in time`);
  if (lease.warned !== null) must(warnings.includes(lease.warned.before), 'warnings are those that were asked for');
}
