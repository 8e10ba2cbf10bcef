/** The command line's end of the HTTP API: every call has a deadline, and what may be asked again is asked again. */

import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { type Answer, type Ask, type DryRunView, type Item, type Method, type PathOf, urlOf } from './api.js';
import { DryRunAnswer } from './dry-run.js';
import { CliError, EXIT } from './errors.js';
import { interruptible } from './interrupt.js';
import { problemError, problemOf } from './problems.js';
import { baseUrl, isLocal, type Target, type TargetOptions, targetOf } from './target.js';

/** A request that found the service busy, or that nobody knows the outcome of, is sent again so often. */
const TRIES_MAX = 4;
const TRY_PAUSE_MS = 250;
/** A service that has said nothing for so long does not answer. */
const DEADLINE_MS = 30_000;
/** Where several services share a log: so long another one may take to lead, while this one says that it does not. */
const TAKEOVER_MS = 20_000;
const TAKEOVER_PAUSE_MS = 500;

export interface ClientOptions extends TargetOptions {
  /** What would be changed is only tried: `write` throws a DryRunAnswer. */
  readonly dryRun?: boolean;
  /** Where receipts are kept. */
  readonly receipts?: string | undefined;
  readonly deadlineMs?: number;
}

export interface Reply<T> {
  readonly body: T;
  readonly status: number;
  readonly headers: Headers;
}

/** What goes along with a request. */
export interface Sending {
  /** The ETag of what is to be changed, as it was read. */
  readonly ifMatch?: string | undefined;
  /** Default: a new one. Reads have none. */
  readonly key?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Request extends Sending {
  readonly body?: unknown;
  readonly accept?: string;
  readonly lastEventId?: number | undefined;
  /** Asking twice does no harm, even where it is not known whether the first was carried out. */
  readonly repeatable?: boolean;
}

export class Client {
  readonly target: Target;
  private readonly isDry: boolean;
  private readonly receipts: string | undefined;
  private readonly deadlineMs: number;

  constructor(options: ClientOptions) {
    this.target = targetOf(options);
    this.isDry = options.dryRun === true;
    this.receipts = options.receipts ?? process.env.LEASEHOLD_RECEIPTS;
    this.deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  }

  /** One operation of the API. A write carries an idempotency key, so that it can be sent again until it is answered. */
  async ask<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    asking: Ask<M, P> & Sending,
  ): Promise<Reply<Answer<M, P>>> {
    const {
      path: inPath,
      query,
      body,
      ...sending
    } = asking as Sending & {
      readonly path?: Record<string, unknown>;
      readonly query?: Record<string, unknown>;
      readonly body?: unknown;
    };
    const url = urlOf(path, inPath, query);
    const request = { ...sending, ...(body === undefined ? {} : { body }) };
    if (method === 'get') return this.json('GET', url, { ...request, repeatable: true });
    return this.write(method.toUpperCase() as 'POST', url, request);
  }

  /** The last turn that the service knows of. */
  async head(): Promise<number> {
    return Number((await this.ask('get', '/v1/me', {})).headers.get('x-state-turn'));
  }

  /** Every item of a list, page by page. */
  async *all<P extends PathOf<'get'>>(path: P, asking: Ask<'get', P>): AsyncGenerator<Item<P>> {
    const { path: inPath, query } = asking as {
      readonly path?: Record<string, unknown>;
      readonly query?: Record<string, unknown>;
    };
    yield* this.items<Item<P>>(urlOf(path, inPath, query));
  }

  async get<T>(path: string): Promise<Reply<T>> {
    return this.json<T>('GET', path, { repeatable: true });
  }

  async *items<T>(path: string): AsyncGenerator<T> {
    for (let token: string | null = ''; token !== null; ) {
      const separator = path.includes('?') ? '&' : '?';
      const page: string = token === '' ? path : `${path}${separator}page_token=${encodeURIComponent(token)}`;
      const { body } = await this.get<{ readonly items: readonly T[]; readonly nextPageToken: string | null }>(page);
      yield* body.items;
      token = body.nextPageToken;
    }
  }

