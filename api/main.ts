/** `leasehold serve`: puts the service together, and runs it until it is told to stop. */

import { chmodSync } from 'node:fs';
import { armedFailpoints, failpoint } from '../adapters/failpoint.js';
import { KeptQuotes } from './asking/kept-quotes.js';
import { watchCertificate } from './certificate-watch.js';
import { ConfigError } from './config.js';
import type { Server, ServerDeps } from './deps.js';
import { EXIT_BUG, EXIT_FAILURE } from './exit-codes.js';
import { type Listening, removeStaleSocket } from './listening.js';
import { decisionLog } from './log.js';
import type { FromLoop } from './loop-messages.js';
import { makeSnapshot } from './make-snapshot.js';
import { type Opened, open } from './open.js';
import { type Parts, partsOf } from './parts.js';
import { addressOf, metricsAt } from './routes/metrics.js';
import { buildServer } from './server.js';
import type { Checked } from './settings/check.js';
import { LIBVIRT, type ServeOptions } from './settings/table.js';
import { signalled } from './signals.js';

/** Stopping takes no longer than this. */
const STOP_MS = 9_000;

export async function serve({ options, listening }: Checked): Promise<void> {
  process.once('uncaughtException', endWithBug);
  warnOfFailpoints();
  // 1. What is needed, or a clear error.
  const opened = await open(options);

  // 2. The server, which listens before the history is read: those who ask are told that it is not ready.
  const parts = await partsOf(opened, options, listening, () => app.log);
  const app = await buildServer(serverDeps(opened, parts, options));
  const { loop, client, tables, follower } = opened;
  follower.turnListeners.push(decisionLog(app.log, follower));
  loop.onMessage = (message) => hear(message, opened, parts, app);
  client.onStore = (detail) => app.log.error(detail ?? 'the log can be written again');
  const endWatch = watchCertificate(parts.servers, app.log);
  let metricsPort: Awaited<ReturnType<typeof metricsAt>> = null;
  try {
    metricsPort = await metricsAt(options.metricsListen, parts.metrics);
    if (metricsPort !== null) app.log.info(`the metrics are at ${addressOf(metricsPort)}`);
    const url = await listen(app, listening);
    loop.send({ type: 'go', url: options.advertise ?? url, kept: tables.kept });
    loop.ready.then(
      () => process.stdout.write(`Leasehold is at ${url}\nThe admin token is in ${opened.tokenPath}\n`),
      () => {},
    );

    // 3. Until a signal, or until the loop fails: then whoever called us tells why.
    await Promise.race([signalled(), loop.ended]);
  } finally {
    failpoint('stop-begin');
    endWatch();
    metricsPort?.close();
    metricsPort?.closeAllConnections();
    await close(opened, parts, app);
  }
}

function serverDeps(opened: Opened, parts: Parts, options: ServeOptions): ServerDeps {
  const { follower, client, settings, checkpoints, personal, credentials, limits } = opened;
  const { history, past, asked, whatIfs, courier, images, hosts, metrics, tracing, servers } = parts;
  return {
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
  };
}

/** What the loop says goes to all whom it concerns. */
function hear(message: FromLoop, opened: Opened, parts: Parts, app: Server): void {
  const { client, checkpoints, follower, loop } = opened;
  const { hosts, asked, courier, images, past } = parts;
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
}

/** Writes that were taken are answered; then everything ends that was opened. */
async function close(opened: Opened, parts: Parts, app: Server): Promise<void> {
  const { client, loop, checkpoints, follower } = opened;
  const { courier, images, history, tracing, whatIfs, asked, past } = parts;
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

/** They are for tests: whoever has set one by mistake is told. */
function warnOfFailpoints(): void {
  try {
    const armed = armedFailpoints();
    if (armed !== null) process.stderr.write(`leasehold: LEASEHOLD_FAILPOINT is set, this is a test: ${armed}\n`);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
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
