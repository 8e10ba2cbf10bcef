/**
 * One connection to one server, checked before it is used: may it be written to, and is a commit durable? Every call has
 * a deadline of its own, and a call that missed it leaves no connection behind.
 */

import { Socket } from 'node:net';
import pg from 'pg';
import { StoreError } from './errors.js';
import type { Scripted } from './postgres-schema.js';
import type { PostgresHost, PostgresTarget } from './postgres-url.js';

export type Row = readonly unknown[];

export interface Statement {
  /** It is prepared under this name once in a connection. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What the server said about itself. */
export interface Server {
  readonly isStandby: boolean;
  /** Counts the promotions in its past. */
  readonly timeline: number;
}

/** Oldest server on which everything that is used here exists. */
const VERSION_MIN = 140_000;
/** A statement whose client is gone is given up by the server after so long. */
const ABANDONED_MS = 60_000;
const LOCK_MS = 5000;
const SCRIPT_MS = 10_000;

export class PostgresConnection implements Scripted {
  lost = false;
  /** Called when another process has appended. */
  onNotified: () => void = () => {};
  onLost: () => void = () => {};
  server: Server = { isStandby: false, timeline: 0 };
  private warning: string | null = null;

  private constructor(
    readonly shown: string,
    private readonly client: pg.Client,
    private readonly socket: Socket,
  ) {
    const lose = () => {
      this.lost = true;
      this.onLost();
    };
    client.on('error', lose);
    client.on('end', lose);
    client.on('notice', ({ message }) => {
      this.warning = message ?? 'without words';
    });
    client.on('notification', () => this.onNotified());
  }

  /** Connects to `host` and checks it. `forWriting`: a server that would not keep what is written is refused. */
  static async open(target: PostgresTarget, host: PostgresHost, forWriting: boolean): Promise<PostgresConnection> {
    const socket = new Socket();
    const client = new pg.Client({
      host: host.host,
      port: host.port,
      user: target.user,
      password: target.password,
      database: target.database,
      ssl: host.tls === false ? false : { ...host.tls },
      stream: () => socket,
      keepAlive: true,
      application_name: 'leasehold',
    });
    const connection = new PostgresConnection(`PostgreSQL at ${host.host}:${host.port}`, client, socket);
    try {
      await connection.within(target.connectMs, () => client.connect());
      await connection.check(target, forWriting);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  /** Rows of a statement. A warning of the server is a failure: see `PostgresAppends`. */
  async query({ name, text, values }: Statement, ms: number): Promise<readonly Row[]> {
    this.warning = null;
    const query = { name, text, values: [...values], rowMode: 'array' as const };
    const { rows } = await this.within(ms, () => this.client.query<unknown[]>(query));
    if (this.warning !== null) throw this.failed(`the server warned: ${this.warning}`);
    return rows;
  }

  /** Statements without parameters, several of them perhaps. */
  async script(text: string): Promise<readonly Row[]> {
    const result = await this.within(SCRIPT_MS, () => this.client.query<unknown[]>({ text, rowMode: 'array' }));
    return Array.isArray(result) ? [] : result.rows;
  }

  /** At once, whatever is under way. */
  destroy(): void {
    this.lost = true;
    this.socket.destroy();
  }

  async end(ms: number): Promise<void> {
    if (this.lost) return;
    await this.within(ms, () => this.client.end()).catch(() => {});
    this.destroy();
  }

  /** Settings that the promises rest on are read, and kept for this connection, whatever becomes of the server's. */
  private async check(target: PostgresTarget, forWriting: boolean): Promise<void> {
    const [row] = await this.query({ name: '', text: CHECK, values: [LOCK_MS, ABANDONED_MS] }, target.connectMs);
    const [version, encoding, isStandby, readOnly, commit, fsync, standbys, timeline] = row as (string | null)[];
    this.server = { isStandby: isStandby === 'on', timeline: Number.parseInt(timeline ?? '0', 16) };
    if (Number(version) < VERSION_MIN) {
      throw this.refused(`PostgreSQL ${version ?? ''} is too old; 14 is the oldest that will do`);
    }
    if (encoding !== 'UTF8') throw this.refused(`the database's encoding is ${encoding}; create it with UTF8`);
    if (this.server.isStandby && !(target.anyServer && !forWriting))
      throw new StandbyError(`${this.shown} is a standby`);
    if (!forWriting) return;
    if (readOnly === 'on') throw new StandbyError(`${this.shown} only reads (default_transaction_read_only)`);
    if (fsync !== 'on') throw this.refused('fsync is off: a power failure would destroy the log; set fsync = on');
    if (!['on', 'remote_write', 'remote_apply'].includes(commit ?? '')) {
      throw this.refused(
        `synchronous_commit is ${commit}: acknowledged turns could be lost; set it to on, remote_write or remote_apply`,
      );
    }
    if (target.hosts.length > 1 && standbys === '') {
      throw this.refused(
        'several hosts are named, but synchronous_standby_names is empty: a failover would lose acknowledged turns; ' +
          "set it to a quorum, such as ANY 1 (s2, s3), or name one host if it doesn't fail over",
      );
    }
  }

  /** The outcome of `work`, or the failure to have one in time; a connection that failed is not used again. */
  private async within<T>(ms: number, work: () => Promise<T>): Promise<T> {
    if (this.lost) throw this.failed('the connection was lost');
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        work(),
        new Promise<never>((_resolve, reject) => {
          timer = setTimeout(() => {
            this.destroy();
            reject(new Error(`no answer within ${ms} ms`));
          }, ms);
        }),
      ]);
    } catch (error) {
      throw this.errorOf(error as Error & { code?: string });
    } finally {
      clearTimeout(timer);
    }
  }

