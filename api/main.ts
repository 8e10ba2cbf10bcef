/** `leasehold serve`: puts the service together, and runs it until it is told to stop. */

import { chmodSync } from 'node:fs';
import { resolve, join } from 'node:path';
import { armedFailpoints, failpoint } from '../adapters/failpoint.js';
import { GIB, IMAGE_LIMITS } from '../adapters/image-port.js';
import { Images } from '../adapters/images/images.js';
import { connectLibvirt } from '../adapters/libvirt/binding/libvirt.js';
import { lookAtHost } from '../adapters/libvirt/look.js';
import { readDisk } from '../adapters/libvirt/read-disk.js';
import { encodeState } from '../engine/index.js';
import { ProjectKeys } from '../adapters/project-keys/project-keys.js';
import { Credentials } from './access/credentials.js';
import { Oidc, oidcOptions } from './access/oidc.js';
import { projectNote } from './access/projects.js';
import { AskingProcess } from './asking/asking-process.js';
import { KeptQuotes } from './asking/kept-quotes.js';
import { adminToken } from './auth.js';
import { ConfigError, LIMITS, type Limits, PAST } from './config.js';
import { watchCertificate } from './certificate-watch.js';
import { Checkpointer } from './checkpointer.js';
import { EXIT_BUG, EXIT_FAILURE } from './exit-codes.js';
import { Follower } from './follower.js';
import { History } from './history.js';
import { Hosts } from './hosts/hosts.js';
import { ImageKeeper } from './images/image-keeper.js';
import { vmDisks } from './images/vm-disks.js';
import { type Listening, removeStaleSocket } from './listening.js';
import { HttpServers } from './http-server.js';
import { decisionLog } from './log.js';
import { LoopClient } from './loop-client.js';
import type { FromLoop } from './loop-messages.js';
import { IMAGES, settingsFor } from './loop-settings.js';
import { LIBVIRT } from './settings/table.js';
import { measured } from './metrics/measured.js';
import { PastClient } from './past/past-client.js';
import { makeSnapshot } from './make-snapshot.js';
import { Personal } from './personal.js';
import { ReadTables } from './records/read-tables.js';
import type { Server } from './deps.js';
import { addressOf, metricsAt } from './routes/metrics.js';
import type { Checked } from './settings/check.js';
import type { ServeOptions } from './settings/table.js';
import { buildServer } from './server.js';
import { signalled } from './signals.js';
import { ThreadedLoop } from './threaded-loop.js';
import { beginTracing } from './traces/sending.js';
import { Courier } from './webhooks/courier.js';
import { Destinations } from '../adapters/destinations.js';
import { WEBHOOK_KEY_FILE, WebhookSecrets } from './webhooks/secrets.js';
import { WhatIfs } from './what-ifs/what-ifs.js';

/** Stopping takes no longer than this. */
const STOP_MS = 9_000;

