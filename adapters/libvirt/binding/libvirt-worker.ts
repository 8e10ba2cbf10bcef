/**
 * The process beside the service that talks to one host's libvirt. It lives as long as its connection does: a wrong
 * pointer, a call that never comes back, an error in another thread end with it, and the service starts a new one.
 */

import { HypervisorError, type LifecycleEvent } from '../hypervisor.js';
import { CALLS, type FromWorker, legible, monotonicMs, type ToWorker } from './calls.js';
import { uuidOf } from './domains.js';
import { hearErrors, Lane, LibvirtError } from './lane.js';
import { Lanes, type Turn } from './lanes.js';
import { call, callback, loadLibrary, now, type Pointer } from './library.js';
import { OPERATIONS } from './operations.js';

const SWEEP_MS = 5_000;
const ANSWER_MAX = 16 * 1024 * 1024;

/** virConnectCloseReason. */
const REASONS = ['an error on the connection', 'the other side closed it', 'the other side does not answer', 'closed'];
/** virDomainEventType. */
const EVENTS: readonly LifecycleEvent[] = [
  'defined',
  'undefined',
  'started',
  'suspended',
  'resumed',
  'stopped',
  'shutdown',
  'pm-suspended',
  'crashed',
];
/** Errors of the way to libvirt, not of libvirt: RPC, remote driver, ssh. */
const OF_THE_WAY = new Set([7, 13, 50, 66]);
/** It took too long, the agent did not answer, a VM has moved but is not defined there. */
const LEFT_OPEN = new Set([39, 68, 69, 86]);

async function main(uri: string): Promise<void> {
  process.on('disconnect', end);
  process.on('uncaughtException', (error) => over(error.message));
  process.on('unhandledRejection', (error) => over(String(error)));
  loadLibrary();
  now('virInitialize');
  hearErrors();
  now('virEventRegisterDefaultImpl');
  runEvents();
  const base = await Lane.open(uri);
  await listen(base);
  const lanes = new Lanes(uri, base);
  setInterval(() => {
    if (lanes.sweep()) over('calls to libvirt do not come back');
  }, SWEEP_MS);
  process.on('message', (message: ToWorker) => void hear(message, lanes));
  tell({ type: 'opened' });
}

async function hear(message: ToWorker, lanes: Lanes): Promise<void> {
  if (message.type === 'ping') return tell({ type: 'pong' });
  const { ticket, name, args } = message;
  const turn: Turn = { until: message.until };
  const within = (ms: number) => {
    turn.until = monotonicMs() + ms;
    tell({ type: 'within', ticket, ms: Math.ceil(ms) });
  };
  try {
    const operation = OPERATIONS[name] as (to: { lane: Lane; within: typeof within }, ...args: unknown[]) => unknown;
    const done = await lanes.with(CALLS[name].pace, turn, async (lane) => operation({ lane, within }, ...args));
    if (done === null) throw new HypervisorError('failed', 'it was not begun in time');
    const value = done.value ?? null;
    if (JSON.stringify(value).length > ANSWER_MAX) throw new HypervisorError('failed', 'the answer is too long');
    tell({ type: 'answer', ticket, value });
  } catch (error) {
    tell({ type: 'failure', ticket, ...failureOf(error, CALLS[name].changes) });
  }
}

function failureOf(error: unknown, changes: boolean) {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof LibvirtError))
    return { kind: error instanceof HypervisorError ? error.kind : ('failed' as const), message, code: null };
  const open = OF_THE_WAY.has(error.domain) || (changes && LEFT_OPEN.has(error.code));
  return { kind: open ? ('unknown' as const) : ('failed' as const), message, code: error.code };
}

/** libvirt tells events, answers pings and notices a closed connection only while this runs. */
function runEvents(): void {
  call<number>('virEventRunDefaultImpl').then(
    (result) => (result < 0 ? over('libvirt’s event loop failed') : runEvents()),
    (error: Error) => over(error.message),
  );
}

async function listen(base: Lane): Promise<void> {
  const closed = callback('void Closed(void *conn, int reason, void *opaque)', (_conn: Pointer, reason: number) =>
    over(REASONS[reason] ?? 'it was closed'),
  );
  const happened = callback(
    'void Happened(void *conn, void *domain, int event, int detail, void *opaque)',
    (_conn: Pointer, domain: Pointer, event: number, detail: number) => {
      const name = EVENTS[event];
      if (name !== undefined) tell({ type: 'lifecycle', uuid: uuidOf(domain), event: name, detail });
    },
  );
  await call('virConnectRegisterCloseCallback', base.connection, closed, null, null);
  await base.status('virConnectDomainEventRegisterAny', base.connection, null, 0, happened, null, null);
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/** The last word; then the end. */
function over(why: string): void {
  if (!process.connected) end();
  process.send?.({ type: 'over', why: legible(why) } satisfies FromWorker, undefined, undefined, end);
}

/** At once: threads that wait in libvirt would hold up any other end. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

main(process.argv[2] ?? '').catch((error: Error) => over(error.message));
