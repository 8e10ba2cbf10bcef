/** The command line's end of the HTTP API: finds the service and the token, and turns problems into exit codes. */

import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, EXIT } from './errors.js';

export const URL_DEFAULT = 'http://127.0.0.1:8080';
const DATA_DIR_DEFAULT = '.leasehold';
/** A write that found the service busy, or that nobody knows the outcome of, is sent again so often. */
const TRIES_MAX = 4;
/** Where several services share a log: so long another one may take to lead, while this one says that it does not. */
const TAKEOVER_MS = 20_000;
const TAKEOVER_PAUSE_MS = 500;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export interface ClientOptions {
  readonly url?: string | undefined;
  readonly tokenFile?: string | undefined;
  /** Where receipts are kept. */
  readonly receipts?: string | undefined;
}

export interface Reply<T> {
  readonly body: T;
  readonly status: number;
  readonly headers: Headers;
}

interface Request {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

/** The members of a problem document that matter here. */
interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly alternatives?: readonly { readonly start: { readonly at: string } }[];
  readonly lease?: { readonly id: string };
  readonly leader?: string | null;
}

export class Client {
  private readonly base: URL;
  private readonly token: string | null;
  private readonly receipts: string | undefined;
  /** The token was named, or came from the environment: it may be sent to other machines. */
  private readonly mayTravel: boolean;

  constructor(options: ClientOptions) {
    this.base = baseUrl(options.url ?? process.env.LEASEHOLD_URL ?? URL_DEFAULT);
    this.token = findToken(options.tokenFile, this.base);
    this.receipts = options.receipts ?? process.env.LEASEHOLD_RECEIPTS;
    this.mayTravel = options.tokenFile !== undefined || Boolean(process.env.LEASEHOLD_TOKEN);
  }

  async get<T>(path: string): Promise<Reply<T>> {
    return this.json<T>('GET', path, {});
  }

  /** Every item of a list, page by page. */
  async *items<T>(path: string): AsyncGenerator<T> {
    for (let token: string | null = ''; token !== null; ) {
      const separator = path.includes('?') ? '&' : '?';
      const page: string = token === '' ? path : `${path}${separator}page_token=${encodeURIComponent(token)}`;
      const { body } = await this.get<{ readonly items: readonly T[]; readonly nextPageToken: string | null }>(page);
      yield* body.items;
      token = body.nextPageToken;
    }
  }

