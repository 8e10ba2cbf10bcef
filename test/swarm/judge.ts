/** What must hold after every turn, whatever happened. Looks at the state from outside and believes nothing. */

import {
  addInto,
  type Decision,
  decodeState,
  decodeTurn,
  encodeState,
  encodeTurn,
  expand,
  FOREVER,
  type Lease,
  nextWakeup,
  nodesOf,
  type Policy,
  type Pool,
  Profile,
  removeAll,
  schedule,
  type State,
  type Turn,
  toSet,
} from '../../engine/index.js';

export class Broken extends Error {}

function must(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Broken(rule);
}

/** Judges the state that a turn left behind. `adopted`: when the policy was adopted by which it was made. */
export function judgeTurn(state: State, turn: Turn, adopted: number): void {
  must(encodeTurn(decodeTurn(encodeTurn(turn))) === encodeTurn(turn), 'a turn decodes to what was encoded');
  const before = encodeState(state);
  // Resizes are answered when all others have been: a lease that was to be resized made no room in this turn, and where it is,
  // the front begins later, so that more fits beside it. Both are the next turn's.
  const resizes = turn.inputs.some(({ type }) => type === 'LeaseResizeRequested');
  const again = schedule(state, state.now);
  must(again.length === 0 || resizes, `schedule after its own decisions decides nothing, not ${JSON.stringify(again)}`);
  must(encodeState(state) === before, 'schedule changes nothing');
  must(encodeState(decodeState(before)) === before, 'a snapshot is what was saved');
  must(state.changes.length === 0, 'every change that was asked for has its answer');
  for (const pool of state.pools) judgePool(state, pool);
  for (const lease of state.leases.values()) judgeLease(state, lease);
  for (const lease of state.queue) judgeOutline(state, lease);
  judgeTransfers(state);
  for (const decision of turn.decisions) if (decision.type === 'StartOrdered') judgeImages(state, decision, adopted);
  nextWakeup(state, state.now); // throws when something that is due was not dealt with
}

/** The outline of a lease that waits is what it holds, and no longer than that takes. */
function judgeOutline({ outlines }: State, { slot, loads, from, vms, remaining }: Lease): void {
  must(outlines.from(slot) === (loads === null ? 0 : from), 'an outline begins with its reservation');
  if (loads === null) return;
  must(outlines.vms(slot) === vms && outlines.length(slot) <= remaining, 'an outline asks for no more than its lease');
}

/** The profile is what the leases hold, and nobody holds what is not there. */
function judgePool(state: State, pool: Pool): void {
  const total = pool.counted ? [expand(pool.nodes).length] : pool.leasable;
  const slow = new Profile(total);
  for (const lease of state.leases.values()) {
    for (const load of lease.loads ?? []) {
      if (load.pool !== pool.index) continue;
      must(pool.holders.has(lease), 'a lease that holds something is among the holders');
      const until = Math.min(load.before ?? FOREVER, lease.until);
      slow.add(Math.max(state.now, lease.from), until, load.amounts, -1);
    }
    for (const load of lease.later?.loads ?? [])
      if (load.pool === pool.index)
        slow.add(Math.max(state.now, lease.later!.from), lease.later!.until, load.amounts, -1);
  }
  for (const { nodes, from, until } of state.windows)
    if (until > state.now)
      for (const node of nodes)
        if (state.poolOf[node] === pool.index) slow.add(Math.max(state.now, from), until, pool.leasable, -1);
  for (const holder of pool.holders)
    must(holder.loads?.some((load) => load.pool === pool.index) === true, 'holders hold');
  const instants = new Set<number>([state.now]);
  for (const profile of [slow, pool.profile])
    profile.forEachSegment(state.now, (from) => instants.add(Math.max(from, state.now)));
  for (const at of instants)
    for (let r = 0; r < total.length; r++) {
      must(
        slow.freeAt(at, r) === pool.profile.freeAt(at, r),
        `the profile of pool ${pool.index} is what the leases hold at ${at}`,
      );
      must(
        slow.freeAt(at, r) >= 0,
        `pool ${pool.index} is never over capacity in the plan (resource ${r} at ${at}, now ${state.now})`,
      );
    }
  if (pool.counted && state.leaving.size === 0) {
    const open = pool.nodes.slice();
    for (const holder of pool.holders)
      if (holder.pools === null) removeAll(open, toSet([...holder.nodes!, ...(holder.arriving ?? [])]));
    must(JSON.stringify(open) === JSON.stringify(pool.open), 'open nodes are those that nobody is on');
  }
}

