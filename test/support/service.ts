/** The service in this process, whole but for its socket and its second thread: real loop, store, cluster and server. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { merge, Observable, Subject } from 'rxjs';
import { expect } from 'vitest';
import type { ChainedLog } from '../../adapters/event-store/chain.js';
import { MemoryLog, MemoryStore } from '../../adapters/event-store/memory.js';
import type { Call } from '../../adapters/callback.js';
import { scaledClock } from '../../adapters/live/clock.js';
import { LiveWorld } from '../../adapters/live/world.js';
import { IMAGE_LIMITS, type ImageLimits } from '../../adapters/image-port.js';
import { Images, type ImagesOptions } from '../../adapters/images/images.js';
import { ProjectKeys } from '../../adapters/project-keys/project-keys.js';
import { LiveSimulatedCluster } from '../../adapters/simulated/live-cluster.js';
import { Credentials } from '../../api/access/credentials.js';
import type { Oidc } from '../../api/access/oidc.js';
import { LIMITS, type Limits, PAST } from '../../api/config.js';
import { Asker } from '../../api/asking/asker.js';
import { Asking } from '../../api/asking/asking.js';
import { runWhatIf } from '../../api/what-ifs/run-what-if.js';
import { Courier } from '../../api/webhooks/courier.js';
import { Destinations, type DestinationRules, type Resolve } from '../../adapters/destinations.js';
import { WEBHOOK_LIMITS, type WebhookLimits } from '../../api/webhooks/limits.js';
import { WebhookSecrets } from '../../api/webhooks/secrets.js';
import { WhatIfs } from '../../api/what-ifs/what-ifs.js';
import { KeptQuotes } from '../../api/asking/kept-quotes.js';
import { Checkpointer } from '../../api/checkpointer.js';
import { Follower } from '../../api/follower.js';
import { makeSnapshot } from '../../api/make-snapshot.js';
import { Loop } from '../../api/loop.js';
import { Hosts } from '../../api/hosts/hosts.js';
import { ImageKeeper } from '../../api/images/image-keeper.js';
import { HttpServers } from '../../api/http-server.js';
import type { Listening } from '../../api/listening.js';
import { decisionLog } from '../../api/log.js';
import { LoopClient } from '../../api/loop-client.js';
import type { FromLoop, LoopSettings, ToLoop } from '../../api/loop-messages.js';
import { measured } from '../../api/metrics/measured.js';
import { PastServer } from '../../api/past/past-server.js';
import { PastViews } from '../../api/past/past-views.js';
import { Personal } from '../../api/personal.js';
import { PastFile } from '../../api/records/past-file.js';
import { ReadTables } from '../../api/records/read-tables.js';
import type { LeaseView } from '../../api/schemas/lease.js';
import type { Server } from '../../api/deps.js';
import type { LogLevel, ServeOptions } from '../../api/settings/table.js';
import { beginTracing } from '../../api/traces/sending.js';
import { buildServer } from '../../api/server.js';
import { TurnGate } from '../../api/turn-gate.js';
import { type EventStore, type Observation, POLICY_DEFAULT, type Policy, type Turn } from '../../engine/index.js';
import { parseNodes } from '../../simulations/site-options.js';

export const TOKEN = 'test-token-of-forty-three-characters-length';
export const NODES = '4x cpu=8,memory=32GiB,gpu=2';

export interface ServiceOptions {
  readonly nodes?: string;
  readonly policy?: Partial<Policy>;
  readonly store?: EventStore & Pick<ChainedLog, 'hash'>;
  readonly timeScale?: number;
  readonly limits?: Partial<Limits>;
  readonly logLevel?: LogLevel;
  /** Where traces are sent; default: nowhere. */
  readonly traces?: Pick<ServeOptions, 'otlpEndpoint' | 'traceSample'>;
  /** Where the follower keeps its tables; default: nowhere. */
  readonly tables?: string;
  /** A milestone of the past is made every so many turns. */
  readonly milestoneTurns?: number;
  /** Where the keys of projects are; default: nothing is sealed. */
  readonly personalKeys?: string;
  /** Whose signed tokens are taken. */
  readonly issuer?: (follower: Follower) => Oidc;
  /** Where webhooks may go; default: to this machine, by http. */
  readonly webhooks?: Partial<DestinationRules & WebhookLimits> & { readonly key?: Buffer; readonly resolve?: Resolve };
  /** Where images may be; default: on servers of this machine. */
  readonly images?: Partial<Pick<ImagesOptions, 'directory' | 'allowed' | 'roots'> & ImageLimits>;
  /** Hosts that can be registered; default: nodes are simulated. */
  readonly hosts?: Hosts;
  /** Which VMs that call are waited for; default: what the loop says. */
  readonly hear?: (call: Call) => Promise<boolean>;
  readonly vmsCanCall?: boolean;
  /** Changes what goes to the loop: null drops it. */
  readonly toLoop?: (message: ToLoop) => ToLoop | null;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the service answers
  readonly body: any;
}

