/**
 * `leasehold audit diff`: what would have been decided otherwise under another policy. From a turn of a log on, what was
 * asked then comes again at its times, in a simulated world that begins as the log says things were. This file chooses the
 * adapters.
 */

import { LoggedLosses } from '../adapters/simulated/logged-losses.js';
import { restoreInto } from '../adapters/simulated/restored.js';
import { SimulatedCluster } from '../adapters/simulated/cluster.js';
import { type Arrival, SimulatedWorld } from '../adapters/simulated/world.js';
import {
  type Answer,
  type Command,
  decide,
  type Decision,
  decodeState,
  emptyState,
  type Instant,
  type Lease,
  type LeaseId,
  type OrderId,
  type Policy,
  run,
  type State,
  type Turn,
  UnknownRulesError,
} from '../engine/index.js';
import { shown } from './audit-explain.js';
import { type Course, courseOf, type Difference, differences } from './diff/course.js';
import { Decisions } from './diff/decisions.js';
import { unkept, until, withoutGiven } from './diff/going-on.js';
import { LoggedPart, NOTHING } from './diff/logged-part.js';
import { Counting, type Totals } from './diff/totals.js';
import { Fates } from './fates.js';
import { InputError, USAGE } from './input-error.js';
import { entriesOf, type SourceOptions } from './log-source.js';
import { readPolicyFile } from './policy-file.js';
import { watched } from './simulate.js';
import { leasesOf } from './story/mentions.js';
import { decisionPhrase } from './story/sentences.js';

export interface DiffOptions extends SourceOptions {
  /** The first turn of the part, and the last; null: that of the log. */
  readonly first: number;
  readonly last: number | null;
  /** A policy file: what it does not mention stays as the log has it. */
  readonly policy: string;
}

export interface DiffResult {
  readonly first: { readonly turn: number; readonly at: Instant };
  /** All turns of the last instant belong to the part. */
  readonly last: { readonly turn: number; readonly at: Instant };
  /** Leases that did not run to their end in the part: they are taken to run as long as was asked. */
  readonly assumed: number;
  /** What is in the part of the log and not in the simulated world. */
  readonly passedOver: { readonly policies: number; readonly failedOrders: number; readonly loads: number };
  /** Where decisions first differ, at most SHOWN_MAX on each side; null: nowhere. */
  readonly firstDifference: FirstDifference | null;
  readonly logged: Totals;
  readonly otherwise: Totals;
  readonly differences: readonly Difference[];
}

export interface FirstDifference {
  readonly at: Instant;
  /** The turn of the log at that instant; null: the log decided nothing then. */
  readonly turn: number | null;
  readonly logged: readonly string[];
  readonly otherwise: readonly string[];
}

const SHOWN_MAX = 20;
const NOT_FOUND = 3;
const REFUSED = 4;
const DAMAGED = 65;
const PROGRESS_EVERY = 4096;

/** Throws what the reader of the log throws, UnknownRulesError, and InputError. Nothing is written anywhere. */
export async function diffLog(
  options: DiffOptions,
  onProgress: ((turns: number) => void) | null = null,
): Promise<DiffResult> {
  // 1. What happened.
  const part = await readPart(options, onProgress);
  const logged = part.end();
  // 2. The same under the other policy.
  const policy = readPolicyFile(options.policy, part.policy, resourcesOf(part));
  const other = new Other(part, policy);
  await other.live(part.until);
  // 3. What is otherwise.
  const at = part.decisions.firstOther(other.decisions);
  return {
    first: { turn: options.first, at: part.begins },
    last: { turn: part.turn, at: part.until },
    assumed: part.assumed,
    passedOver: part.passedOver,
    firstDifference: at === null ? null : await differenceAt(options, part, policy, at),
    logged,
    otherwise: other.counting.totals(part.until),
    differences: differences(part.courses, other.courses()),
  };
}

async function readPart(
  { first, last, ...options }: DiffOptions,
  onProgress: ((turns: number) => void) | null,
): Promise<LoggedPart> {
  if (last !== null && last < first)
    throw new InputError(
      `turn ${last} is before turn ${first}`,
      { file: 'audit diff' },
      'Name the first turn first.',
      USAGE,
    );
  const part = new LoggedPart(first);
  for await (const entry of entriesOf(options)) {
    if (!('turn' in entry)) continue;
    const { turn } = entry;
    if (last !== null && turn.number > last && turn.now > part.until) {
      part.goesOnAt = turn.now;
      break;
    }
    take(part, turn, options.source);
    if (turn.number % PROGRESS_EVERY === 0) onProgress?.(turn.number);
  }
  const wanted = Math.max(first, last ?? first);
  if (part.turn >= wanted) return part;
  const problem = `there is no turn ${wanted}: the log ends with turn ${part.turn}`;
  throw new InputError(problem, { file: shown(options.source) }, 'Name turns that are in it, from 1.', NOT_FOUND);
}

function take(part: LoggedPart, turn: Turn, source: string): void {
  try {
    part.take(turn);
  } catch (error) {
    if (error instanceof UnknownRulesError) throw error;
    const problem = `turn ${turn.number} does not follow from those before it: ${(error as Error).message}`;
    const hint = 'Its turns contradict each other: `leasehold audit` says where it begins to differ.';
    throw new InputError(problem, { file: shown(source) }, hint, DAMAGED);
  }
}

