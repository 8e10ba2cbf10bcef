/**
 * What-ifs: the present goes on in a simulated world, once as it is and once with something otherwise, and the two are held
 * against each other. Leases run for as long as they may; nobody asks for anything more.
 */

import { restoreInto } from '../adapters/simulated/restored.js';
import { SimulatedCluster } from '../adapters/simulated/cluster.js';
import { type Arrival, SimulatedWorld } from '../adapters/simulated/world.js';
import {
  type Answer,
  type Command,
  decodeState,
  type Duration,
  empty,
  forkState,
  format,
  FOREVER,
  type Instant,
  type Lease,
  type LeaseId,
  type NodeClass,
  run,
  type Span,
  type State,
  type Turn,
} from '../engine/index.js';
import { type Course, courseOf, type Difference, differences } from './diff/course.js';
import { unkept, until, withoutGiven } from './diff/going-on.js';
import { NOTHING } from './diff/logged-part.js';
import { Counting, type Totals } from './diff/totals.js';

export interface WhatIf {
  /** The state that it goes on from, as text, and all nodes that ever joined. */
  readonly snapshot: string;
  readonly nodes: readonly NodeClass[];
  /** The present, not earlier than the state. */
  readonly now: Instant;
  /** What is otherwise: asked for just now. */
  readonly changes: readonly Command[];
  /** Nothing is looked at behind it; null: until all leases are over. */
  readonly horizon: Duration | null;
}

/** What a lease did, or does until the horizon: on these nodes, VM by VM. */
export interface Bar {
  readonly lease: LeaseId;
  readonly activity: Span['kind'];
  readonly from: Instant;
  readonly until: Instant | null;
  readonly nodes: string;
}

export interface Outcome {
  readonly totals: Totals;
  /** In order of beginning. */
  readonly bars: readonly Bar[];
}

export interface Compared {
  readonly from: Instant;
  /** Until when both were looked at. */
  readonly to: Instant;
  readonly baseline: Outcome;
  readonly variant: Outcome;
  /** Leases that go otherwise. */
  readonly differences: readonly Difference[];
  /** Changes that were not accepted, and why. */
  readonly notAccepted: readonly { readonly command: Command['type']; readonly detail: string }[];
}

/** How far it is, in thousandths, as far as that can be told. */
export type OnProgress = (thousandths: number) => void;

const PROGRESS_TURNS = 64;

/** Runs both to their end. O(work of the scheduler, twice). */
export async function compare(whatIf: WhatIf, onProgress: OnProgress = () => {}): Promise<Compared> {
  const end = whatIf.horizon === null ? FOREVER : whatIf.now + whatIf.horizon;
  const state = decodeState(whatIf.snapshot);
  const [baseline, variant] = [new Going(forkState(state), whatIf, []), new Going(state, whatIf, whatIf.changes)];
  await baseline.live(end, (part) => onProgress(Math.floor(part / 2)));
  await variant.live(end, (part) => onProgress(500 + Math.floor(part / 2)));
  const to = end === FOREVER ? Math.max(baseline.state.now, variant.state.now) : end;
  return {
    from: whatIf.now,
    to,
    baseline: baseline.outcome(to),
    variant: variant.outcome(to),
    differences: differences(baseline.courses(), variant.courses()),
    notAccepted: variant.notAccepted,
  };
}

/** One of the two. */
class Going {
  readonly notAccepted: { command: Command['type']; detail: string }[] = [];
  private readonly counting: Counting;
  private readonly over: Lease[] = [];

  constructor(
    readonly state: State,
    private readonly whatIf: WhatIf,
    private readonly changes: readonly Command[],
  ) {
    this.counting = new Counting(this.state, whatIf.now);
  }

  async live(end: Instant, onProgress: OnProgress): Promise<void> {
    const { state, whatIf } = this;
    const sharedImages = state.policy.migration === 'no-transfer';
    const cluster = new SimulatedCluster({ sharedImages, remembers: false, strict: false });
    const given = restoreInto(cluster, {
      state,
      nodes: whatIf.nodes,
      runOf: () => null,
      foundAt: () => null,
      answeredAt: () => null,
    });
    const arrivals = this.arrivals();
    const world = new SimulatedWorld({
      genesis: [],
      arrivals: { next: () => arrivals.next().value ?? null },
      cluster,
      onAnswer: (answers) => this.noteAnswers(answers),
      from: { now: state.now, prompt: true },
    });
    const watching = {
      next: (wakeup: Instant | null) => {
        this.noteOver();
        return world.next(wakeup);
      },
      answer: (answers: readonly Answer[]) => world.answer(answers),
    };
    const all = state.leases.size + 1;
    const onTurn = ({ number }: Turn) => {
      if (number % PROGRESS_TURNS === 0) onProgress(Math.min(999, Math.floor((this.over.length * 1000) / all)));
    };
    await run(state, {
      store: unkept(state, onTurn),
      cluster: withoutGiven(cluster, given),
      world: until(watching, end),
    });
    this.noteOver();
  }

  outcome(to: Instant): Outcome {
    const bars: Bar[] = [];
    for (const lease of this.all())
      for (const { kind: activity, from, until: ends, nodes } of lease.spans)
        if (ends === null || ends > this.whatIf.now)
          bars.push({ lease: lease.id, activity, from, until: ends, nodes: format(nodes) });
    bars.sort((a, b) => a.from - b.from || (a.lease < b.lease ? -1 : a.lease > b.lease ? 1 : 0));
    return { totals: this.counting.totals(to), bars };
  }

  courses(): ReadonlyMap<LeaseId, Course> {
    return new Map(this.all().map((lease) => [lease.id, courseOf(lease)]));
  }

  private all(): readonly Lease[] {
    return [...this.over, ...this.state.leases.values()];
  }

  /** Both hear something at the present, so that both look up then. */
  private *arrivals(): Generator<Arrival, undefined> {
    const { now } = this.whatIf;
    for (const command of [NOTHING, ...this.changes]) yield { at: now, command, run: null };
  }

  private noteOver(): void {
    for (const lease of this.state.over) {
      this.over.push(lease);
      this.counting.over(lease);
    }
    empty(this.state.over);
  }

  private noteAnswers(answers: readonly Answer[]): void {
    for (const { command, decided } of answers)
      if (!decided.ok && command !== NOTHING)
        this.notAccepted.push({ command: command.type, detail: decided.rejection.detail });
  }
}