/** The repository sends one image at a time, and knows for whom. */
function judgeTransfers(state: State): void {
  state.transfers.forEach((transfer, i) => {
    const next = state.transfers[i + 1];
    must(
      next === undefined || transfer.until <= next.from,
      `transfers are planned one after another: ${transfer.id} until ${transfer.until}, ${next?.id} from ${next?.from}`,
    );
    must(transfer.uses.length > 0, 'every transfer is for somebody');
    for (const { lease, vms } of transfer.uses)
      must(
        vms.length === 0 || lease.preparation?.transfers.includes(transfer.id) === true,
        `lease ${lease.id} waits for what is sent to it`,
      );
  });
}

/** No VM starts on a node that its image has not reached, or is not just being sent to. */
function judgeImages(
  state: State,
  { lease: id, nodes }: Extract<Decision, { type: 'StartOrdered' }>,
  adopted: number,
): void {
  const lease = state.leases.get(id);
  if (lease === undefined || state.policy.preparation === 'none') return;
  // What was promised before images were sent begins without them.
  if (lease.promised && lease.submitted <= adopted) return;
  const on = expand(nodes);
  const images = lease.terms.groups.flatMap(({ image, vms }) => new Array<string | null>(vms).fill(image));
  for (const [i, image] of images.entries()) {
    if (image === null) continue;
    const isIt = (vms: readonly number[], where: readonly number[]) =>
      expand(vms).some((vm, k) => vm === i + 1 && expand(where)[k] === on[i]);
    const sent = lease.transfers.some((one) => one.image === image && isIt(one.vms, one.nodes));
    const kept = state.images.get(on[i]!)?.some((copy) => copy.image === image) === true;
    const late = state.transfers.some(
      ({ image: other, pending, uses }) =>
        other === image && pending !== null && uses.some((use) => use.lease === lease && isIt(use.vms, use.nodes)),
    );
    must(sent || kept || late, `VM ${i + 1} of lease ${id} starts on node ${on[i]} where its image is`);
  }
}

function judgeLease(state: State, lease: Lease): void {
  const { phase } = lease;
  must(phase !== 'over', 'a lease that is over has left the state');
  must(lease.remaining >= 0 && lease.remaining <= lease.terms.duration, 'what remains is within the duration');
  if (lease.loads !== null && lease.nodes !== null && lease.pools === null) judgePlacement(state, lease);
  const ready = !lease.held && !lease.unapproved && lease.waitsFor.length === 0;
  judgeMove(lease);
  judgeSize(state, lease);
  const returns = lease.terms.start.kind === 'deadline' && lease.pools !== null;
  if (phase === 'waiting' || phase === 'suspended')
    must(
      (state.queue.includes(lease) || state.unanswered.includes(lease)) === (ready && !returns),
      `a ${phase} lease stands in the queue if nothing but capacity keeps it waiting`,
    );
  if (lease.later !== null)
    must(
      lease.plan?.kind === 'suspend' && lease.later.from >= lease.until && lease.terms.start.kind === 'deadline',
      `capacity is held for the return of lease ${lease.id}, which is to be suspended`,
    );
  if (!ready)
    must(
      lease.loads === null || phase === 'stopping' || (lease.held && (phase === 'active' || phase === 'suspending')),
      `lease ${lease.id}, which is not ready, holds nothing`,
    );
  if (phase === 'active' && lease.held)
    must(lease.plan?.kind === 'suspend' || lease.plan?.kind === 'stop', `lease ${lease.id} is to be suspended`);
  for (const { lease: id, on } of lease.waitsFor) {
    must(state.leases.has(id), `lease ${lease.id} waits for leases that are not over`);
    must(
      on === 'end' || state.leases.get(id)!.firstStart === null,
      `lease ${lease.id} does not wait for what has begun`,
    );
  }
  if (phase === 'active') must(lease.clockFrom !== null, 'the clock of an active lease runs');
  must(
    (lease.clockFrom !== null) === lease.spans.some((span) => span.until === null),
    'a run is open while the clock runs',
  );
}

/** VMs are carried only while they run, and hold what they need on both sides. */
function judgeMove(lease: Lease): void {
  const carried = lease.pending.flatMap(({ decision }) => (decision.type === 'LiveMigrateOrdered' ? [decision] : []));
  if (carried.length === 0) {
    must(lease.arriving === null || lease.phase === 'stopping', `lease ${lease.id} has nothing on its way`);
    return;
  }
  for (const { vms, nodes } of carried)
    for (const node of expand(nodesOf(nodes, vms)))
      must(
        expand(lease.arriving ?? []).includes(node),
        `lease ${lease.id} holds node ${node}, where a VM is to arrive`,
      );
}