  /** A write: carries an idempotency key, so that it can be sent again until its outcome is known. */
  async write<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, request: Request = {}): Promise<Reply<T>> {
    return this.json<T>(method, path, request, randomUUID());
  }

  /** Lines of NDJSON as they come; empty ones are left out. */
  async *lines(path: string, signal?: AbortSignal): AsyncGenerator<string> {
    const response = await this.send(this.base, 'GET', path, {
      accept: 'application/x-ndjson',
      ...(signal ? { signal } : {}),
    });
    if (!response.ok) throw await problemError(response);
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '') yield line;
      }
    } catch (error) {
      if (signal?.aborted === true) return;
      throw this.unreachable(error);
    }
  }

  private async json<T>(method: string, path: string, request: Request, key?: string): Promise<Reply<T>> {
    const patience = performance.now() + TAKEOVER_MS;
    let leader: URL | null = null;
    for (let tries = 1; ; tries++) {
      // 1. To the leader, once one has been named; where it is gone, the others know of the next one soon.
      const response: Response | null =
        leader === null
          ? await this.send(this.base, method, path, request, key)
          : await this.send(leader, method, path, request, key).catch(() => null);
      if (response?.ok === true) {
        this.keep(response.headers.get('receipt'));
        return { body: (await response.json()) as T, status: response.status, headers: response.headers };
      }
      // 2. During a takeover nobody leads: it is sent until somebody does.
      const elsewhere: Elsewhere | null = response === null ? NOWHERE : await elsewhereOf(response);
      if (elsewhere !== null && performance.now() < patience) {
        await response?.body?.cancel();
        leader = elsewhere.url === null || leader !== null ? null : this.followable(elsewhere.url);
        if (leader === null) await pause(TAKEOVER_PAUSE_MS);
        tries = 0;
        continue;
      }
      if (response === null) throw this.unreachable(new Error('the leader that was named is gone'));
      // 3. It is busy, or does not know.
      const again = response.status === 503 || response.status === 429;
      if (!again || tries >= TRIES_MAX) throw await problemError(response);
      await response.body?.cancel();
      const seconds = Number(response.headers.get('retry-after') ?? '1');
      await pause(Math.min(10, Math.max(0, seconds)) * 1000);
    }
  }

  /** The leader that a service has named, if the token may be sent there. Throws where it may not. */
  private followable(leader: string): URL {
    const url = baseUrl(leader);
    const local = LOOPBACK.includes(url.hostname);
    if (
      (local || this.mayTravel || this.token === null) &&
      (url.protocol === 'https:' || this.base.protocol === 'http:')
    )
      return url;
    throw new CliError(
      `the service leads at ${url.origin}, and the token is not sent there of itself`,
      'Name that service with --url, and the token with --token-file or LEASEHOLD_TOKEN.',
      EXIT.unreachable,
    );
  }

  private async send(base: URL, method: string, path: string, request: Request, key?: string): Promise<Response> {
    const headers: Record<string, string> = { accept: request.accept ?? 'application/json' };
    if (this.token !== null) headers.authorization = `Bearer ${this.token}`;
    if (key !== undefined) headers['idempotency-key'] = key;
    if (request.ifMatch !== undefined) headers['if-match'] = request.ifMatch;
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    try {
      return await fetch(new URL(path, base), {
        method,
        headers,
        redirect: 'error',
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
    } catch (error) {
      throw this.unreachable(error);
    }
  }

  /** A receipt that is not on disk proves nothing. */
  private keep(receipt: string | null): void {
    if (receipt === null || this.receipts === undefined) return;
    try {
      appendFileSync(this.receipts, `${receipt}\n`, { flush: true });
    } catch (error) {
      const detail = `it was done, but its receipt cannot be kept: ${(error as Error).message}`;
      throw new CliError(detail, `The receipt is ${receipt}`, EXIT.failure);
    }
  }

  private unreachable(error: unknown): CliError {
    const { cause, message } = error as Error & { cause?: Error };
    return new CliError(
      `${this.base.origin} does not answer: ${cause?.message || message}`,
      'Start the service with `leasehold serve`, or name another with --url or LEASEHOLD_URL.',
      EXIT.unreachable,
    );
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Where the leader is; null: nobody leads. */
interface Elsewhere {
  readonly url: string | null;
}
const NOWHERE: Elsewhere = { url: null };

/** Null: the service does not say that another one leads. The response can still be read. */
async function elsewhereOf(response: Response): Promise<Elsewhere | null> {
  if (response.status !== 503) return null;
  const { code, leader } = await problemOf(response.clone());
  return code === 'not-leader' ? { url: typeof leader === 'string' ? leader : null } : null;
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new CliError(`${JSON.stringify(text)} is not an http or https URL`, `Example: ${URL_DEFAULT}`, EXIT.usage);
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/** The token for a service at `url`, if there is one. */
export function tokenForUrl(url: string, tokenFile: string | undefined): string | undefined {
  return findToken(tokenFile, baseUrl(url)) ?? undefined;
}

/** --token-file, LEASEHOLD_TOKEN, or the local service's own; that one never leaves this machine. */
function findToken(file: string | undefined, base: URL): string | null {
  if (file !== undefined) return readToken(file);
  if (process.env.LEASEHOLD_TOKEN) return process.env.LEASEHOLD_TOKEN.trim();
  const local = LOOPBACK.includes(base.hostname);
  return local ? readTokenIfAny(join(DATA_DIR_DEFAULT, 'admin.token')) : null;
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CliError(`the token cannot be read: ${(error as Error).message}`, null, EXIT.notAuthorised);
  }
}

function readTokenIfAny(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

async function problemError(response: Response): Promise<CliError> {
  const problem = await problemOf(response);
  const detail = problem.detail ?? `the service answered ${response.status}`;
  const more = (problem.errors ?? []).slice(1).map(({ pointer, detail: fault }) => `; ${pointer} ${fault}`);
  const kept =
    problem.code === 'lease-infeasible' && problem.lease !== undefined ? ` (kept as ${problem.lease.id})` : '';
  const message = `${detail}${more.join('')}${kept} [${problem.code ?? response.status}]`;
  return new CliError(message, hintFor(problem), exitFor(response.status, problem));
}

async function problemOf(response: Response): Promise<ProblemBody> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

function hintFor({ code, alternatives }: ProblemBody): string | null {
  switch (code) {
    case 'token-required':
      return 'Name the token with --token-file or LEASEHOLD_TOKEN; the service keeps it in its data directory.';
    case 'lease-infeasible': {
      const at = alternatives?.[0]?.start.at;
      return at === undefined ? null : `There would be room at ${at}: try --at ${at}`;
    }
    case 'stale':
      return 'Look at it again with `leasehold show`, then repeat the command.';
    case 'lease-unknown':
      return 'List leases with `leasehold ls`.';
    default:
      return null;
  }
}

function exitFor(status: number, { code }: ProblemBody): number {
  if (code === 'lease-infeasible') return EXIT.refused;
  if (code === 'key-reused') return EXIT.conflict;
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return EXIT.usage;
    case 401:
    case 403:
      return EXIT.notAuthorised;
    case 404:
      return EXIT.notFound;
    case 409:
    case 412:
      return EXIT.conflict;
    case 503:
      return EXIT.unreachable;
    default:
      return EXIT.failure;
  }
}
