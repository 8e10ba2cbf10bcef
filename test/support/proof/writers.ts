/**
 * Clients of a service that is about to die: they create, cancel and read leases, repeat requests under their keys, and
 * keep books of what was acknowledged. The books outlive the service.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../engine/index.js';
import type { ServedProcess } from '../process.js';

interface Keyed {
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What clients know, and what they still want to know. */
export class Books {
  /** Leases whose request was acknowledged. */
  readonly leases = new Set<string>();
  /** Leases whose cancellation was acknowledged. */
  readonly cancelled = new Set<string>();
  /** Key → lease, as acknowledged. */
  readonly byKey = new Map<string, string>();
  /** Sent, and not answered: the same will be asked again. */
  readonly open: Keyed[] = [];
  /** Answers that no client may get. */
  readonly wrong: string[] = [];
  /** Of these the next write picks one to cancel or read. */
  readonly recent: string[] = [];
  /** Requests without a key that were refused for sure, by their label. */
  readonly never = new Set<string>();
  /** How often each refusal was given that passes. */
  readonly refusals = new Map<string, number>();
  /** The longest that an answer took. */
  slowestMs = 0;
  answers = 0;
  private keys = 0;

  /** An answer that was no success: it passes, or it is wrong. */
  refused(what: string, { status, code }: { readonly status: number; readonly code: string }): void {
    if (!PASSING.has(code)) this.wrong.push(`${what}: ${status} ${code}`);
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  nextKey(): string {
    return `key-${++this.keys}`;
  }

  created(id: string, key: string | null): void {
    this.leases.add(id);
    this.recent.push(id);
    if (this.recent.length > 50) this.recent.shift();
    if (key === null) return;
    const before = this.byKey.get(key);
    if (before !== undefined && before !== id) this.wrong.push(`${key} made ${before}, and then ${id}`);
    this.byKey.set(key, id);
  }
}

export interface Writing {
  /** They stop when it says so; otherwise when the service is gone. */
  readonly isOver?: () => boolean;
  /** Requests that fill many pages. */
  readonly large?: boolean;
}

const WRITERS = 16;

/** Resolves when every writer has stopped. */
export async function startWriters(
  service: ServedProcess,
  books: Books,
  random: Random,
  writing: Writing = {},
): Promise<void> {
  await Promise.all(Array.from({ length: WRITERS }, () => write(service, books, random.next(), writing)));
}

async function write(service: ServedProcess, books: Books, seed: number, writing: Writing): Promise<void> {
  const random = new Random(seed);
  const { isOver = () => false, large = false } = writing;
  while (!isOver()) {
    try {
      await step(service, books, random, large);
      books.answers++;
    } catch (error) {
      if (!isGone(error)) throw error;
      return;
    }
  }
}

/** As many and as long as a lease may have. */
const LABELS = Object.fromEntries(Array.from({ length: 64 }, (_, k) => [`label-${k}`, 'x'.repeat(128)]));

async function step(service: ServedProcess, books: Books, random: Random, large: boolean): Promise<void> {
  const open = books.open.pop();
  if (open !== undefined) return create(service, books, open);
  const dice = random.below(100);
  const id = books.recent.length > 0 ? random.pick(books.recent) : null;
  if (id !== null && dice < 15) return cancel(service, books, id);
  if (id !== null && dice < 25) return read(service, books, id);
  const body = {
    vms: 1 + random.below(3),
    resources: { cpu: 1 },
    duration: `PT${1 + random.below(5)}S`,
    ...(large ? { labels: LABELS } : {}),
  };
  if (dice < 45) return createWithoutKey(service, books, { ...body, name: books.nextKey() });
  const keyed = { key: books.nextKey(), body };
  await create(service, books, keyed);
  // As a client does whose connection broke just then.
  if (dice < 60) await create(service, books, keyed);
}

/** Whoever was refused waits a moment. */
const PAUSE_MS = 20;
/** Refused for now, or nobody knows: the same is asked again later. */
const PASSING = new Set(['store-unavailable', 'outcome-unknown', 'not-ready', 'busy', 'rate-limited']);

async function create(service: ServedProcess, books: Books, keyed: Keyed): Promise<void> {
  try {
    const reply = await ask(service, books, 'POST', '/v1/leases', keyed.body, { 'idempotency-key': keyed.key });
    if (reply.status === 201) return books.created(reply.id, keyed.key);
    books.refused(keyed.key, reply);
    books.open.push(keyed);
    await sleep(PAUSE_MS);
  } catch (error) {
    books.open.push(keyed);
    throw error;
  }
}

async function createWithoutKey(service: ServedProcess, books: Books, body: { readonly name: string }): Promise<void> {
  const reply = await ask(service, books, 'POST', '/v1/leases', body);
  if (reply.status === 201) return books.created(reply.id, null);
  books.refused('POST', reply);
  if (reply.code === 'store-unavailable') books.never.add(body.name);
  await sleep(PAUSE_MS);
}

async function cancel(service: ServedProcess, books: Books, id: string): Promise<void> {
  const reply = await ask(service, books, 'DELETE', `/v1/leases/${id}`);
  if (reply.status === 200) books.cancelled.add(id);
  else if (reply.code !== 'lease-over') books.refused(`DELETE ${id}`, reply);
}

async function read(service: ServedProcess, books: Books, id: string): Promise<void> {
  const reply = await ask(service, books, 'GET', `/v1/leases/${id}`);
  if (reply.status !== 200) books.refused(`GET ${id}`, reply);
}

async function ask(
  service: ServedProcess,
  books: Books,
  ...request: Parameters<ServedProcess['ask']>
): Promise<{ readonly status: number; readonly id: string; readonly code: string }> {
  const begin = performance.now();
  const { status, json } = await service.ask(...request);
  books.slowestMs = Math.max(books.slowestMs, performance.now() - begin);
  const { id = '', code = '' } = json();
  return { status, id, code };
}

/** The socket broke: what was asked is unknown. */
function isGone(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'fetch failed' ? true : isTerminated(error);
}

function isTerminated(error: unknown): boolean {
  return error instanceof Error && (error.message === 'terminated' || error.name === 'SocketError');
}