function resourcesOf({ genesis, before }: LoggedPart): State['resources'] {
  for (const command of genesis) if (command.type === 'DeclareSite') return command.resources;
  return before === null ? [] : decodeState(before).resources;
}

/** The other course of things: the part again, under another policy. */
class Other {
  readonly decisions = new Decisions();
  readonly counting: Counting;
  private readonly state: State;
  private readonly over = new Map<LeaseId, Course>();
  private readonly fates: Fates;

  constructor(
    private readonly part: LoggedPart,
    private readonly policy: Policy,
    private readonly onTurn: (turn: Turn) => void = () => {},
  ) {
    this.state = part.before === null ? emptyState() : decodeState(part.before);
    this.counting = new Counting(this.state, part.begins);
    this.fates = new Fates(part.followed);
  }

  /** Until `end`, inclusive. */
  async live(end: Instant): Promise<void> {
    const { part, state, policy } = this;
    const cluster = new SimulatedCluster({
      sharedImages: policy.migration === 'no-transfer',
      remembers: false,
      strict: false,
      ...(part.losses.length === 0 ? {} : { faults: new LoggedLosses(part.losses) }),
    });
    const given = this.restore(cluster);
    const arrivals = this.arrivals();
    const world = new SimulatedWorld({
      genesis: part.genesis.map((command) => (command.type === 'AdoptPolicy' ? { ...command, policy } : command)),
      arrivals: { next: () => arrivals.next().value ?? null },
      cluster,
      onAnswer: (answers) => this.noteRefusals(answers),
      from: { now: part.before === null ? part.begins : state.now, prompt: part.prompt },
    });
    const watching = watched(world, state, (lease) => this.note(lease), this.fates);
    const store = unkept(state, (turn) => {
      this.decisions.add(turn);
      this.onTurn(turn);
    });
    await run(state, { store, cluster: withoutGiven(cluster, given), world: until(watching, end) });
  }

  courses(): ReadonlyMap<LeaseId, Course> {
    const courses = new Map(this.over);
    for (const lease of this.state.leases.values()) courses.set(lease.id, courseOf(lease));
    return courses;
  }

  private restore(cluster: SimulatedCluster): ReadonlySet<OrderId> {
    const { part, state } = this;
    if (part.before === null) return new Set();
    return restoreInto(cluster, {
      state,
      nodes: part.nodes,
      runOf: (lease) => part.runOf(lease),
      foundAt: (node) => part.found.get(node) ?? null,
      answeredAt: (order) => part.answeredAt(order),
    });
  }

  private *arrivals(): Generator<Arrival, undefined> {
    const { part, policy, state } = this;
    if (part.before !== null && JSON.stringify(policy) !== JSON.stringify(part.policy)) {
      const command: Command = { type: 'AdoptPolicy', policy };
      mustBeAccepted(state, command);
      yield { at: part.begins, command, run: null };
    }
    for (const { at, command } of part.asked)
      yield { at, command, run: command.type === 'SubmitLease' ? part.runOf(command.lease) : null };
    // At the end it is told what has happened by then, as it was in the log; and the world is known to go on.
    yield { at: part.until, command: NOTHING, run: null };
    if (part.goesOnAt !== null) yield { at: part.goesOnAt, command: NOTHING, run: null };
  }

  private note(lease: Lease): void {
    this.fates.note(lease);
    this.over.set(lease.id, courseOf(lease));
    this.counting.over(lease);
  }

  /** What was asked of leases that are over by now is asked in vain; a lease that was not accepted is none. */
  private noteRefusals(answers: readonly Answer[]): void {
    for (const { command, decided } of answers) {
      if (decided.ok || command.type !== 'SubmitLease') continue;
      this.counting.notAccepted(command, decided.rejection);
      const course = { start: null, end: null, state: 'rejected', preemptions: 0, nodes: '' } as const;
      this.over.set(command.lease, { lease: command.lease, submitted: this.state.now, ...course });
    }
  }
}

function mustBeAccepted(state: State, command: Command): void {
  const decided = decide(state, command, state.now);
  if (decided.ok) return;
  const hint = 'Ask from turn 1 on: there the policy is the first.';
  throw new InputError(`not from here on: ${decided.rejection.detail}`, { file: '--policy' }, hint, REFUSED);
}

/** What was decided at that instant, and would have been: both are gone through once more. */
async function differenceAt(
  { first, last: _last, ...options }: DiffOptions,
  part: LoggedPart,
  policy: Policy,
  at: Instant,
): Promise<FirstDifference> {
  const logged: string[] = [];
  let number: number | null = null;
  for await (const entry of entriesOf(options)) {
    if (!('turn' in entry) || entry.turn.number < first || entry.turn.now < at) continue;
    if (entry.turn.now > at) break;
    if (entry.turn.decisions.length > 0) number ??= entry.turn.number;
    logged.push(...phrases(entry.turn.decisions));
  }
  const otherwise: string[] = [];
  const again = new Other(part, policy, (turn) => {
    if (turn.now === at) otherwise.push(...phrases(turn.decisions));
  });
  await again.live(at);
  return { at, turn: number, logged: logged.slice(0, SHOWN_MAX), otherwise: otherwise.slice(0, SHOWN_MAX) };
}

function phrases(decisions: readonly Decision[]): string[] {
  return decisions.map((decision) => {
    const names = leasesOf(decision);
    return `${names.length === 0 ? '' : `${names.join(', ')}: `}${decisionPhrase(decision)}`;
  });
}
