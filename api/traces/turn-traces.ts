/**
 * Spans of turns and of what they order, made from the log as it is folded and from how long each turn took. A turn of one
 * trace is part of it; one of several traces has its own, linked to them. An order belongs to the trace of its lease, for as
 * long as the lease goes on: the log has it.
 */

import { ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { Observation, Turn } from '../../engine/index.js';
import type { Follower } from '../follower.js';
import type { TurnTimes } from '../loop-messages.js';
import { linksTo, within } from './contexts.js';
import { parseTraceparent, type TraceContext } from './trace-context.js';

/** So many orders are under way at once, as far as traces know; beyond that the oldest is no longer waited for. */
const ORDERS_MAX = 10_000;

type OrderDecision = Extract<Turn['decisions'][number], { order: string; deadline: unknown }>;
type Answering = Extract<Observation, { order: string }>;

export class TurnTraces {
  /** Folded, and its times not heard of yet. */
  private turn: Turn | null = null;
  private readonly orders = new Map<string, Span>();

  constructor(
    private readonly tracer: Tracer,
    private readonly follower: Pick<Follower, 'records' | 'state'>,
    private readonly linksMax: number,
  ) {}

  before(): void {}

  after(turn: Turn): void {
    this.turn = turn;
  }

  /** How long the last turn took, which was taken here. O(events of the turn). */
  took(times: TurnTimes): void {
    const { turn } = this;
    this.turn = null;
    if (turn === null) return;
    // 1. What it was about: requests, and leases that it gave orders for.
    const ordered = turn.decisions.filter((one): one is OrderDecision => 'order' in one && 'deadline' in one);
    const traces = this.tracesOf(turn, ordered);
    // 2. The turn itself.
    const end = times.at + times.scheduleMs + times.appendMs;
    const span = this.beginTurn(turn, traces, times.at);
    const below = trace.setSpan(ROOT_CONTEXT, span);
    if (span.isRecording()) {
      const scheduled = times.at + times.scheduleMs;
      this.tracer.startSpan('schedule', { startTime: times.at }, below).end(scheduled);
      this.tracer.startSpan('append', { startTime: scheduled }, below).end(end);
    }
    span.end(end);
    // 3. What was seen of earlier orders, and what it has ordered.
    for (const input of turn.inputs) if ('at' in input && 'order' in input) this.seen(input, end);
    for (const decision of ordered) this.begin(decision, turn.number, span, end);
  }

  private tracesOf({ inputs }: Turn, ordered: readonly OrderDecision[]): TraceContext[] {
    const texts = new Set<string>();
    for (const input of inputs)
      if ('traceparent' in input && input.traceparent !== undefined && texts.size < this.linksMax)
        texts.add(input.traceparent);
    for (const { lease } of ordered) {
      const text = this.follower.records.inMemory(lease)?.traceparent;
      if (text !== undefined && texts.size < this.linksMax) texts.add(text);
    }
    return [...texts].map(parseTraceparent).filter((one) => one !== null);
  }

  private beginTurn({ number, inputs, decisions }: Turn, traces: readonly TraceContext[], startTime: number): Span {
    const [first, ...others] = traces;
    const isOfOne = first !== undefined && others.every(({ traceId }) => traceId === first.traceId);
    const attributes = {
      'leasehold.turn': number,
      'leasehold.turn.inputs': inputs.length,
      'leasehold.turn.decisions': decisions.length,
    };
    const links = linksTo(isOfOne ? others : traces);
    return this.tracer.startSpan('turn', { startTime, attributes, links }, isOfOne ? within(first) : ROOT_CONTEXT);
  }

  private begin({ type, order, lease }: OrderDecision, turn: number, of: Span, startTime: number): void {
    const own = parseTraceparent(this.follower.records.inMemory(lease)?.traceparent);
    const isOfTurn = own === null || own.traceId === of.spanContext().traceId;
    const parent = isOfTurn ? trace.setSpan(ROOT_CONTEXT, of) : within(own);
    const span = this.tracer.startSpan(
      `enact ${type}`,
      {
        kind: SpanKind.CLIENT,
        startTime,
        attributes: { 'leasehold.order.id': order, 'leasehold.lease.id': lease, 'leasehold.turn': turn },
        links: isOfTurn ? [] : [{ context: of.spanContext() }],
      },
      parent,
    );
    if (!span.isRecording()) return;
    this.orders.set(order, span);
    if (this.orders.size > ORDERS_MAX) this.orders.delete(this.orders.keys().next().value!);
  }

  /** The span ends when nothing of its order is left to be seen: VMs may be seen one by one. */
  private seen(observation: Answering, at: number): void {
    const span = this.orders.get(observation.order);
    if (span === undefined || this.isPending(observation)) return;
    this.orders.delete(observation.order);
    if (observation.type === 'OrderFailed') span.setStatus({ code: SpanStatusCode.ERROR });
    span.setAttribute('leasehold.observation', observation.type);
    span.end(at);
  }

  private isPending({ lease, order }: Answering): boolean {
    const pending = this.follower.state.leases.get(lease)?.pending ?? [];
    return pending.some(({ decision }) => decision.order === order);
  }
}
