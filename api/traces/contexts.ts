/** Trace contexts as OpenTelemetry has them, and back. */

import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { TraceContext } from './trace-context.js';

/** As a parent of what begins here. */
export function within(context: TraceContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, spanContextOf(context));
}

export function isRecorded({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0;
}

export function linksTo(traces: readonly TraceContext[]): Link[] {
  return traces.map((context) => ({ context: spanContextOf(context) }));
}

export function contextOf(span: Span): TraceContext {
  const context = span.spanContext();
  return { traceId: context.traceId, spanId: context.spanId, sampled: isRecorded(context) };
}

function spanContextOf({ traceId, spanId, sampled }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}
