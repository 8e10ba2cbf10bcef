/**
 * A cluster that runs as a process of its own, behind the same port as one in this process. A connection that breaks is
 * made again; then what is true is asked for anew, and orders that were not answered are sent again.
 */

import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Epoch, Instant, LeaseId, NodeClass, Observation, Order, OrderId } from '../../engine/index.js';
import { type ClusterAddress, socketOptions } from './address.js';
import type { ClusterListener } from '../cluster-listener.js';
import { Told } from '../told.js';
import { ClusterError, decodeFromCluster, type FromCluster, type ToCluster, VERSION, Wire } from './wire.js';

export interface RemoteClusterOptions {
  readonly address: ClusterAddress;
  readonly nodes: readonly NodeClass[];
  readonly gone: readonly number[];
  readonly sharedImages: boolean;
  /** The instant of the last turn. */
  readonly now: Instant;
  /** Whether what a survey found is not in the log yet. */
  readonly isNews: (observation: Observation) => boolean;
  /** Another service has led with a later epoch than ours. */
  readonly onRefused: (highest: Epoch) => void;
}

/** How long the first connection may take, and any answer. */
const ANSWER_MS = 10_000;
const BACKOFF_MS_MIN = 50;
const BACKOFF_MS_MAX = 1_000;

export class RemoteCluster implements Cluster {
  private connection: Connection | null = null;
  private welcomed: (FromCluster & { type: 'welcome' }) | null = null;
  private readonly nodes: NodeClass[];
  private readonly gone: number[];
  /** Sent while we lead, or to be sent, and not answered. */
  private readonly unanswered = new Map<OrderId, Order>();
  private readonly told = new Told();
  private epoch: Epoch | null = null;
  private closed = false;

  private constructor(private readonly options: RemoteClusterOptions) {
    this.nodes = [...options.nodes];
    this.gone = [...options.gone];
  }

  /** Throws a ClusterError where it is not reached in time. */
  static async connect(options: RemoteClusterOptions): Promise<RemoteCluster> {
    const cluster = new RemoteCluster(options);
    const until = performance.now() + ANSWER_MS;
    for (let backoff = BACKOFF_MS_MIN; ; backoff = Math.min(2 * backoff, BACKOFF_MS_MAX)) {
      try {
        cluster.connection = await cluster.dial();
        return cluster;
      } catch (error) {
        if (error instanceof ClusterError || performance.now() + backoff > until)
          throw unreachable(options.address, error);
        await sleep(backoff);
      }
    }
  }

  /** What the cluster said when it was first reached. */
  get welcome(): { readonly now: Instant; readonly timeScale: number; readonly epoch: Epoch } {
    return this.welcomed!;
  }

  enact(order: Order): void {
    this.unanswered.set(order.id, order);
    if (this.epoch !== null) this.connection?.send({ type: 'enact', order });
  }

  async survey(): Promise<readonly Observation[]> {
    if (this.connection === null) throw unreachable(this.options.address, new Error('the connection was lost'));
    return this.connection.survey();
  }

  /** The log has it that we lead with this epoch: earlier ones are refused from now on. What is true then, and news. */
  async lead(epoch: Epoch): Promise<readonly Observation[]> {
    this.epoch = epoch;
    const { connection } = this;
    // Where there is none just now, the next one begins with it.
    return connection === null ? [] : this.leadOver(connection, epoch);
  }

  /** From now on observations are told to the listener. */
  listen(listener: ClusterListener): () => void {
    return this.told.listen(listener);
  }

  addNodes(nodes: NodeClass): void {
    this.nodes.push(nodes);
    this.tellSite({ nodes: [nodes], gone: [] });
  }

  removeNode(node: number): void {
    this.gone.push(node);
    this.tellSite({ nodes: [], gone: [node] });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.connection?.destroy();
  }

  private tellSite(site: { readonly nodes: readonly NodeClass[]; readonly gone: readonly number[] }): void {
    if (this.epoch !== null) this.connection?.send({ type: 'site', ...site });
  }

  /** All that there is is told when we begin to lead, and whenever the connection is made anew. */
  private async leadOver(connection: Connection, epoch: Epoch): Promise<readonly Observation[]> {
    if (!(await connection.lead(epoch))) return [];
    connection.send({ type: 'site', nodes: this.nodes, gone: this.gone });
    const observations = await connection.survey();
    for (const observation of observations) this.note(observation);
    for (const order of this.unanswered.values()) connection.send({ type: 'enact', order });
    return observations.filter(this.options.isNews);
  }

  private async dial(): Promise<Connection> {
    const { address, sharedImages, now } = this.options;
    const connection = await Connection.open(address, (message) => this.receive(message));
    const { nodes, gone } = this;
    this.welcomed = await connection.greet({ type: 'hello', version: VERSION, sharedImages, now, nodes, gone });
    connection.onClosed = (error) => {
      if (this.connection !== connection) return;
      this.connection = null;
      if (!this.closed) void this.reconnect(error);
    };
    return connection;
  }

