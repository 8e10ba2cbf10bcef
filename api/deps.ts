/** What the server and its routes stand on. */

import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call } from '../adapters/callback.js';
import type { Answer, Command, Instant, Turn } from '../engine/index.js';
import type { Credentials } from './access/credentials.js';
import type { Asking } from './asking/asking.js';
import type { KeptQuotes } from './asking/kept-quotes.js';
import type { Limits } from './config.js';
import type { Checkpointer } from './checkpointer.js';
import type { FollowerView } from './follower.js';
import type { HttpServers } from './http-server.js';
import type { HostsPort } from './hosts/hosts-port.js';
import type { ImageKeeperPort } from './images/keeper-port.js';
import type { Metrics } from './metrics/metrics.js';
import type { PastPort } from './past/past-port.js';
import type { Personal } from './personal.js';
import type { Problem } from './problems.js';
import type { LogLevel } from './settings/table.js';
import type { Tracing } from './traces/tracing.js';
import type { CourierPort } from './webhooks/courier-port.js';
import type { WhatIfs } from './what-ifs/what-ifs.js';

/** How the loop is doing. */
export interface LoopHealth {
  /** The history has been read and folded. */
  readonly ready: boolean;
  /** The log takes turns. */
  readonly storeWritable: boolean;
  /** The loop answers. */
  readonly answering: boolean;
}

/** Where several services share a log: who leads, and how old what is read here may be. */
export interface Standing {
  readonly role: 'leader' | 'follower';
  /** Milliseconds since what is known here was all there was; null: nobody else writes the log. */
  readonly ageMs: number | null;
}

/** What the routes stand on. */
export interface RouteDeps {
  readonly follower: FollowerView;
  readonly checkpoints: Pick<Checkpointer, 'last' | 'recent'>;
  /** Answers reads as of earlier turns; null: whoever reads here is there already. */
  readonly past: PastPort | null;
  /** What was known after an earlier turn; only where the past is read. */
  readonly earlier?: (turn: number) => Promise<FollowerView>;
  /** Resolves when the command's turn is durable and folded by the follower; rejects with a Problem. */
  readonly submit: (command: Command) => Promise<Answer>;
  /** Whether this VM, which says that it is ready, is waited for. Rejects with a Problem where nobody knows just now. */
  readonly hear: (call: Call) => Promise<boolean>;
  /** VMs are told of a URL to call. */
  readonly vmsCanCall: boolean;
  readonly health: () => Promise<LoopHealth>;
  /** The history has been folded: reads are complete. */
  readonly isReady: () => boolean;
  /** Turns later than `after`, from the store. */
  readonly history: (after: number) => AsyncIterable<Turn>;
  /** Who knows what would become of leases, and what was quoted. */
  readonly asking: Asking;
  readonly quotes: KeptQuotes;
  readonly whatIfs: WhatIfs;
  /** Who delivers webhooks; null: nobody does, the past is read. */
  readonly courier: CourierPort | null;
  /** Who gets images; null: nobody does, the past is read. */
  readonly images: ImageKeeperPort | null;
  /** The hosts behind the nodes; null: nobody knows of any, the past is read. */
  readonly hosts: HostsPort | null;
  /** What of the terms is sealed in the log. */
  readonly personal: Personal;
  /** The present, in the scheduler's time. */
  readonly now: () => Instant;
  readonly standing: () => Standing;
  /** Why this service takes no writes, as long as another one leads. */
  readonly notLeader: () => Problem | null;
  readonly limits: Limits;
}

/** What the server stands on. */
export interface ServerDeps extends RouteDeps {
  readonly credentials: Credentials;
  readonly logLevel: LogLevel;
  /** Null: traces are not sent. */
  readonly tracing: Tracing | null;
  /** The last turn of the history, as it was found; null: nobody has looked yet. */
  readonly historyEnd: () => number | null;
  readonly metrics: Metrics;
  /** Where the log is, as it may be shown. */
  readonly storeName: string;
  readonly commandsWaiting: () => number;
  /** How it is reached. */
  readonly servers: HttpServers;
}

export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
