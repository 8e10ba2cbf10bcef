/**
 * Answers reads as of earlier turns: the same routes as the service's, on a follower as it was then. The present is what
 * it was after that turn, and nothing is written.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify from 'fastify';
import { encodeState, type Instant } from '../../engine/index.js';
import { Caller } from '../access/caller.js';
import { LIMITS } from '../config.js';
import type { Server, RouteDeps } from '../deps.js';
import { answerError } from '../error-answers.js';
import type { FollowerView } from '../follower.js';
import { pack } from '../packed.js';
import type { Personal } from '../personal.js';
import { Asking } from '../asking/asking.js';
import { WhatIfs } from '../what-ifs/what-ifs.js';
import { KeptQuotes } from '../asking/kept-quotes.js';
import { Problem } from '../problems.js';
import { routes } from '../routes/all.js';
import type { LogLevel } from '../settings/table.js';
import { NAMED } from '../schemas/named.js';
import { validatorCompiler } from '../validation.js';
import type { PastAnswer, PastPort, PastQuestion, PastState } from './past-port.js';
import type { PastViews } from './past-views.js';

/** So many are answered at a time: each holds a past in memory. */
const ANSWERS_MAX = 16;
/** After milestones were made it rests so many times as long. */
const REST_FACTOR = 9;

interface Asked {
  readonly view: FollowerView;
  readonly caller: Caller;
}

export class PastServer implements PastPort {
  /** What the request under way is about. */
  private readonly current = new AsyncLocalStorage<Asked>();
  private app: Server | null = null;
  private answering = 0;
  private restsUntil = 0;
  private settled = 0;

  private constructor(private readonly views: PastViews) {}

  static async build(views: PastViews, personal: Personal, logLevel: LogLevel): Promise<PastServer> {
    const server = new PastServer(views);
    await server.prepare(personal, logLevel);
    return server;
  }

  async answer(question: PastQuestion): Promise<PastAnswer> {
    const { turn, settled, method, url, headers, caller } = question;
    if (this.answering >= ANSWERS_MAX) throw new Problem('busy', `${ANSWERS_MAX} reads of the past are under way`);
    this.answering++;
    const done = once(() => this.answering--);
    try {
      this.settled = Math.max(this.settled, settled);
      const view = await this.views.at(turn, settled);
      const request = { method, url, headers, payloadAsStream: true } as const;
      // It is sent when it is waited for: that is within.
      const response = await this.current.run(
        { view, caller: new Caller(caller) },
        async () => await this.app!.inject(request),
      );
      const body = response.stream();
      body.once('close', done);
      return { status: response.statusCode, headers: namesAndTexts(response.headers), body };
    } catch (error) {
      done();
      throw error;
    }
  }

  async stateAt({ turn, settled }: Pick<PastQuestion, 'turn' | 'settled'>): Promise<PastState> {
    const { state, nodeClasses } = await this.views.at(turn, settled);
    const { now, policy, resources } = state;
    return { packed: pack(encodeState(state)), now, policy, resources, nodes: nodeClasses };
  }

  turnAt(at: Instant, head: number): Promise<number> {
    return this.views.turnAt(at, head);
  }

  /** Takes a tenth of the thread's time at most: others need the processor. What is put off is done with what comes later. */
  grown(head: number): void {
    const begin = performance.now();
    if (begin < this.restsUntil) return;
    this.restsUntil = Number.POSITIVE_INFINITY;
    this.views
      .grow(head)
      // A log that cannot be read is told to whoever reads.
      .catch(() => {})
      .finally(() => {
        const end = performance.now();
        this.restsUntil = end + REST_FACTOR * (end - begin);
      });
  }

  async close(): Promise<void> {
    await this.app!.close();
  }

  private async prepare(personal: Personal, level: LogLevel): Promise<void> {
    const app: Server = fastify({
      logger: { level, stream: process.stderr },
      requestIdHeader: 'x-request-id',
      routerOptions: { maxParamLength: LIMITS.urlParameterLength },
      frameworkErrors: answerError,
    }).withTypeProvider<TypeBoxTypeProvider>();
    app.setValidatorCompiler(validatorCompiler);
    app.setSerializerCompiler(() => (value) => JSON.stringify(value));
    app.setErrorHandler(answerError);
    for (const [name, schema] of Object.entries(NAMED)) app.addSchema({ ...schema, $id: name });
    app.decorateRequest('caller');
    app.addHook('onRequest', async (request) => {
      request.caller = this.asked().caller;
    });
    const deps = this.depsOf(personal);
    app.register(async (v1) => routes(v1 as Server, deps, new AbortController().signal), { prefix: '/v1' });
    await app.ready();
    this.app = app;
  }

  private asked(): Asked {
    const asked = this.current.getStore();
    if (asked === undefined) throw new Error('a read of the past has lost its turn');
    return asked;
  }

  private depsOf(personal: Personal): RouteDeps {
    const view = () => this.asked().view;
    const follower: FollowerView = {
      get records() {
        return view().records;
      },
      get recent() {
        return view().recent;
      },
      get proof() {
        return view().proof;
      },
      get nodeClasses() {
        return view().nodeClasses;
      },
      get policies() {
        return view().policies;
      },
      get state() {
        return view().state;
      },
      get head() {
        return view().head;
      },
      record: (id) => view().record(id),
      later: (after, signal, ms) => view().later(after, signal, ms),
    };
    return {
      follower,
      personal,
      now: () => view().state.now,
      earlier: (turn) => this.views.at(turn, this.settled),
      past: null,
      asking: new Asking(() => {}),
      quotes: new KeptQuotes(),
      whatIfs: new WhatIfs(),
      courier: null,
      images: null,
      hosts: null,
      checkpoints: { last: null, recent: [] },
      submit: () => Promise.reject(new Problem('method-not-allowed', 'the past is only read')),
      hear: async () => false,
      vmsCanCall: false,
      health: async () => ({ ready: true, storeWritable: false, answering: true }),
      isReady: () => true,
      history: () => {
        throw new Problem('query-invalid', 'the log is not read as of a turn');
      },
      standing: () => ({ role: 'leader', ageMs: null }),
      notLeader: () => null,
      limits: LIMITS,
    };
  }
}

function once(work: () => void): () => void {
  let todo = true;
  return () => {
    if (todo) work();
    todo = false;
  };
}

function namesAndTexts(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name, value]) => value !== undefined && !HOP.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** What is said anew for the answer as it goes out. */
const HOP: ReadonlySet<string> = new Set(['connection', 'date', 'transfer-encoding', 'keep-alive']);
