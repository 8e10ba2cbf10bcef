/** The reading half of the service on a log that is played to it turn by turn. */

import { join } from 'node:path';
import { readLog } from '../../adapters/event-store/log-file.js';
import { Credentials } from '../../api/access/credentials.js';
import { LIMITS } from '../../api/config.js';
import type { Server } from '../../api/deps.js';
import { Asking } from '../../api/asking/asking.js';
import { WhatIfs } from '../../api/what-ifs/what-ifs.js';
import { KeptQuotes } from '../../api/asking/kept-quotes.js';
import { Follower } from '../../api/follower.js';
import { HttpServers } from '../../api/http-server.js';
import { Metrics } from '../../api/metrics/metrics.js';
import { PastServer } from '../../api/past/past-server.js';
import { PastViews } from '../../api/past/past-views.js';
import { Personal } from '../../api/personal.js';
import { PastFile } from '../../api/records/past-file.js';
import { ReadTables } from '../../api/records/read-tables.js';
import { buildServer } from '../../api/server.js';
import { encodeTurn, type Turn } from '../../engine/index.js';
import { HERE, TOKEN } from './service.js';

const LOOKED = {
  isReady: () => true,
  isLeader: () => true,
  storeWritable: () => true,
  waiting: () => 0,
  ageMs: () => null,
  certificateExpires: () => null,
};

export async function goldenTurns(log: string, count: number): Promise<Turn[]> {
  const turns: Turn[] = [];
  for await (const entry of readLog(join('test/golden/logs', `${log}.ndjson.gz`))) {
    if ('turn' in entry) turns.push(entry.turn);
    if (turns.length === count) break;
  }
  return turns;
}

export interface Read {
  readonly status: number;
  readonly type: string;
  readonly link: string | undefined;
  readonly etag: string | undefined;
  readonly turn: string;
  readonly text: string;
}

export class Reads {
  private constructor(
    readonly app: Server,
    readonly follower: Follower,
    readonly views: PastViews,
    private readonly turns: readonly Turn[],
    private readonly file: PastFile,
  ) {}

  /** `path`: where milestones are kept; null: in memory. */
  static async on(turns: readonly Turn[], everyTurns: number, path: string | null = null): Promise<Reads> {
    const tables = ReadTables.inMemory();
    const follower = new Follower(64, tables);
    const history = async function* (after: number): AsyncGenerator<Turn> {
      yield* turns.slice(after, follower.head);
    };
    const personal = new Personal(null);
    const file = PastFile.open(path ?? ':memory:', 64 * 1024 * 1024);
    const views = new PastViews({ history, file, over: tables.over, everyTurns });
    const app = await buildServer({
      follower,
      past: await PastServer.build(views, personal, 'error'),
      checkpoints: { last: null, recent: [] },
      submit: () => Promise.reject(new Error('nothing is written here')),
      hear: async () => false,
      vmsCanCall: true,
      health: async () => ({ ready: true, storeWritable: true, answering: true }),
      isReady: () => true,
      history,
      asking: new Asking(() => {}),
      quotes: new KeptQuotes(),
      whatIfs: new WhatIfs(),
      courier: null,
      images: null,
      hosts: null,
      personal,
      now: () => follower.state.now,
      standing: () => ({ role: 'leader', ageMs: null }),
      notLeader: () => null,
      credentials: new Credentials(TOKEN, null, () => follower.state.notes),
      servers: new HttpServers(LIMITS, HERE),
      metrics: new Metrics(follower, LOOKED, false),
      historyEnd: () => null,
      storeName: 'turns of a test',
      commandsWaiting: () => 0,
      limits: { ...LIMITS, rateMax: 1e9, eventLoopDelayMsMax: 0 },
      logLevel: 'silent',
      tracing: null,
    });
    return new Reads(app, follower, views, turns, file);
  }

  playTo(turn: number): void {
    while (this.follower.head < turn) this.follower.take(encodeTurn(this.turns[this.follower.head]!));
  }

  async get(url: string, accept = 'application/json'): Promise<Read> {
    const headers = { authorization: `Bearer ${TOKEN}`, accept };
    const { statusCode, headers: sent, body } = await this.app.inject({ url, headers });
    const text = (name: string): string => String(sent[name]);
    return {
      status: statusCode,
      type: text('content-type'),
      link: sent.link as string | undefined,
      etag: sent.etag as string | undefined,
      turn: text('x-state-turn'),
      text: body.replace(/"requestId":"[^"]*",/, ''),
    };
  }

  async close(): Promise<void> {
    await this.app.close();
    this.follower.close();
    this.file.close();
  }
}
