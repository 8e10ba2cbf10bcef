/**
 * Traces by OpenTelemetry, sent over OTLP/HTTP. Read only where that is wanted: nobody else pays for it. A request goes on
 * with the trace of its client; what is submitted is a span below it, and the turns and orders that follow are below that.
 */

import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Answer, Command } from '../../engine/index.js';
import type { Follower } from '../follower.js';
import { Problem } from '../problems.js';
import { version } from '../version.js';
import { BoundedExport, EXPORT_MS } from './bounded-export.js';
import { contextOf, isRecorded, within } from './contexts.js';
import { formatTraceparent, type TraceContext } from './trace-context.js';
import type { Asked, RequestSpan, SpanOutcome, Submit, Tracing } from './tracing.js';
import { TurnTraces } from './turn-traces.js';

export interface TracingOptions {
  /** Of the collector; `/v1/traces` is added where it is not there. */
  readonly endpoint: string;
  /** Which part of the traces that begin here is recorded: 0 to 1. Those of clients are recorded if the client says so. */
  readonly sample: number;
  readonly follower: Pick<Follower, 'records' | 'state'>;
  readonly count: (outcome: SpanOutcome, spans: number) => void;
}

const PATH = '/v1/traces';
/** What is left is sent within so long, or not at all. */
const CLOSE_MS = 1_000;
const LINKS_MAX = 128;

export function openTracing({ endpoint, sample, follower, count }: TracingOptions): Tracing {
  const url = endpoint.endsWith(PATH) ? endpoint : `${endpoint.replace(/\/+$/, '')}${PATH}`;
  const ours = resourceFromAttributes({ 'service.name': 'leasehold', 'service.version': version() });
  const provider = new TracerProvider({
    // What the environment says of this service, its name among it, comes first.
    resource: ours.merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerFor(sample),
    spanLimits: { linkCountLimit: LINKS_MAX, attributeValueLengthLimit: 256 },
    spanProcessors: [new BoundedExport(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS }), count)],
  });
  const tracer = provider.getTracer('leasehold', version());
  return {
    begin: (asked) => new OpenRequest(tracer, asked),
    turns: new TurnTraces(tracer, follower, LINKS_MAX),
    close: async () => {
      const slow = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), slow]);
    },
  };
}

/** Recorded is what goes on with something that is; what begins here, if it is linked to such, or by chance. */
function samplerFor(ratio: number): Sampler {
  const byChance = new TraceIdRatioBasedSampler(ratio);
  const root: Sampler = {
    shouldSample: (context, traceId, ...rest) => {
      const links = rest[3];
      return links.some((link) => isRecorded(link.context))
        ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
        : byChance.shouldSample(context, traceId);
    },
    toString: () => `linked, or ${byChance}`,
  };
  return new ParentBasedSampler({ root });
}

class OpenRequest implements RequestSpan {
  readonly context: TraceContext;
  readonly recorded: boolean;
  private readonly span: Span;
  private readonly below: Context;

  constructor(
    private readonly tracer: Tracer,
    { id, method, route, from }: Asked,
  ) {
    const parent = from === null ? ROOT_CONTEXT : within(from);
    const attributes = {
      'http.request.method': method,
      ...(route === null ? {} : { 'http.route': route }),
      'leasehold.request.id': id,
    };
    const name = route === null ? method : `${method} ${route}`;
    this.span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    this.below = trace.setSpan(ROOT_CONTEXT, this.span);
    this.recorded = this.span.isRecording();
    this.context = contextOf(this.span);
  }

  async submit(command: Command, submit: Submit): Promise<Answer> {
    const attributes = {
      'leasehold.command': command.type,
      ...('lease' in command ? { 'leasehold.lease.id': command.lease } : {}),
    };
    const span = this.tracer.startSpan(`submit ${command.type}`, { attributes }, this.below);
    try {
      const answer = await submit({ ...command, traceparent: formatTraceparent(contextOf(span)) });
      span.setAttribute('leasehold.turn', answer.turn);
      if (!answer.decided.ok) span.setAttribute('leasehold.rejection', answer.decided.rejection.code);
      return answer;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', error instanceof Problem ? error.code : 'internal');
      throw error;
    } finally {
      span.end();
    }
  }

  end(status: number | null): void {
    if (!this.span.isRecording()) return;
    if (status === null) this.span.setAttribute('leasehold.request.aborted', true);
    else this.span.setAttribute('http.response.status_code', status);
    if (status !== null && status >= 500) {
      this.span.setStatus({ code: SpanStatusCode.ERROR });
      this.span.setAttribute('error.type', String(status));
    }
    this.span.end();
  }
}