/** On shared nodes a lease holds what its VMs have, what they are to have until that is answered, and what is kept for them. */
function judgeSize(state: State, lease: Lease): void {
  const orders = lease.pending.flatMap(({ decision }) => (decision.type === 'ResizeOrdered' ? [decision] : []));
  must(orders.length <= 1, `lease ${lease.id} is resized once at a time`);
  if (lease.loads === null || lease.pools !== null || lease.arriving !== null) return;
  if (lease.phase === 'stopping') return; // its time is over also where a resize has no answer yet: what it held for that it keeps
  const more = orders[0]?.demands;
  const sums = new Map<number, number[]>();
  let vm = 0;
  for (const [g, { vms, demand }] of lease.terms.groups.entries())
    for (const last = vm + vms; vm < last; ) {
      const pool = state.pools[state.poolOf[nodesOf(lease.nodes!, [++vm, vm])[0]!]!]!;
      if (pool.counted) continue;
      const sum = sums.get(pool.index) ?? demand.map(() => 0);
      const each = pool.exclusive
        ? pool.capacity
        : demand.map((had, r) => Math.max(had, more?.[g]?.[r] ?? 0, lease.former?.demands[g]?.[r] ?? 0));
      addInto(sum, each, 1);
      sums.set(pool.index, sum);
    }
  for (const { pool, amounts } of lease.loads)
    if (!state.pools[pool]!.counted)
      must(amounts.join() === sums.get(pool)?.join(), `lease ${lease.id} holds what its VMs have in pool ${pool}`);
}

/** Every VM is somewhere, and on nodes that can hold it. */
function judgePlacement(state: State, lease: Lease): void {
  must(expand(lease.nodes!).length === lease.vms, 'every VM has a node');
  const used = new Map<number, number[]>();
  let vm = 0;
  for (const group of lease.terms.groups)
    for (let k = 0; k < group.vms; k++) {
      vm++;
      const node = nodesOf(lease.nodes!, [vm, vm])[0]!;
      const pool = state.pools[state.poolOf[node]!]!;
      const sum = used.get(node) ?? pool.leasable.map(() => 0);
      addInto(sum, group.demand, 1);
      used.set(node, sum);
      must(
        sum.every((amount, r) => amount <= pool.leasable[r]! && group.demand[r]! <= pool.capacity[r]!),
        `node ${node} can hold what lease ${lease.id} puts on it`,
      );
    }
}

/** Decisions that take a promise back, and say why. */
const REASONED = new Set<Decision['type']>(['ReservationDropped', 'StopOrdered', 'Requeued', 'Failed', 'Refused']);

/** Keeps an eye on promises: leases start on time, or as late as somebody was there to plan, or the log says why not. */
export class Promises {
  private readonly promised = new Map<string, number>();
  private readonly held = new Set<string>();
  /** Leases that this turn is to suspend, since their owners asked for that. */
  private asked = new Set<string>();
  private readonly queued = new Set<string>();
  private readonly deadlines = new Map<string, { readonly notBefore: number; readonly by: number }>();

  constructor(private readonly lateMs = 0) {}

  watch(turn: Turn): void {
    for (const input of turn.inputs)
      if (input.type === 'LeaseRequested' && input.terms.start.kind === 'deadline')
        this.deadlines.set(input.lease, input.terms.start);
    this.asked = new Set();
    for (const input of turn.inputs) this.watchInput(input);
    for (const decision of turn.decisions) {
      if (decision.type === 'Reserved') {
        this.promised.set(decision.lease, decision.from);
        this.keepsDeadline(decision.lease, decision.from, decision.until);
      } else if (decision.type === 'ReservationsMoved')
        decision.leases.forEach((lease, i) => {
          const before = this.promised.get(lease) ?? FOREVER;
          must(
            decision.cause !== 'capacity-released' || decision.from[i]! <= before,
            'compression only ever moves earlier',
          );
          this.promised.set(lease, decision.from[i]!);
          this.keepsDeadline(lease, decision.from[i]!, decision.until[i]!);
        });
      else if (decision.type === 'ChangeRefused' && this.asked.has(decision.lease)) this.held.delete(decision.lease);
      else if (decision.type === 'StartOrdered' || decision.type === 'ResumptionPlanned') {
        must(!this.held.has(decision.lease), `lease ${decision.lease}, which is on hold, does not begin`);
        const from = this.promised.get(decision.lease);
        if (from !== undefined)
          must(
            turn.now >= from && turn.now <= from + this.lateMs,
            `lease ${decision.lease} starts when promised (${from}), not at ${turn.now}`,
          );
        this.promised.delete(decision.lease);
      } else if (decision.type === 'SuspensionPlanned' && decision.resumption !== undefined) {
        const { from, until } = decision.resumption;
        this.promised.set(decision.lease, from);
        this.keepsDeadline(decision.lease, from, until);
      } else if (decision.type === 'PreemptionLifted') this.promised.delete(decision.lease);
      else if (REASONED.has(decision.type)) {
        must('reasons' in decision && decision.reasons.length > 0, 'there is a reason');
        this.promised.delete(decision.lease);
      }
    }
  }

