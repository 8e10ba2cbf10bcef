/** How the service does, for its operators; and its limits, for everybody. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Static } from 'typebox';
import type { Server, ServerDeps } from '../deps.js';
import { formatInstant } from '../formats.js';
import { publishedLimits } from '../limits-table.js';
import { rounded } from '../metrics/recent-times.js';
import { answers } from '../openapi.js';
import { Diagnostics, LimitPage } from '../schemas/operation.js';
import { version } from '../version.js';

/** The delay is measured by a timer of so many milliseconds, which is not part of it. */
const RESOLUTION_MS = 10;

export function operationRoutes(app: Server, deps: ServerDeps): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  app.addHook('onClose', async () => {
    delay.disable();
  });
  const started = Date.now();
  const diagnostics = {
    operationId: 'readDiagnostics',
    tags: ['operation'],
    summary: 'How the service does',
    description: 'How long turns take, what waits, and what it costs. `leasehold diag` explains it.',
    response: answers({ 200: ['How it does.', Diagnostics] }),
  };
  app.get('/diagnostics', { schema: diagnostics, config: { early: true, present: true } }, async () => {
    const since = (nanoseconds: number): number => rounded(Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS));
    return {
      ...(await standing(deps, started)),
      requests: {
        underWay: await sumOf(deps.metrics.underWay),
        waiting: deps.commandsWaiting(),
        streams: await sumOf(deps.metrics.streams),
        shed: await sumOf(deps.metrics.shed),
        eventLoopDelay: { mean: since(delay.mean), p99: since(delay.percentile(99)), max: since(delay.max) },
      },
      memory: memory(),
    };
  });

  const limits = {
    operationId: 'listLimits',
    tags: ['operation'],
    summary: 'The limits',
    description: 'What is limited, and what is answered beyond it; null: the connection or the stream is closed.',
    response: answers({ 200: ['All of them.', LimitPage] }),
  };
  app.get('/limits', { schema: limits, config: { early: true, present: true } }, async () => ({
    items: publishedLimits(deps.limits),
  }));
}

type View = Static<typeof Diagnostics>;

async function standing(deps: ServerDeps, started: number): Promise<Pick<View, 'service' | 'schedule' | 'store'>> {
  const { follower, metrics } = deps;
  const { role, ageMs } = deps.standing();
  const { storeWritable } = await deps.health();
  const { tally, backfilled } = metrics.turns;
  return {
    service: {
      version: version(),
      node: process.version,
      started: formatInstant(started),
      uptimeSeconds: Math.round(process.uptime()),
      role,
      epoch: follower.state.epoch,
      ready: deps.isReady(),
    },
    schedule: {
      turns: metrics.scheduleTimes.times,
      queueDepth: follower.state.queue.length,
      backfilled,
      leases: [...tally.states]
        .filter(([, count]) => count > 0)
        .map(([key, count]) => {
          const [kind, state] = key.split('|') as [string, string];
          return { kind, state, count };
        }),
      unplaced: [...tally.unplaced].filter(([, count]) => count > 0).map(([reason, count]) => ({ reason, count })),
    },
    store: {
      name: deps.storeName,
      writable: storeWritable,
      turn: follower.head,
      appends: metrics.appendTimes.times,
      stateAgeMs: ageMs,
    },
  };
}

function memory(): View['memory'] {
  const { rss, heapUsed } = process.memoryUsage();
  return { residentBytes: rss, heapUsedBytes: heapUsed, heapLimitBytes: getHeapStatistics().heap_size_limit };
}

async function sumOf(metric: { get(): Promise<{ values: { value: number }[] }> }): Promise<number> {
  const { values } = await metric.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}
