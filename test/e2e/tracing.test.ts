/** Traces of the whole process: through both of its threads, by the variables that other programs know, and at its end. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Collector } from '../support/collector.js';
import { eventually } from '../support/eventually.js';
import { needs } from '../support/needs.js';
import { ServedProcess, temporaryDirectory } from '../support/process.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
const REQUEST = { vms: 1, resources: { cpu: 1 }, duration: '1h' };

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

describe('a service with a collector', needs('build'), () => {
  it('sends what a client began, with what its loop did; the rest is sent when it stops', async () => {
    const collector = await Collector.start();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'the leases' };
    const service = await ServedProcess.start(directory.path, [], { env });
    expect((await service.ask('POST', '/v1/leases', REQUEST, { traceparent: TRACEPARENT })).status).toBe(201);
    const ofTrace = () => collector.spans.filter(({ traceId }) => traceId === TRACE).map(({ name }) => name);
    await eventually(() => ofTrace().sort()).toEqual([
      'POST /v1/leases',
      'append',
      'enact StartOrdered',
      'schedule',
      'submit SubmitLease',
      'turn',
    ]);
    expect(collector.resource['service.name']).toBe('the leases');
    // Whoever hangs up before the answer leaves a span that says so.
    const gone = () =>
      collector.named('POST /v1/leases').filter(({ attributes }) => attributes['leasehold.request.aborted']);
    const headers = { traceparent: TRACEPARENT.replace('4b', '5b') };
    await eventually(async () => {
      await service.askAndGo('POST', '/v1/leases', REQUEST, headers);
      return gone().length;
    }).toBeGreaterThan(0);
    await service.ask('GET', '/v1/nodes', undefined, { traceparent: TRACEPARENT });
    const { code, stderr } = await service.signal('SIGTERM');
    expect(code, stderr).toBe(0);
    expect(ofTrace()).toContain('GET /v1/nodes');
    await collector.stop();
  });

  it('that never answers does as if it had none, and ends when it is told to', async () => {
    const collector = await Collector.start({ silent: true });
    const service = await ServedProcess.start(directory.path, ['--otlp-endpoint', collector.url]);
    for (let i = 0; i < 20; i++) expect((await service.ask('POST', '/v1/leases', REQUEST)).status).toBe(201);
    await eventually(() => collector.requests).toBeGreaterThan(0);
    await eventually(() => service.stderr()).toContain('traces are not taken');
    const told = performance.now();
    const { code, stderr } = await service.signal('SIGTERM');
    expect(code, stderr).toBe(0);
    expect(performance.now() - told).toBeLessThan(50_000);
    await collector.stop();
  });
});