  private async reconnect(lost: Error): Promise<void> {
    for (let backoff = BACKOFF_MS_MIN; !this.closed; backoff = Math.min(2 * backoff, BACKOFF_MS_MAX)) {
      await sleep(backoff);
      if (this.closed) return;
      try {
        const connection = await this.dial();
        this.connection = connection;
        if (this.closed) return connection.destroy();
        const found = this.epoch === null ? [] : await this.leadOver(connection, this.epoch);
        for (const observation of found) this.tell(observation);
        return;
      } catch (error) {
        // It talks, and makes no sense: trying again changes nothing.
        if (error instanceof ClusterError && lost instanceof ClusterError) return this.told.error(error);
        lost = error as Error;
        this.connection?.destroy();
        this.connection = null;
      }
    }
  }

  private receive(message: FromCluster): void {
    if (message.type === 'observed') for (const observation of message.observations) this.hear(observation);
    else if (message.type === 'refused') this.options.onRefused(message.highest);
  }

  private hear(observation: Observation): void {
    if (this.closed) return;
    this.note(observation);
    this.tell(observation);
  }

  private tell(observation: Observation): void {
    this.told.tell(observation);
  }

  /** An order is answered, and what was ordered before it for VMs that are gone never will be. */
  private note(observation: Observation): void {
    if (!('order' in observation)) return;
    const { type, lease, order } = observation;
    this.unanswered.delete(order);
    if (type === 'LeaseEnded') this.forget(lease, null);
    else if (type === 'VmsStopped') this.forget(lease, order);
  }

  /** `before`: only orders that were given earlier than this one. */
  private forget(lease: LeaseId, before: OrderId | null): void {
    for (const { id, decision } of this.unanswered.values())
      if (decision.lease === lease && (before === null || isEarlier(id, before))) this.unanswered.delete(id);
  }
}

/** One connection, and who waits for an answer on it. */
class Connection {
  onClosed: (error: Error) => void = () => {};
  private readonly wire: Wire<FromCluster, ToCluster>;
  private readonly waiting = new Set<Waiting>();
  private ticket = 0;
  private failure: Error = new Error('the connection was lost');

  private constructor(
    private readonly socket: ReturnType<typeof createConnection>,
    private readonly onMessage: (message: FromCluster) => void,
  ) {
    this.wire = new Wire(
      socket,
      decodeFromCluster,
      (message) => this.receive(message),
      (detail) => this.fail(detail),
    );
    socket.once('close', () => {
      for (const { reject } of this.waiting) reject(this.failure);
      this.onClosed(this.failure);
    });
  }

  static async open(address: ClusterAddress, onMessage: (message: FromCluster) => void): Promise<Connection> {
    const socket = createConnection(socketOptions(address));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new Connection(socket, onMessage);
  }

  send(message: ToCluster): void {
    this.wire.send(message);
  }

  greet(hello: ToCluster): Promise<FromCluster & { type: 'welcome' }> {
    return this.ask(hello, (message) => (message.type === 'welcome' ? message : null));
  }

  /** False: refused. */
  lead(epoch: Epoch): Promise<boolean> {
    return this.ask({ type: 'lead', epoch }, (message) =>
      message.type === 'leading' ? true : message.type === 'refused' ? false : null,
    );
  }

  async survey(): Promise<readonly Observation[]> {
    const ticket = ++this.ticket;
    const all: Observation[] = [];
    return this.ask({ type: 'survey', ticket }, (message) => {
      if (message.type !== 'surveyed' || message.ticket !== ticket) return null;
      all.push(...message.observations);
      return message.more ? null : all;
    });
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** The first message that `read` makes something of. */
  private ask<T>(message: ToCluster, read: (message: FromCluster) => T | null): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (settled: () => void): void => {
        clearTimeout(timer);
        this.waiting.delete(waiting);
        settled();
      };
      const timer = setTimeout(() => this.socket.destroy(), ANSWER_MS);
      const waiting: Waiting = {
        offer: (answer) => {
          const found = read(answer);
          if (found !== null) settle(() => resolve(found));
        },
        reject: (error) => settle(() => reject(error)),
      };
      this.waiting.add(waiting);
      if (this.socket.destroyed) waiting.reject(this.failure);
      else this.send(message);
    });
  }

  private receive(message: FromCluster): void {
    if (message.type === 'invalid') return this.fail(message.detail);
    for (const waiting of [...this.waiting]) waiting.offer(message);
    this.onMessage(message);
  }

  private fail(detail: string): void {
    this.failure = new ClusterError(`the cluster: ${detail}`);
    this.socket.destroy();
  }
}

interface Waiting {
  readonly offer: (message: FromCluster) => void;
  readonly reject: (error: Error) => void;
}

/** Orders are `turn.index`, compared as two numbers. */
function isEarlier(one: OrderId, other: OrderId): boolean {
  const [turn, index] = one.split('.').map(Number);
  const [otherTurn, otherIndex] = other.split('.').map(Number);
  return (turn! - otherTurn! || index! - otherIndex!) < 0;
}

function unreachable(address: ClusterAddress, error: unknown): ClusterError {
  const where = address.kind === 'unix' ? `unix:${address.path}` : `tcp://${address.host}:${address.port}`;
  const { message } = error as Error;
  return new ClusterError(`${where}: the cluster cannot be used: ${message}`);
}
