/** What the service can be told, with its limits and defaults. */

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** `postgresql://…`, where the log is not in the data directory. */
  readonly store: string | null;
  /** The file that says where the log ends; null: in the data directory. */
  readonly anchor: string | null;
  /** Where the keys are by which names and labels are sealed in the log; null: they are not. */
  readonly personalKeys: string | null;
  /** The file of signed checkpoints, and that of the key; null: in the data directory. */
  readonly checkpoints: string | null;
  readonly checkpointKey: string | null;
  /** One is signed after so many turns, and after so many seconds where there are new ones. */
  readonly checkpointTurns: number;
  readonly checkpointSeconds: number;
  /** `8x cpu=8,memory=32GiB`; used, like the next two, only to begin a log. */
  readonly nodes: readonly string[];
  readonly site: string | null;
  readonly policy: string | null;
  /** `unix:/path` or `tcp://127.0.0.1:port` of machines that are a process of their own; null: they are in this one. */
  readonly cluster: string | null;
  /** Where clients reach this service; null: where it listens. */
  readonly advertise: string | null;
  /** The file with the admin token; null: in the data directory, made where it is missing. */
  readonly tokenFile: string | null;
  /** Seconds of the cluster's time in a second of ours. */
  readonly timeScale: number;
  readonly logLevel: LogLevel;
  /** Requests a second that one address may send, on average. */
  readonly rateLimit: number;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const SERVE_DEFAULTS: ServeOptions = {
  host: '127.0.0.1',
  port: 8080,
  dataDir: '.leasehold',
  store: null,
  anchor: null,
  personalKeys: null,
  checkpoints: null,
  checkpointKey: null,
  checkpointTurns: 1024,
  checkpointSeconds: 60,
  nodes: [],
  site: null,
  policy: null,
  cluster: null,
  advertise: null,
  tokenFile: null,
  timeScale: 1,
  logLevel: 'warn',
  rateLimit: 5000,
};

/** The site when none is given: enough to try things out. */
export const DEFAULT_NODES = ['8x cpu=8,memory=32GiB,disk=500GiB'];

/** Limits of the HTTP side. Every input has one. */
export interface Limits {
  readonly bodyBytes: number;
  readonly urlParameterLength: number;
  readonly pageSizeMax: number;
  readonly pageSize: number;
  /** Requests that may wait for their turn at once. */
  readonly waitingMax: number;
  /** How long a write waits for its turn before the answer is `outcome-unknown`. */
  readonly answerMs: number;
  readonly requestMs: number;
  readonly headersMs: number;
  readonly keepAliveMs: number;
  /** A socket on which nothing moves for so long is closed; streams beat more often. */
  readonly idleMs: number;
  readonly heartbeatMs: number;
  /** When the service stops, requests under way have so long to finish. */
  readonly closingMs: number;
  readonly connectionsMax: number;
  readonly streamsMax: number;
  /** Turns kept in memory for the event feed. */
  readonly recentTurns: number;
  /** Requests an address may send within `rateWindowMs`. */
  readonly rateMax: number;
  readonly rateWindowMs: number;
  readonly eventLoopDelayMsMax: number;
}

export const LIMITS: Limits = {
  bodyBytes: 64 * 1024,
  urlParameterLength: 128,
  pageSizeMax: 1000,
  pageSize: 100,
  waitingMax: 4096,
  answerMs: 15_000,
  requestMs: 15_000,
  headersMs: 10_000,
  keepAliveMs: 5_000,
  idleMs: 60_000,
  heartbeatMs: 15_000,
  closingMs: 2_000,
  connectionsMax: 2_000,
  streamsMax: 1_000,
  recentTurns: 10_000,
  rateMax: SERVE_DEFAULTS.rateLimit * 10,
  rateWindowMs: 10_000,
  eventLoopDelayMsMax: 2_000,
};

export const TIME_SCALE_MAX = 1_000_000;
/** A lease lasts this long at least and at most, and starts at most so far ahead. */
export const LEASE_DURATION = { least: 1000, most: 366 * 24 * 3600 * 1000 } as const;
export const START_AHEAD_MAX = 5 * 366 * 24 * 3600 * 1000;
export const LABELS_MAX = 64;

/** Something in the options, the data directory or the environment that the operator must put right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