  /** What takes a promise back, or allows it: a lease on hold never begins. */
  private watchInput(input: Turn['inputs'][number]): void {
    switch (input.type) {
      case 'LeaseRequested':
        if (input.terms.held === true) this.held.add(input.lease);
        if (['best-effort', 'immediate'].includes(input.terms.start.kind)) this.queued.add(input.lease);
        return;
      case 'LeaseHeld':
        this.held.add(input.lease);
        this.promised.delete(input.lease);
        return;
      case 'LeaseReleased':
        this.held.delete(input.lease);
        this.asked.delete(input.lease);
        return;
      case 'LeaseSuspensionRequested':
        this.held.add(input.lease);
        this.asked.add(input.lease);
        return;
      case 'PolicyAdopted':
        // Who waits, or is to come back, is planned anew; an advance lease keeps its instant.
        for (const lease of this.promised.keys())
          if (this.queued.has(lease) || this.deadlines.has(lease)) this.promised.delete(lease);
        return;
      case 'LeaseChangeRequested':
      case 'LeaseResizeRequested':
        if (this.queued.has(input.lease)) this.promised.delete(input.lease);
        return;
      case 'LeaseCancelled':
        this.promised.delete(input.lease);
        return;
      default:
    }
  }

  private keepsDeadline(lease: string, from: number, until: number): void {
    const deadline = this.deadlines.get(lease);
    if (deadline === undefined) return;
    must(from >= deadline.notBefore, `lease ${lease} begins no earlier than asked for`);
    must(until <= deadline.by, `lease ${lease} is planned to be over by its deadline`);
  }
}

/** Whoever was to follow others began when they had begun or were done, or did not begin at all. */
export function judgeDependencies(over: ReadonlyMap<string, Lease>): void {
  for (const lease of over.values())
    for (const { lease: id, on } of lease.terms.after ?? []) {
      const other = over.get(id);
      if (lease.firstStart === null || other === undefined) continue;
      const met = on === 'start' ? other.firstStart : other.outcome === 'done' ? other.ended : null;
      must(met !== null && met <= lease.firstStart, `lease ${lease.id} begins after the ${on} of ${id}`);
    }
}

/** With exclusion across leases, no two VMs are saved or brought back at once on a node (or, if global, anywhere). */
export function judgeExclusion(policy: Policy, leases: Iterable<Lease>): void {
  if (!policy.suspendExclusionAcross) return;
  const lanes = new Map<number, { from: number; until: number; lease: string }[]>();
  for (const lease of leases)
    for (const span of lease.spans) {
      if (span.kind !== 'suspension' && span.kind !== 'resumption') continue;
      const nodes =
        policy.suspendExclusion === 'global' ? [0] : expand(nodesOf(span.nodes, span.vms ?? [1, lease.vms]));
      for (const node of nodes) {
        const lane = lanes.get(node) ?? [];
        lanes.set(node, lane);
        lane.push({ from: span.from, until: span.until!, lease: lease.id });
      }
    }
  for (const [node, lane] of lanes) {
    lane.sort((a, b) => a.from - b.from || a.until - b.until);
    for (let i = 1; i < lane.length; i++)
      must(
        lane[i]!.from >= lane[i - 1]!.until || lane[i]!.until === lane[i]!.from,
        `VMs of ${lane[i - 1]!.lease} and ${lane[i]!.lease} are not saved at once on node ${node}: ${JSON.stringify(lane.slice(i - 1, i + 1))}`,
      );
  }
}
