/** Traces: what a client begins goes on through the service, into its log and out to a collector. */

import { afterEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import { audit, emptyState, encodeState, foldTurn, type Turn } from '../../engine/index.js';
import { formatTraceparent, parseTraceparent } from '../../api/traces/trace-context.js';
import { QUEUE_MAX } from '../../api/traces/bounded-export.js';
import { Collector, type Sent } from '../support/collector.js';
import { eventually } from '../support/eventually.js';
import { parseScrape } from '../support/scrape.js';
import { Service, type ServiceOptions, SMALL } from '../support/service.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE}-${SPAN}-01`;

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function collecting(options: { readonly silent?: boolean } = {}): Promise<Collector> {
  const collector = await Collector.start(options);
  ending.push(() => collector.stop());
  return collector;
}

async function serving(options: ServiceOptions = {}): Promise<Service> {
  const service = await Service.start(options);
  ending.push(() => service.stop());
  return service;
}

async function tracing(options: ServiceOptions = {}, traceSample = 1): Promise<[Service, Collector]> {
  const collector = await collecting();
  return [await serving({ ...options, traces: { otlpEndpoint: collector.url, traceSample } }), collector];
}

async function spansSent({ app }: Service, outcome: string): Promise<number> {
  const { samples } = parseScrape((await app.inject('/metrics')).body);
  const found = samples.find(
    ({ name, labels }) => name === 'leasehold_trace_spans_total' && labels.outcome === outcome,
  );
  return found!.value;
}

describe('a traceparent', () => {
  it.each([
    ['of a later version, with more behind it', `cc-${TRACE}-${SPAN}-01-what-ever`, true],
    ['with flags that nobody knows', `00-${TRACE}-${SPAN}-ff`, true],
    ['that is not sampled', `00-${TRACE}-${SPAN}-00`, false],
  ])('%s is taken', (_what, text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
  });

  it.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['has a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['has a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['has capital letters', TRACEPARENT.toUpperCase()],
    ['is of the version that is forbidden', `ff-${TRACE}-${SPAN}-01`],
    ['has more behind it than its version knows', `${TRACEPARENT}-more`],
    ['of a later version goes on without a dash', `cc-${TRACE}-${SPAN}-01.more`],
    ['was sent twice', `${TRACEPARENT}, ${TRACEPARENT}`],
    ['is too short', TRACEPARENT.slice(0, -1)],
    ['is endless', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(10_000)}`],
    ['is no text', [TRACEPARENT]],
  ])('that %s counts as not there', (_what, text) => {
    expect(parseTraceparent(text)).toBeNull();
  });

  it('is written as it is read, whatever it is', () => {
    const hex = (length: number) =>
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
        const context = { traceId, spanId, sampled };
        const isValid = !/^0+$/.test(traceId) && !/^0+$/.test(spanId);
        expect(parseTraceparent(formatTraceparent(context))).toEqual(isValid ? context : null);
      }),
    );
  });
});

describe('without a collector', () => {
  it('a trace is kept in the log with what was asked, and shown with the events of the lease', async () => {
    const log = new MemoryLog();
    const service = await serving({ store: new MemoryStore(log) });
    const { body } = await service.ask('POST', '/v1/leases', SMALL, { traceparent: TRACEPARENT });
    await service.ask('POST', `/v1/leases/${body.id}/extend`, { by: 'PT1M' }, { traceparent: TRACEPARENT });
    await service.ask('DELETE', `/v1/leases/${body.id}`);
    const { body: events } = await service.ask('GET', `/v1/leases/${body.id}/events`);
    const traced = (type: string) =>
      events.items.find(({ event }: { event: { type: string } }) => event.type === type).event;
    expect(traced('LeaseRequested').traceparent).toBe(TRACEPARENT);
    expect(traced('LeaseChangeRequested').traceparent).toBe(TRACEPARENT);
    expect(traced('LeaseCancelled')).not.toHaveProperty('traceparent');
    // What the feed of all events says is what was logged.
    const { text } = await service.ask('GET', '/v1/events?type=LeaseRequested');
    expect(text).toContain(`"traceparent":"${TRACEPARENT}"`);
  });

  it('one that is not valid is left out, and the request is as good as any', async () => {
    const service = await serving();
    const { status, body } = await service.ask('POST', '/v1/leases', SMALL, { traceparent: `${TRACEPARENT}x` });
    expect(status).toBe(201);
    const { text } = await service.ask('GET', `/v1/leases/${body.id}/events`);
    expect(text).not.toContain('traceparent');
  });

  it('no decision and no state depends on it', async () => {
    const log = new MemoryLog();
    const service = await serving({ store: new MemoryStore(log) });
    const headers = { traceparent: TRACEPARENT };
    const { body } = await service.ask('POST', '/v1/leases', SMALL, headers);
    const window = { nodes: [1], from: '2027-01-01T00:00:00Z', until: '2027-01-02T00:00:00Z' };
    expect((await service.ask('POST', '/v1/maintenance', window, headers)).status).toBe(201);
    await service.ask('POST', '/v1/projects', { id: 'p' }, headers);
    await service.until(body.id, 'active');
    const turns: Turn[] = [];
    for await (const turn of new MemoryStore(log).read(0)) turns.push(turn);
    const bare = turns.map(
      (turn) => JSON.parse(JSON.stringify(turn, (key, value) => (key === 'traceparent' ? undefined : value))) as Turn,
    );
    expect(JSON.stringify(turns)).toContain(TRACEPARENT);
    expect(encodeState(bare.reduce(foldTurn, emptyState()))).toBe(encodeState(turns.reduce(foldTurn, emptyState())));
    expect(await audit(emptyState(), each(turns))).toBeNull();
    expect(await audit(emptyState(), each(bare))).toBeNull();
  });
});

async function* each(turns: readonly Turn[]): AsyncGenerator<Turn> {
  yield* turns;
}

describe('with a collector', () => {
  it('one trace goes from the client through the request and its turn to the order that starts the VMs', async () => {
    const [service, collector] = await tracing();
    const { body } = await service.ask('POST', '/v1/leases', SMALL, { traceparent: TRACEPARENT });
    await service.until(body.id, 'active');
    await eventually(() => collector.named('enact StartOrdered')).toHaveLength(1);
    const [request] = collector.named('POST /v1/leases');
    const [submit] = collector.named('submit SubmitLease');
    const turn = collector.named('turn').find(({ spanId }) => spanId === childrenOf(collector, submit!)[0]?.spanId);
    const [order] = collector.named('enact StartOrdered');
    // 1. Each below the one before.
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, kind: 2 });
    expect(submit).toMatchObject({ traceId: TRACE, parentSpanId: request!.spanId });
    expect(turn).toMatchObject({ traceId: TRACE, parentSpanId: submit!.spanId });
    expect(order).toMatchObject({ traceId: TRACE, parentSpanId: turn!.spanId });
    expect(
      childrenOf(collector, turn!)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['append', 'enact StartOrdered', 'schedule']);
    // 2. They say what they are about, and nothing of who asked.
    expect(request!.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/leases',
      'http.response.status_code': 201,
    });
    expect(order!.attributes).toMatchObject({ 'leasehold.lease.id': body.id, 'leasehold.observation': 'VmsStarted' });
    expect(collector.resource).toMatchObject({ 'service.name': 'leasehold' });
    expect(collector.bodies.join('')).not.toMatch(/test-token|admin|127\.0\.0\.1/);
    // 3. In order of time.
    expect(begin(turn!) >= begin(submit!) && end(turn!) <= end(order!)).toBe(true);
    for (const { startTimeUnixNano, endTimeUnixNano } of collector.spans)
      expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
  });

  it('the log keeps the span under which it was submitted: who reads it finds the trace, and what was ordered later is part of it', async () => {
    const [service, collector] = await tracing();
    const { body } = await service.ask('POST', '/v1/leases', SMALL, { traceparent: TRACEPARENT });
    const { body: events } = await service.ask('GET', `/v1/leases/${body.id}/events`);
    await service.until(body.id, 'active');
    await service.ask('DELETE', `/v1/leases/${body.id}`);
    await eventually(() => collector.named('enact StopOrdered')).toHaveLength(1);
    const [submit] = collector.named('submit SubmitLease');
    expect(events.items[0].event.traceparent).toBe(`00-${TRACE}-${submit!.spanId}-01`);
    const [stop] = collector.named('enact StopOrdered');
    const [cancel] = collector.named('submit CancelLease');
    // The client has begun no trace for the end of it: it has one of its own, and the order is linked to its turn.
    expect(cancel!.traceId).not.toBe(TRACE);
    expect(stop).toMatchObject({
      traceId: TRACE,
      parentSpanId: submit!.spanId,
      links: [{ spanId: expect.any(String) }],
    });
    const turn = collector.named('turn').find(({ spanId }) => spanId === stop!.links[0]!.spanId);
    expect(turn!.links.map(({ spanId }) => spanId).sort()).toEqual([submit!.spanId, cancel!.spanId].sort());
  });

  it('a turn of several requests is linked to each, and each lease keeps its own trace', async () => {
    const [service, collector] = await tracing();
    const traces = Array.from({ length: 5 }, (_, i) => TRACE.slice(0, -1) + i);
    const replies = await Promise.all(
      traces.map((trace) => service.ask('POST', '/v1/leases', SMALL, { traceparent: `00-${trace}-${SPAN}-01` })),
    );
    for (const { body } of replies) await service.until(body.id, 'active');
    await eventually(() => collector.named('enact StartOrdered')).toHaveLength(5);
    await eventually(() => collector.named('submit SubmitLease')).toHaveLength(5);
    const submits = collector.named('submit SubmitLease');
    const ofSeveral = collector.named('turn').filter(({ links }) => links.length > 1);
    expect(ofSeveral.length).toBeGreaterThan(0);
    for (const { links, traceId } of ofSeveral) {
      expect(traces).not.toContain(traceId);
      for (const { spanId } of links) expect(submits.map((one) => one.spanId)).toContain(spanId);
    }
    expect(
      collector
        .named('enact StartOrdered')
        .map(({ traceId }) => traceId)
        .sort(),
    ).toEqual(traces);
  });

  it('whether a trace is recorded is for whoever began it to say; of its own the service records a part', async () => {
    const [service, collector] = await tracing({}, 0);
    for (let i = 0; i < 20; i++) await service.ask('POST', '/v1/leases', SMALL);
    await service.ask('POST', '/v1/leases', SMALL, { traceparent: `00-${TRACE.replace('4', '5')}-${SPAN}-00` });
    const { body } = await service.ask('POST', '/v1/leases', SMALL, { traceparent: TRACEPARENT });
    await service.until(body.id, 'active');
    await eventually(() => collector.named('enact StartOrdered')).toHaveLength(1);
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const { text } = await service.ask('GET', '/v1/events?type=LeaseRequested');
    // One that is not recorded is kept as it came; of requests that nobody traces nothing is kept.
    expect(text.match(/"traceparent":"[^"]+"/g)).toEqual([
      `"traceparent":"00-${TRACE.replace('4', '5')}-${SPAN}-00"`,
      expect.stringContaining(TRACE),
    ]);
  });

  it('a request that is not valid is a span, too, and looks at the health are none', async () => {
    const [service, collector] = await tracing();
    await service.ask('GET', '/livez');
    await service.ask('GET', '/metrics');
    await service.ask('GET', '/v1/leases/Lnone', undefined, { traceparent: 'nonsense' });
    await eventually(() => collector.named('GET /v1/leases/:id')).toHaveLength(1);
    const [span] = collector.named('GET /v1/leases/:id');
    expect(span!.attributes['http.response.status_code']).toBe(404);
    expect(span!.parentSpanId ?? '').toBe('');
    expect(collector.spans.map(({ name }) => name)).not.toContain('GET /livez');
  });
});

describe('a collector that is not well', () => {
  it.each([
    ['does not answer', () => collecting({ silent: true }).then(({ url }) => url)],
    ['is not there', async () => 'http://127.0.0.1:9'],
  ])('and %s costs nothing but the spans, which are counted', async (_what, place) => {
    const service = await serving({ traces: { otlpEndpoint: await place(), traceSample: 1 } });
    const asks = Math.ceil(QUEUE_MAX / 50) + 20;
    for (let i = 0; i < asks; i++) {
      const replies = await Promise.all(Array.from({ length: 50 }, () => service.app.inject('/v1/limits')));
      expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([401]));
    }
    expect((await service.ask('POST', '/v1/leases', SMALL)).status).toBe(201);
    await eventually(() => spansSent(service, 'dropped').then((n) => n > 0)).toBe(true);
    await eventually(() => spansSent(service, 'failed').then((n) => n > 0)).toBe(true);
    expect(await spansSent(service, 'exported')).toBe(0);
  });
});

function childrenOf({ spans }: Collector, { spanId }: Sent): Sent[] {
  return spans.filter(({ parentSpanId }) => parentSpanId === spanId);
}

const begin = ({ startTimeUnixNano }: Sent): bigint => BigInt(startTimeUnixNano);
const end = ({ endTimeUnixNano }: Sent): bigint => BigInt(endTimeUnixNano);
