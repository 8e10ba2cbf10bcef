/**
 * What is used of the EventStoreDB client, as a shape that KurrentDB's client has, too; loading whichever the address
 * asks for. Both are optional: most installations need neither.
 */

import { StoreError } from './errors.js';
import type { EsdbTarget } from './esdb-url.js';

export interface EsdbEvent {
  readonly id: string;
  readonly revision: bigint;
  readonly type: string;
  readonly isJson: boolean;
  /** Parsed where it is JSON, else bytes. */
  readonly data: unknown;
  readonly metadata?: unknown;
}

export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: 'application/json' | 'application/octet-stream';
  readonly data: unknown;
  readonly metadata: unknown;
}

/** Where a stream must end for an append to be taken. There is no "anywhere". */
export type ExpectedEnd = bigint | 'no_stream';

export interface CallOptions {
  readonly deadline: number;
  readonly requiresLeader: true;
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** A read or a subscription: a stream of Node, or a bare generator. */
export interface EventSource extends AsyncIterable<{ readonly event?: EsdbEvent }> {
  on?(name: 'error' | 'confirmation', listener: () => void): unknown;
  cancel?(): Promise<void>;
  unsubscribe?(): Promise<void>;
  destroy?(): unknown;
}

export interface EsdbClient {
  /** `streamState` is what KurrentDB's client calls `expectedRevision`; the name it does not know it ignores. */
  appendToStream(
    stream: string,
    events: readonly NewEvent[],
    options: CallOptions & { readonly expectedRevision: ExpectedEnd; readonly streamState: ExpectedEnd },
  ): Promise<{ readonly nextExpectedRevision: bigint }>;
  readStream(
    stream: string,
    options: CallOptions & {
      readonly direction: 'forwards' | 'backwards';
      readonly fromRevision: bigint | 'start' | 'end';
      readonly maxCount: number;
    },
  ): EventSource;
  subscribeToStream(stream: string, options: CallOptions & { readonly fromRevision: bigint | 'start' }): EventSource;
  dispose(): Promise<void>;
  /** Whether the server has a feature, such as batches. */
  supports?(): Promise<boolean>;
  /** Looks for another node after an error. */
  handleError?(client: unknown, error: unknown): Promise<void>;
  /** Not for the public, but `dispose` leaves the connection open. */
  getChannel?(): Promise<{ close(): void }>;
}

const PACKAGES = {
  eventstore: { name: '@eventstore/db-client', version: '6.2.1', factory: 'EventStoreDBClient' },
  kurrentdb: { name: '@kurrent/kurrentdb-client', version: '1.3.1', factory: 'KurrentDBClient' },
} as const;

/** Each replaces the other's messages in the one registry of its process: what they send then is damaged. */
let loaded: EsdbTarget['client'] | null = null;

/** How to connect; nothing is connected yet. Throws a StoreError where the client is not installed. */
export async function loadEsdbClient(target: EsdbTarget): Promise<() => EsdbClient> {
  const { name, version, factory } = PACKAGES[target.client];
  if (loaded !== null && loaded !== target.client) {
    throw new StoreError(
      'path',
      `${target.shown}: this process has loaded ${PACKAGES[loaded].name} already, and ${name} does not work beside it; ` +
        'use addresses of one kind in one process',
    );
  }
  let module: Record<string, unknown>;
  try {
    module =
      target.client === 'eventstore'
        ? await import('@eventstore/db-client')
        : await import('@kurrent/kurrentdb-client');
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' ? '' : ` (${(error as Error).message})`;
    const command = `npm install ${name}@${version} (with --global where Leasehold is)`;
    throw new StoreError('path', `${target.shown}: the client of this store is not installed${why}; run: ${command}`);
  }
  loaded = target.client;
  const Client = module[factory] as { connectionString(string: string): EsdbClient };
  return () => {
    try {
      return made(Client.connectionString(target.connection));
    } catch (error) {
      throw new StoreError('path', `${target.shown}: ${(error as Error).message}`);
    }
  };
}

/** The client, without two of its habits that would end the process. */
function made(client: EsdbClient): EsdbClient {
  // 1. Appends go one by one, never in its batches. Those have no deadline, and what all clients of a process wait for
  //    is in one list, which is cleared for all when one connection breaks; an answer after that is an error that
  //    nobody catches.
  client.supports = async () => false;
  // 2. That no other node is found after an error is for the next call to say. Here, too, nobody catches it.
  const handleError = client.handleError?.bind(client);
  if (handleError !== undefined) client.handleError = (...args) => handleError(...args).catch(() => {});
  return client;
}
