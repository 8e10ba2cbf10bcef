/**
 * Spans on their way out: gathered, and sent a batch at a time, off every request's path. What there is no room for, since
 * nobody takes it or it is not taken fast enough, is dropped and counted.
 */

import type { Context } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { isRecorded } from './contexts.js';
import type { SpanOutcome } from './tracing.js';

/** So many spans wait at most: some megabytes. */
export const QUEUE_MAX = 4096;
const BATCH_MAX = 512;
const GATHER_MS = 1_000;
/** A batch that is not taken within so long has failed. */
export const EXPORT_MS = 3_000;
const SUCCESS = 0;

export class BoundedExport implements SpanProcessor {
  private readonly batches: BatchSpanProcessor;
  private waiting = 0;

  constructor(
    exporter: SpanExporter,
    private readonly count: (outcome: SpanOutcome, spans: number) => void,
  ) {
    this.batches = new BatchSpanProcessor({
      exporter: {
        export: (spans, done) => {
          this.waiting -= spans.length;
          exporter.export(spans, (result) => {
            count(result.code === SUCCESS ? 'exported' : 'failed', spans.length);
            done(result);
          });
        },
        shutdown: () => exporter.shutdown(),
      },
      maxQueueSize: QUEUE_MAX,
      maxExportBatchSize: BATCH_MAX,
      scheduledDelayMillis: GATHER_MS,
      exportTimeoutMillis: 2 * EXPORT_MS,
    });
  }

  onStart(span: Span, context: Context): void {
    this.batches.onStart(span, context);
  }

  onEnd(span: ReadableSpan): void {
    if (!isRecorded(span.spanContext())) return;
    if (this.waiting >= QUEUE_MAX) {
      this.count('dropped', 1);
      return;
    }
    this.waiting++;
    this.batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.batches.shutdown();
  }
}