export async function serve({ options, listening }: Checked): Promise<void> {
  process.once('uncaughtException', endWithBug);
  warnOfFailpoints();
  // 1. What is needed, or a clear error: settings, token, the store and its lock.
  const settings = await settingsFor(options);
  const { token, path: tokenPath } = adminToken(options.dataDir, options.tokenFile);
  const webhookKey = resolve(options.webhookKey ?? join(options.dataDir, WEBHOOK_KEY_FILE));
  const webhookSecrets = WebhookSecrets.open(webhookKey);
  const personal = new Personal(options.personalKeys === null ? null : new ProjectKeys(options.personalKeys));
  const limits: Limits = {
    ...LIMITS,
    rateMax: options.rateLimit * (LIMITS.rateWindowMs / 1000),
    requestsMax: options.requestsMax,
  };
  const loop = new ThreadedLoop(settings);
  await loop.opened;
  // The store is ours now, and so are the tables beside it.
  const tablesPath = join(resolve(options.dataDir), 'read-tables.db');
  const tables = ReadTables.open(tablesPath);
  const follower = new Follower(limits.recentTurns, tables);
  const client = new LoopClient(follower, limits, settings, (message) => loop.send(message));
  const isProject = (name: string) => projectNote(follower.state.notes, name) !== null;
  const oidc = oidcOptions(options);
  const issuer = oidc === null ? null : new Oidc(oidc, isProject);
  const credentials = new Credentials(token, issuer, () => follower.state.notes);
  const checkpoints = await checkpointerFor(options, follower).catch(async (error: unknown) => {
    await loop.stop();
    throw error;
  });

  const whatIfs = new WhatIfs();
  const asked = new AskingProcess(() => encodeState(follower.state));

  // 2. The server listens before the history is read: those who ask are told that it is not ready.
  const servers = new HttpServers(limits, listening);
  const metrics = measured(follower, client, servers, options.metricsPerNode);
  const history = new History(settings.store);
  const past = new PastClient(
    {
      store: settings.store,
      pastPath: join(resolve(options.dataDir), 'past.db'),
      tablesPath,
      personalKeys: options.personalKeys,
      logLevel: options.logLevel,
      ...PAST,
    },
    (error) => app.log.error(`the past could not be read: ${error.message}`),
  );
  const onChange = (text: string) => app.log.warn(text);
  const tracing = await beginTracing(options, { follower, client, metrics, onChange });
  const courier = new Courier({
    follower,
    submit: (command) => client.submit(command),
    history: (after) => history.read(after),
    isLeader: () => client.isReady() && client.notLeader() === null,
    destinations: new Destinations({ http: options.webhookHttp, allowed: options.webhookAllow }),
    secrets: webhookSecrets,
    warn: (about, detail) => app.log.warn(about, `webhook: ${detail}`),
  });
  metrics.webhooks(courier);
  const imageLimits = { ...IMAGE_LIMITS, bytesMax: options.imageSizeMax * GIB };
  const images = new ImageKeeper({
    follower,
    submit: (command) => client.submit(command),
    isLeader: () => client.isReady() && client.notLeader() === null,
    repository: await Images.open({
      directory: join(resolve(options.dataDir), IMAGES),
      allowed: options.imageAllow,
      roots: options.imageRoot,
      limits: imageLimits,
      disks:
        options.cluster === LIBVIRT
          ? vmDisks({
              state: () => follower.state,
              classes: () => follower.nodeClasses,
              read: (...args) => readDisk(connectLibvirt, ...args),
            })
          : null,
    }),
    limits: imageLimits,
    warn: (about, detail) => app.log.warn(about, `image: ${detail}`),
  });
  const hosts = new Hosts({
    look:
      options.cluster === LIBVIRT
        ? (...args) => lookAtHost({ connect: connectLibvirt, directory: options.vmDir }, ...args)
        : null,
    now: () => client.now(),
    isGone: (node) => follower.state.nodeStatus.get(node) === 'gone',
    monitorMs: settings.libvirt.monitorMs,
  });
  metrics.hosts(hosts);
  const app = await buildServer({
    follower,
    past,
    checkpoints,
    submit: (command) => client.submit(command),
    hear: (call) => client.hear(call),
    vmsCanCall: options.cluster !== LIBVIRT || options.vmCallbackUrl !== null,
    health: () => client.health(),
    isReady: () => client.isReady(),
    historyEnd: () => client.historyEnd,
    storeName: settings.storeName,
    commandsWaiting: () => client.commandsWaiting,
    history: (after) => history.read(after),
    asking: asked.asking,
    quotes: new KeptQuotes(),
    whatIfs,
    courier,
    images,
    hosts,
    personal,
    now: () => client.now(),
    standing: () => client.standing(),
    notLeader: () => client.notLeader(),
    credentials,
    limits,
    logLevel: options.logLevel,
    metrics,
    tracing,
    servers,
  });
  follower.turnListeners.push(decisionLog(app.log, follower));
  const endWatch = watchCertificate(servers, app.log);
  loop.onMessage = (message) => {
    client.receive(message);
    hosts.hear(message);
    asked.asking.hear(message);
    if (message.type === 'ready') checkpoints.begin((error) => app.log.error(`no checkpoint: ${error.message}`));
    if (message.type === 'turns') checkpoints.look();
    if (message.type === 'snapshot')
      void makeSnapshot(asked.asking, follower).then((snapshot) => loop.send({ type: 'made', snapshot }));
    if (message.type === 'ready' || message.type === 'role') {
      courier.look();
      images.look();
    }
    if (message.type === 'turns' && client.isReady()) past.grown(follower.head);
    report(app, message);
  };
  asked.onTrouble = (detail) => app.log.error(detail);
  client.onStore = (detail) => app.log.error(detail ?? 'the log can be written again');
  let metricsPort: Awaited<ReturnType<typeof metricsAt>> = null;
  try {
    metricsPort = await metricsAt(options.metricsListen, metrics);
    if (metricsPort !== null) app.log.info(`the metrics are at ${addressOf(metricsPort)}`);
    const url = await listen(app, listening);
    loop.send({ type: 'go', url: options.advertise ?? url, kept: tables.kept });
    loop.ready.then(
      () => process.stdout.write(`Leasehold is at ${url}\nThe admin token is in ${tokenPath}\n`),
      () => {},
    );

    // 3. Until a signal, or until the loop fails: then whoever called us tells why.
    await Promise.race([signalled(), loop.ended]);
  } finally {
    failpoint('stop-begin');
    endWatch();
    metricsPort?.close();
    metricsPort?.closeAllConnections();
    const stopped = Promise.all([courier.close(), images.close()]).then(() => {
      client.stopTaking();
      const answered = loop.stop().finally(() => client.close());
      return Promise.allSettled([answered, app.close()]);
    });
    await within(STOP_MS, stopped);
    await history.close();
    await tracing?.close();
    whatIfs.close();
    await asked.close();
    await checkpoints.close();
    await past.close();
    follower.close();
  }
}

