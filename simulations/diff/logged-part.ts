/**
 * A part of a log, read once: the state before it, what was asked in it and when, how long leases truly ran, which nodes
 * were lost, and what became of all that. Memory is that of the part.
 */

import {
  type Command,
  type Duration,
  emptyState,
  encodeState,
  foldTurn,
  type Instant,
  type Lease,
  type LeaseId,
  mustBeKnown,
  nextWakeup,
  type NodeClass,
  type OrderId,
  type Policy,
  type Request,
  type State,
  type Turn,
  unansweredOrders,
} from '../../engine/index.js';
import { type Course, courseOf } from './course.js';
import { Decisions } from './decisions.js';
import { Counting, type Totals } from './totals.js';

/** What was asked, at the time of its turn. */
export interface Asked {
  readonly at: Instant;
  readonly command: Command;
}

export interface Lost {
  readonly node: number;
  readonly at: Instant;
  found: Instant;
}

export class LoggedPart {
  /** The state before the part, encoded; null: the part is the log from its beginning. */
  before: string | null = null;
  /** Nodes that joined before the part. */
  readonly nodes: NodeClass[] = [];
  /** Leases followed others before the part, or are warned of their end. */
  prompt = false;
  /** The policy at the beginning of the part: of its first turn, where that is the log's first. */
  policy: Policy;
  readonly genesis: Command[] = [];
  readonly asked: Asked[] = [];
  /** Leases that others follow. */
  readonly followed = new Set<LeaseId>();
  readonly losses: Lost[] = [];
  /** Of nodes that were lost before the part. */
  readonly found = new Map<number, Instant>();
  readonly courses = new Map<LeaseId, Course>();
  readonly decisions = new Decisions();
  /** When the log goes on behind the part; null: it does not. */
  goesOnAt: Instant | null = null;
  /** What the log has and the simulated world has not. */
  readonly passedOver = { policies: 0, failedOrders: 0, loads: 0 };
  /** Leases whose true run is not known: they did not run to their end in the part. */
  assumed = 0;
  /** When orders were answered: those that others waited for, and those that were under way when the part began. */
  private answers = new Map<OrderId, Instant | null>();
  private readonly runs = new Map<LeaseId, Duration | null>();
  private counting: Counting | null = null;
  private state: State = emptyState();
  private from: Instant = 0;

  /** `first`: the turn with which the part begins. */
  constructor(private readonly first: number) {
    this.policy = this.state.policy;
  }

  /** The last turn taken. */
  get turn(): number {
    return this.state.turn;
  }

  get until(): Instant {
    return this.state.now;
  }

  /** When the part begins. */
  get begins(): Instant {
    return this.from;
  }

  take(turn: Turn): void {
    for (const input of turn.inputs) if (input.type === 'PolicyAdopted') mustBeKnown(input.policy);
    if (turn.number < this.first) this.pass(turn);
    else this.note(turn);
  }

  /** How long a lease truly runs; null: until it is stopped. */
  runOf(lease: LeaseId): Duration | null {
    return this.runs.get(lease) ?? null;
  }

  answeredAt(order: OrderId): Instant | null {
    return this.answers.get(order) ?? null;
  }

  /** Ends the part: leases that are not over have come so far. */
  end(): Totals {
    for (const lease of this.state.leases.values()) this.noteCourse(lease, false);
    return this.counting!.totals(this.until);
  }

  private pass(turn: Turn): void {
    this.state = foldTurn(this.state, turn);
    for (const input of turn.inputs)
      if (input.type === 'NodesAdded') this.nodes.push(input.nodes);
      else if (input.type === 'LeaseRequested' && (input.terms.after ?? input.terms.warnings) !== undefined)
        this.prompt = true;
      else if ('order' in input && this.answers.has(input.order)) this.answers.set(input.order, input.at);
    for (const decision of turn.decisions)
      if ('after' in decision)
        for (const order of decision.after) if (!this.answers.has(order)) this.answers.set(order, null);
    if (this.answers.size > ANSWERS_KEPT) this.forgetAnswers();
  }

  /** Only unanswered orders are of use, and what they wait for, or waited for. */
  private forgetAnswers(): void {
    const awaited = unansweredOrders(this.state).flatMap(({ id, decision }) => [id, ...decision.after]);
    this.answers = new Map(awaited.map((order) => [order, this.answers.get(order) ?? null]));
  }

  private note(turn: Turn): void {
    if (this.counting === null) this.begin(turn);
    if (this.isUnexplained(turn)) this.asked.push({ at: turn.now, command: NOTHING });
    const ended = new Set<LeaseId>();
    for (const input of turn.inputs) {
      if ('order' in input && this.answers.get(input.order) === null) this.answers.set(input.order, input.at);
      switch (input.type) {
        case 'LeaseEnded':
          ended.add(input.lease);
          break;
        case 'NodeLost':
          this.losses.push({ node: input.node, at: turn.now, found: Number.POSITIVE_INFINITY });
          break;
        case 'NodeFound':
          this.noteFound(input.node, turn.now);
          break;
        case 'OrderFailed':
          this.passedOver.failedOrders++;
          break;
        case 'NodeLoadObserved':
          this.passedOver.loads++;
          break;
        default:
          if (!('at' in input)) this.ask(turn, input);
      }
    }
    this.state = foldTurn(this.state, turn);
    this.decisions.add(turn);
    for (const lease of this.state.over) {
      this.noteCourse(lease, lease.outcome === 'done' && ended.has(lease.id));
      this.counting!.over(lease);
    }
  }