export class Service {
  private constructor(
    readonly app: Server,
    readonly follower: Follower,
    readonly client: LoopClient,
    readonly asking: Asking,
    readonly courier: Courier,
    private readonly images: ImageKeeper,
    private readonly loop: Loop,
    private readonly running: Promise<void>,
    readonly ready: Promise<void>,
    private readonly cleanUp: () => Promise<void>,
  ) {}

  /** A service that is ready. */
  static async start(options: ServiceOptions = {}): Promise<Service> {
    const service = await Service.prepare(options);
    await Promise.race([service.ready, service.running]);
    return service;
  }

  /** A service that has only begun to read its log. */
  static async prepare(options: ServiceOptions = {}): Promise<Service> {
    const limits: Limits = { ...LIMITS, closingMs: 50, ...options.limits };
    const directory = mkdtempSync(join(tmpdir(), 'leasehold-test-'));
    const store = options.store ?? new MemoryStore(new MemoryLog());
    const settings = settingsFor(options, directory);
    const tables = options.tables === undefined ? ReadTables.inMemory() : ReadTables.open(options.tables);
    const follower = new Follower(limits.recentTurns, tables);
    const client: LoopClient = new LoopClient(follower, limits, settings, (message) => {
      const sent = options.toLoop === undefined ? message : options.toLoop(message);
      if (sent !== null) loop.receive(sent);
    });
    const credentials = new Credentials(TOKEN, options.issuer?.(follower) ?? null, () => follower.state.notes);
    const files = { key: join(directory, 'checkpoint.key'), file: join(directory, 'checkpoints.ndjson') };
    const checkpoints = new Checkpointer({ ...files, everyTurns: 2, everyMs: 60_000 }, follower.proof);
    const whatIfs = new WhatIfs((whatIf, tell) => {
      void runWhatIf(whatIf, (message) => setImmediate(tell, structuredClone(message)));
      return () => {};
    });
    const asker: Asker = new Asker((message) => setImmediate(() => asking.receive(structuredClone(message))));
    const asking: Asking = new Asking((message) => asker.receive(message));
    let cluster: LiveSimulatedCluster | null = null;
    const becameReady = new Subject<void>();
    const ready = new Promise<void>((resolve) => becameReady.subscribe(resolve));
    const tell = (message: FromLoop): void => {
      client.receive(message);
      asking.hear(message);
      if (message.type === 'ready') checkpoints.begin(() => {});
      if (message.type === 'turns') {
        checkpoints.look();
        past.grown(follower.head);
      }
      if (message.type === 'ready' || message.type === 'role') {
        courier.look();
        images.look();
      }
      if (message.type === 'ready') becameReady.next();
      if (message.type === 'snapshot')
        void makeSnapshot(asking, follower).then((snapshot) => loop.receive({ type: 'made', snapshot }));
    };
    const loop = new Loop(settings, store, tell, async ({ state, nodes }) => {
      const clock = scaledClock(settings.timeScale, Math.max(Date.now(), state.now));
      const isKnown = (lease: string) => state.leases.has(lease);
      const live = await LiveSimulatedCluster.open({ path: settings.journalPath, clock, nodes, isKnown });
      cluster = live;
      const told = new Observable<Observation>((listener) => live.listen(listener));
      const surveyed = new Subject<Observation>();
      const world = new LiveWorld({ observations: merge(told, surveyed), clock, from: state.now });
      for (const observation of await live.survey()) surveyed.next(observation);
      const onTurn = (turn: Turn): void => {
        for (const input of turn.inputs) {
          if (input.type === 'NodesAdded') live.addNodes(input.nodes);
          if (input.type === 'NodeRemoved') live.removeNode(input.node);
        }
      };
      return { cluster: live, world, now: () => clock.now(), onTurn };
    });
    const personal = new Personal(options.personalKeys === undefined ? null : new ProjectKeys(options.personalKeys));
    const file = PastFile.open(join(directory, 'past.db'), PAST.bytesMax);
    const views = new PastViews({
      history: (after) => store.read(after),
      file,
      over: tables.over,
      everyTurns: options.milestoneTurns ?? PAST.everyTurns,
    });
    const past = await PastServer.build(views, personal, 'silent');
    const servers = new HttpServers(limits, HERE);
    const { http = true, allowed = ['127.0.0.1'], key = Buffer.alloc(32, 7), resolve, ...few } = options.webhooks ?? {};
    const courier = new Courier({
      follower,
      submit: (command) => client.submit(command),
      history: (after) => store.read(after),
      isLeader: () => client.isReady() && client.notLeader() === null,
      destinations: new Destinations({ http, allowed }, resolve),
      secrets: new WebhookSecrets(key),
      limits: { ...WEBHOOK_LIMITS, ...few },
      warn: (about, detail) => app.log.warn(about, `webhook: ${detail}`),
    });
    const { directory: imageDirectory = join(directory, 'images'), roots = [], ...fewImages } = options.images ?? {};
    const { allowed: imageAllowed = ['127.0.0.1'], ...someLimits } = fewImages;
    const imageLimits = { ...IMAGE_LIMITS, pauseMs: 1, ...someLimits };
    const images = new ImageKeeper({
      follower,
      submit: (command) => client.submit(command),
      isLeader: () => client.isReady() && client.notLeader() === null,
      repository: await Images.open({
        directory: imageDirectory,
        allowed: imageAllowed,
        roots,
        limits: imageLimits,
      }),
      limits: imageLimits,
      warn: (about, detail) => app.log.warn(about, `image: ${detail}`),
    });
    const metrics = measured(follower, client, servers, true);
    metrics.webhooks(courier);
    const untraced = { otlpEndpoint: null, traceSample: 1 };
    const sender = { follower, client, metrics, onChange: (text: string) => app.log.warn(text) };
    const tracing = await beginTracing(options.traces ?? untraced, sender);
    const simulated = { look: null, now: () => client.now(), isGone: () => false, monitorMs: 10_000 };
    const hosts = options.hosts ?? new Hosts(simulated);
    metrics.hosts(hosts);
    const app = await buildServer({
      follower,
      past,
      checkpoints,
      submit: (command) => client.submit(command),
      hear: options.hear ?? ((call) => client.hear(call)),
      vmsCanCall: options.vmsCanCall ?? true,
      health: () => client.health(),
      isReady: () => client.isReady(),
      historyEnd: () => client.historyEnd,
      storeName: settings.storeName,
      commandsWaiting: () => client.commandsWaiting,
      history: (after) => store.read(after),
      personal,
      asking,
      quotes: new KeptQuotes(),
      whatIfs,
      courier,
      images,
      hosts,
      now: () => client.now(),
      standing: () => client.standing(),
      notLeader: () => client.notLeader(),
      credentials,
      limits,
      logLevel: options.logLevel ?? 'silent',
      servers,
      metrics,
      tracing,
    });
    follower.turnListeners.push(decisionLog(app.log, follower));
    const running = loop.run(tables.kept);
    return new Service(app, follower, client, asking, courier, images, loop, running, ready, async () => {
      await tracing?.close();
      await (cluster as LiveSimulatedCluster | null)?.close();
      await checkpoints.close();
      await past.close();
      file.close();
      whatIfs.close();
      asker.close();
      asking.close();
      follower.close();
      rmSync(directory, { recursive: true });
    });
  }

