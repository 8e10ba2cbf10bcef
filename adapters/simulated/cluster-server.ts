/**
 * The simulated cluster as a process of its own: its machines outlive every service that commands them. Orders are
 * taken from the service that leads with the highest epoch ever shown; that epoch is kept in the journal.
 */

import { once } from 'node:events';
import { chmodSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { Duration, Epoch, Observation, Order, OrderId } from '../../engine/index.js';
import { type ClusterAddress, socketOptions } from './address.js';
import type { Heard } from './cluster.js';
import { Journal } from './journal.js';
import { type ClusterClock, LiveSimulatedCluster } from './live-cluster.js';
import {
  ClusterError,
  decodeToCluster,
  type FromCluster,
  OBSERVATIONS_MAX,
  type Site,
  type ToCluster,
  Wire,
} from './wire.js';

export interface ClusterServerOptions {
  readonly address: ClusterAddress;
  readonly journal: string;
  readonly timeScale: number;
  /** A clock that is not before `now`. */
  readonly clockFrom: (now: number) => ClusterClock;
  readonly bootMs?: Duration;
  readonly stopMs?: Duration;
  /** Hears of every order, and what became of it. */
  readonly onOrder: (order: OrderId, epoch: Epoch, heard: Heard) => void;
  /** The journal cannot be written, or nothing is as it should be: the process must stop. */
  readonly onFailure: (error: unknown) => void;
}

/** So many services may be connected. */
const CONNECTIONS_MAX = 64;
/** Told to nobody yet: beyond this the oldest are left out. A service that takes over asks what is true anyway. */
const UNTOLD_MAX = 100_000;

export class ClusterServer {
  private readonly server: Server;
  private readonly sessions = new Set<Session>();
  private live: LiveSimulatedCluster | null = null;
  private opening: Promise<LiveSimulatedCluster> | null = null;
  private clock: ClusterClock | null = null;
  private leader: Session | null = null;
  /** The highest epoch that a service has led with. */
  private highest: Epoch = 0;
  private untold: Observation[] = [];
  private telling: NodeJS.Immediate | null = null;

  private constructor(private readonly options: ClusterServerOptions) {
    this.server = createServer((socket) => this.welcome(socket));
    this.server.maxConnections = CONNECTIONS_MAX;
  }

  /** Listens. Throws a ClusterError where that cannot be had. */
  static async listen(options: ClusterServerOptions): Promise<ClusterServer> {
    const cluster = new ClusterServer(options);
    // A journal that cannot be read is told now, not when the first service comes.
    await (await Journal.open(options.journal)).journal.close();
    await removeDeadSocket(options.address);
    const { server } = cluster;
    // Nobody but the owner may connect, from the first moment on.
    const mask = process.umask(0o177);
    try {
      server.listen(socketOptions(options.address));
    } finally {
      process.umask(mask);
    }
    try {
      await once(server, 'listening');
    } catch (error) {
      throw new ClusterError(`cannot listen: ${(error as Error).message}`);
    }
    if (options.address.kind === 'unix') chmodSync(options.address.path, 0o600);
    return cluster;
  }

  /** The port, where it listens on one. */
  get port(): number | null {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  }

  /** The machines stay as they are, in the journal. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const session of this.sessions) session.socket.destroy();
    if (this.telling !== null) clearImmediate(this.telling);
    await closed;
    await this.live?.close();
  }

  private welcome(socket: Socket): void {
    const session: Session = new Session(socket, (message) => this.receive(session, message));
    this.sessions.add(session);
    socket.once('close', () => {
      this.sessions.delete(session);
      if (this.leader === session) this.leader = null;
    });
  }

  private async receive(session: Session, message: ToCluster): Promise<void> {
    if (message.type === 'hello') return this.greet(session, message);
    const { live } = this;
    if (live === null || !session.greeted) throw new ClusterError('the first message is hello');
    switch (message.type) {
      case 'survey':
        return survey(session, message.ticket, live);
      case 'lead':
        return this.lead(session, message.epoch, live);
      case 'enact':
        return this.enact(session, message.order, live);
      case 'site':
        if (session === this.leader) adopt(live, message);
    }
  }

  /** The first hello opens the journal: from then on what ran has gone on. */
  private async greet(session: Session, hello: ToCluster & { type: 'hello' }): Promise<void> {
    const { options } = this;
    this.opening ??= this.open(hello);
    const live = await this.opening.catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    adopt(live, hello);
    session.greeted = true;
    const now = this.clock!.now();
    session.wire.send({ type: 'welcome', version: 1, now, timeScale: options.timeScale, epoch: this.highest });
  }

  private async open(hello: ToCluster & { type: 'hello' }): Promise<LiveSimulatedCluster> {
    const { journal: path, clockFrom, bootMs = 0, stopMs = 0, onFailure } = this.options;
    const { nodes, sharedImages } = hello;
    const clock = clockFrom(hello.now);
    const isKnown = () => true;
    const live = await LiveSimulatedCluster.open({ path, clock, nodes, isKnown, sharedImages, bootMs, stopMs });
    this.clock = clock;
    this.live = live;
    this.highest = live.epoch;
    live.listen({
      next: (observation) => {
        this.untold.push(observation);
        if (this.untold.length > UNTOLD_MAX) this.untold.shift();
        this.telling ??= setImmediate(() => this.tell());
      },
      error: onFailure,
    });
    return live;
  }

  private async lead(session: Session, epoch: Epoch, live: LiveSimulatedCluster): Promise<void> {
    if (epoch < this.highest || epoch === 0) {
      session.wire.send({ type: 'refused', order: null, highest: this.highest });
      return;
    }
    this.leader = session;
    this.highest = epoch;
    try {
      await live.claim(epoch);
    } catch (error) {
      this.options.onFailure(error);
      return;
    }
    session.wire.send({ type: 'leading', epoch });
    this.tell();
  }

  private enact(session: Session, order: Order, live: LiveSimulatedCluster): void {
    const { options } = this;
    if (order.epoch < this.highest || session !== this.leader) {
      options.onOrder(order.id, order.epoch, 'stale');
      session.wire.send({ type: 'refused', order: order.id, highest: this.highest });
      return;
    }
    const { decision } = order;
    if (order.epoch > this.highest) throw new ClusterError(`an order of epoch ${order.epoch}, which nobody leads with`);
    if ('nodes' in decision && decision.nodes.some((node) => node < 1 || node > live.nodes))
      throw new ClusterError(`order ${order.id} names a node that is not there`);
    options.onOrder(order.id, order.epoch, live.enact(order));
  }

  /** What was observed goes to the one that leads, or waits for one. */
  private tell(): void {
    this.telling = null;
    const { leader } = this;
    if (leader === null) return;
    while (this.untold.length > 0)
      leader.wire.send({ type: 'observed', observations: this.untold.splice(0, OBSERVATIONS_MAX) });
  }
}

/** A service that is connected. Its messages are dealt with one after the other. */
class Session {
  readonly wire: Wire<ToCluster, FromCluster>;
  greeted = false;
  private last: Promise<void> = Promise.resolve();

  constructor(
    readonly socket: Socket,
    receive: (message: ToCluster) => Promise<void>,
  ) {
    const invalid = (detail: string) => this.wire.end({ type: 'invalid', detail });
    this.wire = new Wire(
      socket,
      decodeToCluster,
      (message) => {
        this.last = this.last.then(() => receive(message)).catch((error: Error) => invalid(error.message));
      },
      invalid,
    );
  }
}

async function survey(session: Session, ticket: number, live: LiveSimulatedCluster): Promise<void> {
  const all = await live.survey();
  for (let from = 0; from === 0 || from < all.length; from += OBSERVATIONS_MAX) {
    const observations = all.slice(from, from + OBSERVATIONS_MAX);
    session.wire.send({ type: 'surveyed', ticket, observations, more: from + OBSERVATIONS_MAX < all.length });
  }
}

/** Nodes that are new here are there from now on, and those that have left are not. */
function adopt(live: LiveSimulatedCluster, { nodes, gone }: Site): void {
  for (const some of nodes) if (some.first > live.nodes) live.addNodes(some);
  for (const node of gone) live.removeNode(node);
}

/** A socket that nobody listens on any more is in the way. Throws where somebody does. */
async function removeDeadSocket(address: ClusterAddress): Promise<void> {
  if (address.kind !== 'unix') return;
  const probe = createConnection(address.path);
  try {
    await once(probe, 'connect');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNREFUSED') rmSync(address.path, { force: true });
    return;
  } finally {
    probe.destroy();
  }
  throw new ClusterError(`${address.path}: another process listens there; stop it, or choose another path`);
}
