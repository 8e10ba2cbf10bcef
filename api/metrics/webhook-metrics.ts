/** What becomes of webhooks, as metrics. */

import { Counter, Histogram, type Registry } from 'prom-client';
import type { CourierFigures } from '../webhooks/courier-port.js';
import type { Outcome } from '../webhooks/post.js';
import { WEBHOOK_STATES } from '../webhooks/standing.js';
import type { Looks } from './state-gauges.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type Figures = Pick<CourierFigures, 'figures'>;

export class WebhookMetrics {
  private courier: Figures | null = null;
  private readonly deliveries: Counter<'result'>;
  private readonly duration: Histogram;

  constructor(looks: Looks, registers: Registry[]) {
    this.deliveries = new Counter({
      name: 'leasehold_webhook_deliveries_total',
      help: 'Attempts to deliver webhooks, by what became of them.',
      labelNames: ['result'],
      registers,
    });
    this.duration = new Histogram({
      name: 'leasehold_webhook_delivery_duration_seconds',
      help: 'How long an attempt took.',
      buckets: SECONDS,
      registers,
    });
    looks.gauge('webhooks', 'Webhooks that this service delivers, by state.', ['state'], (one) => {
      const { states } = this.courier?.figures() ?? { states: new Map<string, number>() };
      for (const state of WEBHOOK_STATES) one.set({ state }, states.get(state) ?? 0);
    });
    looks.gauge('webhook_turns_behind', 'How many turns the last of the webhooks is behind the log.', [], (one) =>
      one.set(this.courier?.figures().behind ?? 0),
    );
  }

  of(courier: Figures): void {
    this.courier = courier;
  }

  ended({ result, ms }: Outcome): void {
    this.deliveries.inc({ result });
    this.duration.observe(ms / 1000);
  }
}