/** They are for tests: whoever has set one by mistake is told. */
function warnOfFailpoints(): void {
  try {
    const armed = armedFailpoints();
    if (armed !== null) process.stderr.write(`leasehold: LEASEHOLD_FAILPOINT is set, this is a test: ${armed}\n`);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}

async function checkpointerFor(options: ServeOptions, { proof }: Follower): Promise<Checkpointer> {
  const directory = resolve(options.dataDir);
  const at = (given: string | null, name: string) => (given === null ? join(directory, name) : resolve(given));
  return new Checkpointer(
    {
      key: at(options.checkpointKey, 'checkpoint.key'),
      file: at(options.checkpoints, 'checkpoints.ndjson'),
      everyTurns: options.checkpointTurns,
      everyMs: options.checkpointSeconds * 1000,
    },
    proof,
  );
}

/** Where it listens now. The loop has not been told to go: where this fails, nothing has been written. */
async function listen(app: Server, { at, tls }: Listening): Promise<string> {
  try {
    if ('path' in at) await removeStaleSocket(at.path);
    const url = await app.listen(at);
    // Fastify does not know what its sockets speak.
    if (!('path' in at)) return tls === null ? url : url.replace(/^http:/, 'https:');
    chmodSync(at.path, 0o660);
    return `unix:${at.path}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const place = 'path' in at ? `the socket ${at.path}` : `port ${at.port} on ${at.host}`;
    const problem = code === 'EADDRINUSE' ? `${place} is in use` : `cannot listen: ${message}`;
    throw Object.assign(new Error(problem), {
      exitCode: EXIT_FAILURE,
      hint: 'Choose another with --host and --port, or --socket; port 0 takes any that is free.',
    });
  }
}

/** What operators want to know, whatever they ask. */
function report(app: Server, message: FromLoop): void {
  if (message.type === 'notice') app.log.warn(message.text);
  else if (message.type === 'role') {
    const { role, epoch, leader } = message;
    app.log.warn({ role, epoch, leader }, role === 'leader' ? 'this service leads now' : 'this service follows');
  }
}

/** Waits for `work`; what takes longer than `ms` is left behind with the process. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => process.exit(), ms);
  await work;
  clearTimeout(timer);
}

/** Nothing that is half done is continued: a restart reads the log. */
function endWithBug(error: Error): void {
  process.stderr.write(`leasehold: this is a bug, please report it with the lines below\n${error.stack ?? error}\n`);
  process.exit(EXIT_BUG);
}