  private errorOf({ message, code = '' }: Error & { code?: string }): StoreError {
    const detail = message === '' ? code : message;
    if (code === '53100') return new StoreError('full', `${this.shown}: no space left on the server (${detail})`);
    if (code === 'XX001' || code === 'XX002') {
      return new StoreError('corrupt', `${this.shown}: the database is damaged (${detail}); restore it from a backup`);
    }
    if (/^(28|3D|3F|42)/.test(code))
      return this.refused(`${detail} (${code}); check user, password, rights and database`);
    if (/CERT|SELF_SIGNED|^ERR_SSL|^ERR_TLS/.test(code) || /does not support SSL/.test(detail)) {
      return this.refused(`${detail} (TLS); check sslmode and sslrootcert in the URL, and the server's certificate`);
    }
    return this.failed(detail);
  }

  /** It may work the next time. */
  private failed(detail: string): StoreError {
    return new StoreError('io', `${this.shown}: ${detail}`);
  }

  /** It will not work before somebody changes something. */
  private refused(detail: string): StoreError {
    return new StoreError('path', `${this.shown}: ${detail}`);
  }
}

/** A server that answers, and may not be written to. */
export class StandbyError extends StoreError {
  constructor(message: string) {
    super('io', message);
  }
}

/**
 * What is set here: names are looked up nowhere but where they are written; a commit stays as durable as it is now; no
 * other isolation, in which a writer that waited for another would fail; no messages but warnings.
 */
const CHECK = `
SELECT current_setting('server_version_num'), current_setting('server_encoding'), CASE WHEN pg_is_in_recovery() THEN 'on' ELSE 'off' END,
  current_setting('transaction_read_only'),
  set_config('synchronous_commit', current_setting('synchronous_commit'), false),
  current_setting('fsync'), current_setting('synchronous_standby_names'),
  CASE WHEN NOT pg_is_in_recovery() THEN substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) END,
  set_config('lock_timeout', $1::text, false), set_config('statement_timeout', $2::text, false),
  set_config('search_path', 'pg_catalog', false), set_config('client_min_messages', 'warning', false),
  set_config('default_transaction_isolation', 'read committed', false), set_config('jit', 'off', false)`;