  /** `ended`: it ended by itself. A lease whose true run the log does not tell runs as long as was asked. */
  private noteCourse(lease: Lease, ended: boolean): void {
    this.courses.set(lease.id, courseOf(lease));
    const { duration } = lease.terms;
    if (ended) this.runs.set(lease.id, duration - lease.remaining);
    else this.runs.set(lease.id, lease.firstStart === null ? duration : null);
    if (lease.outcome !== 'done') this.assumed++;
  }

  /** Something that the log does not hold woke the scheduler, and it heard what had happened before: it does so again. */
  private isUnexplained({ inputs, now }: Turn): boolean {
    const late = inputs.length > 0 && inputs.every((input) => 'at' in input && input.at < now);
    return late && nextWakeup(this.state, -1) !== now;
  }

  private begin({ now }: Turn): void {
    this.from = now;
    this.counting = new Counting(this.state, now);
    this.policy = this.state.policy;
    if (this.first === 1) return;
    this.forgetAnswers();
    this.before = encodeState(this.state);
  }

  private noteFound(node: number, at: Instant): void {
    const loss = this.losses.filter((one) => one.node === node).at(-1);
    if (loss === undefined) this.found.set(node, at);
    else if (loss.found === Number.POSITIVE_INFINITY) loss.found = at;
  }

  private ask(turn: Turn, request: Request): void {
    if (request.type === 'LeaseRequested') for (const { lease } of request.terms.after ?? []) this.followed.add(lease);
    if (request.type === 'PolicyAdopted') {
      if (turn.number === 1) this.policy = request.policy;
      else this.passedOver.policies++;
    }
    const command = commandOf(request);
    if (turn.number === 1 && GENESIS.has(command.type)) this.genesis.push(command);
    else if (request.type !== 'PolicyAdopted') this.asked.push({ at: turn.now, command });
  }
}

const ANSWERS_KEPT = 10_000;

/** A command that is never accepted, and so changes nothing. */
export const NOTHING: Command = { type: 'ClaimEpoch', epoch: 0 };

const GENESIS: ReadonlySet<Command['type']> = new Set(['ClaimEpoch', 'AdoptPolicy', 'DeclareSite', 'AddNodes']);

/** The command that the request came from. Keys are left out: nothing is asked twice. */
function commandOf(request: Request): Command {
  switch (request.type) {
    case 'EpochClaimed':
      return { type: 'ClaimEpoch', epoch: request.epoch };
    case 'PolicyAdopted':
      return { type: 'AdoptPolicy', policy: request.policy };
    case 'SiteDeclared':
      return { type: 'DeclareSite', resources: request.resources };
    case 'NodesAdded': {
      const { first: _first, leasable: _leasable, ...nodes } = request.nodes;
      return { type: 'AddNodes', nodes };
    }
    case 'NodeLabelled':
      return { type: 'LabelNode', node: request.node, labels: request.labels };
    case 'MaintenancePlanned': {
      const { type: _, ...window } = request;
      return { type: 'PlanMaintenance', force: true, ...window };
    }
    case 'MaintenanceCancelled':
      return { type: 'CancelMaintenance', window: request.window };
    case 'NodeDrained':
      return { type: 'DrainNode', node: request.node, ...(request.how === undefined ? {} : { how: request.how }) };
    case 'NodeRestored':
      return { type: 'RestoreNode', node: request.node };
    case 'NodeRemoved':
      return { type: 'RemoveNode', node: request.node };
    case 'NodeGivenUp':
      return { type: 'GiveUpNode', node: request.node };
    case 'LeaseRequested':
      return { type: 'SubmitLease', lease: request.lease, terms: request.terms, key: null };
    case 'LeaseCancelled':
      return { type: 'CancelLease', lease: request.lease };
    case 'LeaseHeld':
      return { type: 'HoldLease', lease: request.lease };
    case 'LeaseReleased':
      return { type: 'ReleaseLease', lease: request.lease };
    case 'LeaseApproved':
      return { type: 'ApproveLease', lease: request.lease, by: request.by };
    case 'ApprovalRefused':
      return { type: 'RejectLease', lease: request.lease, by: request.by, text: request.text };
    case 'LeaseSuspensionRequested':
      return { type: 'SuspendLease', lease: request.lease };
    case 'LeaseMigrationRequested': {
      const { lease, vms, nodes } = request;
      return { type: 'MigrateLease', lease, nodes, ...(vms === undefined ? {} : { vms }) };
    }
    case 'LeaseChangeRequested':
      return { type: 'ChangeDuration', lease: request.lease, duration: request.duration, approver: 'logged' };
    case 'LeaseActRequested': {
      const { lease, act, vms, to } = request;
      return { type: 'ActOnLease', lease, act, vms, ...(to === undefined ? {} : { to }) };
    }
    case 'LeaseResizeRequested':
      return {
        ...{ type: 'ResizeLease', lease: request.lease, demands: request.demands, cold: true, approver: 'logged' },
        ...(request.revertAfter === undefined ? {} : { revertAfter: request.revertAfter }),
      };
    case 'LeaseResizeSettled':
      return { type: 'SettleResize', lease: request.lease, how: request.how };
    case 'LeaseRecoveryRequested':
      return { type: 'RecoverLease', lease: request.lease, how: request.how };
    case 'NoteKept':
      return { type: 'KeepNote', key: request.key, value: request.value };
  }
}
