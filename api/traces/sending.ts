/** Begins to send traces where the settings say so; the libraries for it are read only then. */

import type { Follower } from '../follower.js';
import type { LoopClient } from '../loop-client.js';
import type { Metrics } from '../metrics/metrics.js';
import type { ServeOptions } from '../settings/table.js';
import type { SpanOutcome, Tracing } from './tracing.js';

export interface Sender {
  readonly follower: Follower;
  readonly client: LoopClient;
  readonly metrics: Pick<Metrics, 'spans'>;
  /** Hears when nobody takes them, and when somebody does again. */
  readonly onChange: (text: string) => void;
}

/** Null: they are not sent. */
export async function beginTracing(
  { otlpEndpoint: endpoint, traceSample: sample }: Pick<ServeOptions, 'otlpEndpoint' | 'traceSample'>,
  { follower, client, metrics, onChange }: Sender,
): Promise<Tracing | null> {
  if (endpoint === null) return null;
  const { openTracing } = await import('./open-telemetry.js');
  let last: SpanOutcome = 'exported';
  const count = (outcome: SpanOutcome, spans: number): void => {
    metrics.spans.inc({ outcome }, spans);
    if (outcome === 'dropped' || outcome === last) return;
    last = outcome;
    onChange(outcome === 'failed' ? `traces are not taken at ${endpoint}` : 'traces are taken again');
  };
  const tracing = openTracing({ endpoint, sample, follower, count });
  follower.turnListeners.push(tracing.turns);
  client.tookListeners.push((times) => tracing.turns.took(times));
  return tracing;
}
