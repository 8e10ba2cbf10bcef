/** The limits of the service. What it can be told is in settings/table.ts. */

import { SETTINGS } from './settings/table.js';

/** Limits of the HTTP side. Every input has one. */
export interface Limits {
  readonly bodyBytes: number;
  readonly urlLength: number;
  readonly urlParameterLength: number;
  /** Of all headers together, and how many there may be. */
  readonly headerBytes: number;
  readonly headersMax: number;
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
  /** Requests under way at once; streams, and what asks for the health of the service, do not count. */
  readonly requestsMax: number;
  readonly streamsMax: number;
  /** Streams that one caller may have open. */
  readonly streamsOfCallerMax: number;
  /** A stream is ended after so long; its client comes back. */
  readonly streamLifeMs: number;
  /** Turns kept in memory for the event feed. */
  readonly recentTurns: number;
  /** Requests an address may send within `rateWindowMs`. */
  readonly rateMax: number;
  readonly rateWindowMs: number;
  readonly eventLoopDelayMsMax: number;
  /** Failed attempts to authenticate are recorded together, so often at most. */
  readonly failureRecordMs: number;
}

export const LIMITS: Limits = {
  bodyBytes: 64 * 1024,
  urlLength: 2048,
  urlParameterLength: 128,
  headerBytes: 16 * 1024,
  headersMax: 64,
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
  requestsMax: SETTINGS.requestsMax.default,
  streamsMax: 1_000,
  streamsOfCallerMax: 10,
  streamLifeMs: 24 * 3_600_000,
  recentTurns: 10_000,
  rateMax: SETTINGS.rateLimit.default * 10,
  rateWindowMs: 10_000,
  eventLoopDelayMsMax: 2_000,
  failureRecordMs: 60_000,
};

/**
 * Where reads of the past begin: a milestone every so many turns, as long as all of them take no more room than this. The
 * thread that reads takes no more memory.
 */
export const PAST = { everyTurns: 500, bytesMax: 256 * 1024 * 1024, memoryMiB: 1024 } as const;

/** A lease lasts this long at least and at most, and starts at most so far ahead. */
export const LEASE_DURATION = { least: 1000, most: 366 * 24 * 3600 * 1000 } as const;
export const START_AHEAD_MAX = 5 * 366 * 24 * 3600 * 1000;
export const LABELS_MAX = 64;
/** Of free room: so many slots, if not said otherwise and at most, over so many days. */
export const SLOTS = { usual: 10, most: 100, days: 7 } as const;

/** Something in the options, the data directory or the environment that the operator must put right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
