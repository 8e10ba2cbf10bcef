/**
 * What services and a cluster that runs as a process of its own say to each other: lines of JSON over a socket. What
 * comes in is checked by the shapes of the log's own events.
 */

import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { decodeTurn } from '../../engine/index.js';
import type { Epoch, Instant, NodeClass, Observation, Order, OrderDecision, OrderId } from '../../engine/index.js';

export const VERSION = 1;
/** Longer lines end the connection, and so does a peer that leaves so much unread. */
export const LINE_LENGTH_MAX = 16 * 1024 * 1024;
export const OBSERVATIONS_MAX = 1_000;

/** The nodes that the log knows, all of them, and those that have left. */
export interface Site {
  readonly nodes: readonly NodeClass[];
  readonly gone: readonly number[];
}

export type ToCluster =
  /** First. `now`: the instant of the last turn; the cluster's time is not before it. */
  | ({ readonly type: 'hello'; readonly version: number; readonly sharedImages: boolean; readonly now: Instant } & Site)
  | { readonly type: 'survey'; readonly ticket: number }
  /** The log has it that this service leads with `epoch`: orders of earlier ones are refused from now on. */
  | { readonly type: 'lead'; readonly epoch: Epoch }
  | { readonly type: 'enact'; readonly order: Order }
  | ({ readonly type: 'site' } & Site);

export type FromCluster =
  | {
      readonly type: 'welcome';
      readonly version: number;
      readonly now: Instant;
      readonly timeScale: number;
      /** The highest that it has seen. */
      readonly epoch: Epoch;
    }
  | {
      readonly type: 'surveyed';
      readonly ticket: number;
      readonly observations: readonly Observation[];
      /** More of the same follow. */
      readonly more: boolean;
    }
  | { readonly type: 'leading'; readonly epoch: Epoch }
  /** Another service has led with the later epoch `highest`. */
  | { readonly type: 'refused'; readonly order: OrderId | null; readonly highest: Epoch }
  | { readonly type: 'observed'; readonly observations: readonly Observation[] }
  /** The last word: what was sent makes no sense. */
  | { readonly type: 'invalid'; readonly detail: string };

/** The cluster cannot be reached, or does not talk as expected. The message says what to do. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}

/** A socket as lines of JSON in both directions. */
export class Wire<In, Out> {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  /** `decode` throws where a line makes no sense; then `onInvalid` is told why, and nothing more is read. */
  constructor(
    private readonly socket: Socket,
    decode: (line: string) => In,
    onMessage: (message: In) => void,
    onInvalid: (detail: string) => void,
  ) {
    socket.on('data', (chunk) => {
      try {
        for (const line of this.linesOf(chunk)) onMessage(decode(line));
      } catch (error) {
        socket.removeAllListeners('data');
        onInvalid((error as Error).message);
      }
    });
    socket.on('error', () => {}); // 'close' follows
  }

  send(message: Out): void {
    if (this.socket.destroyed) return;
    this.socket.write(`${JSON.stringify(message)}\n`);
    if (this.socket.writableLength > 4 * LINE_LENGTH_MAX) this.socket.destroy();
  }

  /** The last message. */
  end(message: Out): void {
    this.send(message);
    this.socket.destroySoon();
  }

  private linesOf(chunk: Buffer): string[] {
    const [head, ...others] = this.decoder.write(chunk).split('\n');
    const lines = [this.rest + head!, ...others];
    this.rest = lines.pop()!;
    for (const line of [...lines, this.rest])
      if (line.length > LINE_LENGTH_MAX)
        throw new ClusterError(`a message is longer than ${LINE_LENGTH_MAX} characters`);
    return lines;
  }
}

/** Throws where the line is no message to a cluster. */
export function decodeToCluster(line: string): ToCluster {
  const message = objectOf(JSON.parse(line));
  switch (message.type) {
    case 'hello':
      if (message.version !== VERSION) throw new ClusterError(`this cluster speaks version ${VERSION}`);
      return {
        type: 'hello',
        version: VERSION,
        sharedImages: message.sharedImages === true,
        now: count(message.now),
        ...siteOf(message),
      };
    case 'survey':
      return { type: 'survey', ticket: count(message.ticket) };
    case 'lead':
      return { type: 'lead', epoch: count(message.epoch) };
    case 'enact':
      return { type: 'enact', order: orderOf(objectOf(message.order)) };
    case 'site':
      return { type: 'site', ...siteOf(message) };
    default:
      throw new ClusterError('a message of no known type');
  }
}

/** Throws where the line is no message from a cluster. */
export function decodeFromCluster(line: string): FromCluster {
  const message = objectOf(JSON.parse(line));
  switch (message.type) {
    case 'welcome': {
      const { version, timeScale } = message;
      if (version !== VERSION || typeof timeScale !== 'number' || !(timeScale > 0))
        throw new ClusterError(`it does not speak version ${VERSION}`);
      return { type: 'welcome', version, now: count(message.now), timeScale, epoch: count(message.epoch) };
    }
    case 'surveyed': {
      const observations = observationsOf(message.observations);
      return { type: 'surveyed', ticket: count(message.ticket), observations, more: message.more === true };
    }
    case 'leading':
      return { type: 'leading', epoch: count(message.epoch) };
    case 'refused': {
      const { order } = message;
      return { type: 'refused', order: typeof order === 'string' ? order : null, highest: count(message.highest) };
    }
    case 'observed':
      return { type: 'observed', observations: observationsOf(message.observations) };
    case 'invalid':
      return { type: 'invalid', detail: String(message.detail).slice(0, 500) };
    default:
      throw new ClusterError('a message of no known type');
  }
}

function siteOf({ nodes, gone }: Record<string, unknown>): Site {
  const inputs = listOf(nodes).map((one) => ({ type: 'NodesAdded', nodes: one }));
  const classes = checked(inputs, []).inputs.flatMap((input) => (input.type === 'NodesAdded' ? [input.nodes] : []));
  return { nodes: classes, gone: listOf(gone).map(count) };
}

function observationsOf(value: unknown): Observation[] {
  const { inputs } = checked(listOf(value), []);
  return inputs.map((input) => {
    if (!('at' in input) || input.type === 'TurnsMissed') throw new ClusterError(`${input.type} is no observation`);
    return input;
  });
}

function orderOf({ id, epoch, issued, decision, terms }: Record<string, unknown>): Order {
  const { lease } = objectOf(decision);
  const turn = checked([{ type: 'LeaseRequested', lease, terms, key: null }], [decision]);
  const [asked, ordered] = [turn.inputs[0]!, turn.decisions[0]!];
  if (asked.type !== 'LeaseRequested' || !('after' in ordered) || ordered.order !== id)
    throw new ClusterError('an order is a decision with an order, and its id');
  return {
    id: ordered.order,
    epoch: count(epoch),
    issued: count(issued),
    decision: ordered satisfies OrderDecision,
    terms: asked.terms,
  };
}

/** Inputs and decisions of the right shapes, as the log has them. */
function checked(inputs: readonly unknown[], decisions: readonly unknown[]) {
  return decodeTurn(JSON.stringify({ number: 1, now: 0, inputs, decisions }));
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ClusterError('a message is an object of JSON');
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ClusterError('a list is missing');
}

function count(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new ClusterError('a whole number is missing');
}
