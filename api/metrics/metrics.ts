/** Everything that is measured, for Prometheus: one registry, which other parts of the service may add to. */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { FAILURE_KINDS } from '../access/failed-attempts.js';
import type { Follower } from '../follower.js';
import type { Hosts } from '../hosts/hosts.js';
import type { TurnTimes } from '../loop-messages.js';
import { SPAN_OUTCOMES } from '../traces/tracing.js';
import { version } from '../version.js';
import { hostMetrics } from './host-metrics.js';
import { RecentTimes } from './recent-times.js';
import { Looks, stateGauges } from './state-gauges.js';
import { TurnMetrics } from './turn-metrics.js';
import type { CourierFigures } from '../webhooks/courier-port.js';
import { WebhookMetrics } from './webhook-metrics.js';

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];
const TURN_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** What else is looked at, at every scrape. */
export interface Looked {
  readonly isReady: () => boolean;
  readonly isLeader: () => boolean;
  readonly storeWritable: () => boolean;
  /** Commands that wait for their turn. */
  readonly waiting: () => number;
  /** How old what is read here may be, in milliseconds; null: nobody else writes the log. */
  readonly ageMs: () => number | null;
  /** When the certificate ends, in milliseconds since 1970; null: there is none. */
  readonly certificateExpires: () => number | null;
}

export class Metrics {
  readonly registry = new Registry();
  readonly turns: TurnMetrics;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly shed: Counter<'why'>;
  readonly failedAttempts: Counter<'kind'>;
  readonly spans: Counter<'outcome'>;
  readonly streams: Gauge;
  readonly underWay: Gauge;
  readonly scheduleTimes = new RecentTimes();
  readonly appendTimes = new RecentTimes();
  private readonly looks: Looks;
  private readonly ofWebhooks: WebhookMetrics;
  private readonly schedule: Histogram;
  private readonly append: Histogram;

  constructor(follower: Follower, looked: Looked, perNode: boolean) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.turns = new TurnMetrics(follower, registers);
    const looks = new Looks(registers);
    this.looks = looks;
    stateGauges(looks, follower, this.turns.tally, perNode);
    this.requests = new Histogram({
      name: 'leasehold_http_request_duration_seconds',
      help: 'From the head of a request to the end of its answer; streams are left out.',
      labelNames: ['method', 'route', 'status'],
      buckets: REQUEST_SECONDS,
      registers,
    });
    this.shed = new Counter({
      name: 'leasehold_http_shed_total',
      help: 'Requests that were told to come again, by why.',
      labelNames: ['why'],
      registers,
    });
    this.failedAttempts = new Counter({
      name: 'leasehold_auth_failures_total',
      help: 'Requests whose token was missing or not valid, by why.',
      labelNames: ['kind'],
      registers,
    });
    for (const kind of FAILURE_KINDS) this.failedAttempts.inc({ kind }, 0);
    this.spans = new Counter({
      name: 'leasehold_trace_spans_total',
      help: 'Spans of traces, by what became of them: exported, failed, or dropped since there was no room.',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of SPAN_OUTCOMES) this.spans.inc({ outcome }, 0);
    this.streams = new Gauge({ name: 'leasehold_streams_open', help: 'Streams of events that are open.', registers });
    this.underWay = new Gauge({ name: 'leasehold_http_requests', help: 'Requests under way.', registers });
    this.schedule = new Histogram({
      name: 'leasehold_schedule_duration_seconds',
      help: 'From what came in to what was decided: a turn without its append.',
      buckets: TURN_SECONDS,
      registers,
    });
    this.append = new Histogram({
      name: 'leasehold_log_append_duration_seconds',
      help: 'Until a turn was durable.',
      buckets: TURN_SECONDS,
      registers,
    });
    lookAround(looks, looked);
    this.ofWebhooks = new WebhookMetrics(looks, registers);
  }

  hosts(hosts: Hosts): void {
    hostMetrics(this.looks, hosts);
  }

  webhooks(courier: CourierFigures): void {
    this.ofWebhooks.of(courier);
    courier.onOutcome = (outcome) => this.ofWebhooks.ended(outcome);
  }

  turnTook({ scheduleMs, appendMs }: TurnTimes): void {
    this.scheduleTimes.add(scheduleMs);
    this.appendTimes.add(appendMs);
    this.schedule.observe(scheduleMs / 1000);
    this.append.observe(appendMs / 1000);
  }

  /** As Prometheus reads it. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

function lookAround(looks: Looks, looked: Looked): void {
  const yesOrNo = (name: string, help: string, is: () => boolean): void =>
    looks.gauge(name, help, [], (one) => one.set(is() ? 1 : 0));
  looks.gauge('build_info', 'Which version this is; always 1.', ['version', 'node'], (one) =>
    one.set({ version: version(), node: process.version }, 1),
  );
  yesOrNo('ready', 'Whether the history has been read.', looked.isReady);
  yesOrNo('leader', 'Whether this service takes writes.', looked.isLeader);
  yesOrNo('store_writable', 'Whether the log can be written, as far as is known.', looked.storeWritable);
  looks.gauge('commands_waiting', 'Requests that wait for their turn.', [], (one) => one.set(looked.waiting()));
  looks.gauge('state_age_seconds', 'How old what is read here may be; absent where nobody else writes.', [], (one) => {
    const ageMs = looked.ageMs();
    if (ageMs !== null) one.set(ageMs / 1000);
  });
  const name = 'tls_certificate_expiry_timestamp_seconds';
  looks.gauge(name, 'When the certificate ends; absent without TLS.', [], (one) => {
    const expires = looked.certificateExpires();
    if (expires !== null) one.set(expires / 1000);
  });
}