  async stop(): Promise<void> {
    await this.courier.close();
    await this.images.close();
    await this.app.close();
    this.client.close();
    this.loop.receive({ type: 'stop' });
    await this.running;
    await this.cleanUp();
  }

  /** One request with the token. A body that is no text is sent as JSON. */
  async ask(
    method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH',
    url: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
    from = '127.0.0.1',
  ): Promise<Reply> {
    const response = await this.app.inject({
      method: method as 'GET',
      remoteAddress: from,
      url,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const isJson = /^application\/([a-z.-]+\+)?json/.test(String(response.headers['content-type']));
    return {
      status: response.statusCode,
      headers: response.headers as Record<string, string>,
      text: response.body,
      body: isJson && response.body !== '' ? JSON.parse(response.body) : null,
    };
  }

  /** A lease that was accepted. */
  async lease(request: Record<string, unknown> = {}): Promise<LeaseView> {
    const { status, body } = await this.ask('POST', '/v1/leases', { ...SMALL, ...request });
    expect(status, JSON.stringify(body)).toBe(201);
    return body as LeaseView;
  }

  /** A token for somebody, made by the admin. */
  async token(request: Record<string, unknown>): Promise<string> {
    const { status, body } = await this.ask('POST', '/v1/tokens', request);
    expect(status, JSON.stringify(body)).toBe(201);
    return body.token as string;
  }

  async read(id: string): Promise<LeaseView> {
    return (await this.ask('GET', `/v1/leases/${id}`)).body as LeaseView;
  }

  /** Waits for turns until the lease is in one of `states`. */
  async until(id: string, ...states: readonly string[]): Promise<LeaseView> {
    const patience = AbortSignal.timeout(20_000);
    for (;;) {
      const { head } = this.follower;
      const lease = await this.read(id);
      if (states.includes(lease.state)) return lease;
      if (patience.aborted) throw new Error(`lease ${id} is ${lease.state}, not ${states.join(' or ')}`);
      await this.follower.later(head, patience, 1_000);
    }
  }
}

export const HERE: Listening = { at: { host: '127.0.0.1', port: 0 }, tls: null, proxies: [], thisMachineOnly: true };

export const SMALL = { vms: 1, resources: { cpu: 1, memoryMiB: 1024 }, duration: 'PT1H' };

function settingsFor(options: ServiceOptions, directory: string): LoopSettings {
  const { resources, classes } = parseNodes([options.nodes ?? NODES]);
  return {
    store: { path: join(directory, 'leasehold.db'), anchor: join(directory, 'leasehold.db.anchor'), url: null },
    storeName: 'leasehold.db',
    journalPath: join(directory, 'cluster.journal'),
    libvirt: {
      ...{
        directory: '/var/lib/leasehold',
        accel: 'auto' as const,
        graceMs: 0,
        deaf: 'destroy' as const,
        way: { bandwidth: null, tls: false },
        nodeGraceMs: 3_600_000,
        fenceCommand: null,
        network: null,
        callbackUrl: null,
      },
      ...{ imageDirectory: join(directory, 'images'), personalKeys: null, monitorMs: 10_000 },
    },
    cluster: null,
    timeScale: options.timeScale ?? 1,
    gate: TurnGate.memory(options.limits?.waitingMax ?? LIMITS.waitingMax),
    genesis: {
      resources,
      nodes: classes.map(({ first: _, ...nodes }) => nodes),
      policy: { ...POLICY_DEFAULT, ...options.policy },
    },
    given: { site: false, policy: false },
  };
}