  async write<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, request: Request = {}): Promise<Reply<T>> {
    const key = request.key ?? randomUUID();
    if (this.isDry) return this.tryOut<T>(method, path, { ...request, key, repeatable: true });
    // The service remembers the keys of submissions: those are carried out once, however often they are sent.
    const submits = method === 'POST' && path === 'v1/leases';
    const remember = submits
      ? `ask again with --idempotency-key ${key}: it is carried out once, however often it is sent`
      : 'look whether it was carried out before you repeat it';
    const note = () => `interrupted; the request was sent, and its outcome is not known: ${remember}`;
    return interruptible(note, () =>
      this.json<T>(method, path, { ...request, key, repeatable: submits }).catch((error: unknown) => {
        if (!(error instanceof Unanswered)) throw error;
        const hint = `${remember.charAt(0).toUpperCase()}${remember.slice(1)}.`;
        throw new CliError(`${error.message}, and it is not known whether it was carried out`, hint, EXIT.unreachable);
      }),
    );
  }

  /** What was asked before under the same key is answered as it was then; all else is thrown. */
  private async tryOut<T>(method: string, path: string, request: Request): Promise<Reply<T>> {
    const reply = await this.json<T>(method, `${path}${path.includes('?') ? '&' : '?'}dryRun=true`, request);
    if ((reply.body as { readonly dryRun?: unknown }).dryRun !== true) return reply;
    throw new DryRunAnswer(reply.body as unknown as DryRunView);
  }

  /** Lines of NDJSON, or of server-sent events after `lastEventId`, as they come. */
  async *lines(path: string, signal?: AbortSignal, lastEventId?: number): AsyncGenerator<string> {
    const sse = lastEventId !== undefined;
    const accept = sse ? 'text/event-stream' : 'application/x-ndjson';
    const begun = new AbortController();
    const late = setTimeout(() => begun.abort(new DOMException('too late', 'TimeoutError')), this.deadlineMs);
    const either = signal === undefined ? begun.signal : AbortSignal.any([begun.signal, signal]);
    try {
      const response = await this.send(this.target.url, 'GET', path, { accept, signal: either, lastEventId });
      clearTimeout(late);
      if (!response.ok) throw await problemError(response, this.target.credential);
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== '' || sse) yield line;
      }
    } catch (error) {
      if (signal?.aborted === true) return;
      throw error instanceof CliError ? error : this.unanswered(error);
    } finally {
      clearTimeout(late);
    }
  }

  private async json<T>(method: string, path: string, request: Request): Promise<Reply<T>> {
    const patience = performance.now() + TAKEOVER_MS;
    let leader: URL | null = null;
    for (let tries = 1; ; tries++) {
      // 1. To the leader, once one has been named; where it is gone, the others know of the next one soon.
      const response: Response | null = await this.tried(leader, method, path, request, tries);
      if (response?.ok === true) {
        this.keep(response.headers.get('receipt'));
        const body = (await response.json().catch((error: unknown) => {
          throw this.unanswered(error);
        })) as T;
        return { body, status: response.status, headers: response.headers };
      }
      // 2. The connection broke, and asking again does no harm.
      if (response === null && leader === null) {
        await pause(TRY_PAUSE_MS * 2 ** tries);
        continue;
      }
      // 3. During a takeover nobody leads: it is sent until somebody does.
      const elsewhere: Elsewhere | null = response === null ? NOWHERE : await elsewhereOf(response);
      if (elsewhere !== null && performance.now() < patience) {
        await response?.body?.cancel();
        leader = elsewhere.url === null || leader !== null ? null : this.followable(elsewhere.url);
        if (leader === null) await pause(TAKEOVER_PAUSE_MS);
        tries = 0;
        continue;
      }
      if (response === null) throw this.unanswered(new Error('the leader that was named is gone'));
      // 4. It is busy, or does not know.
      const again = response.status === 503 || response.status === 429;
      if (!again || tries >= TRIES_MAX) throw await problemError(response, this.target.credential);
      await response.body?.cancel();
      const seconds = Number(response.headers.get('retry-after') ?? '1');
      await pause(Math.min(10, Math.max(0, seconds)) * 1000);
    }
  }

  /** Null: there was no answer, and it is worth another try. */
  private async tried(leader: URL | null, method: string, path: string, request: Request, tries: number) {
    const deadline = AbortSignal.timeout(this.deadlineMs);
    const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
    try {
      return await this.send(leader ?? this.target.url, method, path, { ...request, signal });
    } catch (error) {
      const again = leader !== null || (request.repeatable === true && wasBroken(error) && tries < TRIES_MAX);
      if (again && request.signal?.aborted !== true) return null;
      throw error;
    }
  }

  /** The leader that a service has named, if the token may be sent there. Throws where it may not. */
  private followable(leader: string): URL {
    const url = baseUrl(leader);
    const { token, mayTravel, url: own } = this.target;
    if ((isLocal(url) || mayTravel || token === null) && (url.protocol === 'https:' || own.protocol === 'http:'))
      return url;
    throw new CliError(
      `the service leads at ${url.origin}, and the token is not sent there of itself`,
      'Name that service with --url, and the token with --token-file or LEASEHOLD_TOKEN.',
      EXIT.unreachable,
    );
  }

  private async send(base: URL, method: string, path: string, request: Request): Promise<Response> {
    const headers: Record<string, string> = { accept: request.accept ?? 'application/json' };
    if (this.target.token !== null) headers.authorization = `Bearer ${this.target.token}`;
    if (request.key !== undefined) headers['idempotency-key'] = request.key;
    if (request.ifMatch !== undefined) headers['if-match'] = request.ifMatch;
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    if (request.lastEventId !== undefined) headers['last-event-id'] = String(request.lastEventId);
    try {
      return await fetch(new URL(path, base), {
        method,
        headers,
        redirect: 'error',
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
    } catch (error) {
      throw this.unanswered(error);
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

  private unanswered(error: unknown): CliError {
    const { cause, message, name } = error as Error & { readonly cause?: Error & { readonly code?: string } };
    const { origin } = this.target.url;
    if (name === 'TimeoutError') return new Unanswered(`${origin} has not answered in time`, START_IT);
    const code = cause?.code ?? '';
    const why = `${origin} does not answer: ${cause?.message || code || message}`;
    if (code === 'EPROTO' || code.startsWith('ERR_SSL'))
      return new CliError(`${origin} does not speak TLS`, NO_TLS, EXIT.unreachable);
    if (/CERT|SELF_SIGNED|VERIFY/.test(code)) return new CliError(why, TRUST_IT, EXIT.unreachable);
    return NEVER_SENT.has(code) || cause?.message === 'bad port'
      ? new CliError(why, START_IT, EXIT.unreachable)
      : new Unanswered(why, `${START_IT} One that listens with TLS has an https URL.`, true);
  }
}

const START_IT =
  'Start the service with `leasehold serve`, or name another with --url, LEASEHOLD_URL or `leasehold context use`.';
const NO_TLS = 'Write http:// instead of https://, if it is to be so.';
const TRUST_IT = 'If the certificate is right, name its authority in NODE_EXTRA_CA_CERTS (a PEM file).';
/** What these are about was never sent. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES']);

/** It was sent, perhaps, and nobody answered. */
class Unanswered extends CliError {
  constructor(
    message: string,
    hint: string,
    /** The connection broke; false: it took too long. */
    readonly broke = false,
  ) {
    super(message, hint, EXIT.unreachable);
  }
}

function wasBroken(error: unknown): boolean {
  return error instanceof Unanswered && error.broke;
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
