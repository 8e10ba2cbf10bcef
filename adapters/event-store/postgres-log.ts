/** What a store knows of its log, what a server must show to be taken for the one that holds it, and turns as rows. */

import { createHash } from 'node:crypto';
import type { Revision, Snapshot } from '../../engine/index.js';
import type { Stored } from './chain.js';
import { StoreError } from './errors.js';
import type { PostgresConnection, Row, Statement } from './postgres-connection.js';
import { requireFormat } from './postgres-schema.js';

/** A page ends after so many turns or bytes: memory stays flat, however long the log. */
const PAGE_TURNS = 512;
const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Servers come and go; the log stays the same. The latest turn that was appended or read is remembered by its digest: a
 * server that does not have it was promoted though it lacked it, and must not be written to.
 */
export class KnownLog {
  private log: unknown = null;
  private timeline = 0;
  private latest: { readonly number: Revision; readonly digest: string } | null = null;

  constructor(private readonly schema: string) {}

  get isKnown(): boolean {
    return this.log !== null;
  }

  note(number: Revision, body: string | Buffer): void {
    if (this.latest === null || number > this.latest.number) this.latest = { number, digest: sha256(body) };
  }

  /** Throws a StoreError where the server holds another log, or an earlier state of this one. */
  async recognise(connection: PostgresConnection, ms: number): Promise<void> {
    const { isStandby, timeline } = connection.server;
    await requireFormat(connection, this.schema);
    // Appends go on meanwhile.
    const { latest } = this;
    const number = latest?.number ?? 0;
    const [row] = await connection.query(
      {
        name: '',
        text:
          `SELECT log::text, (SELECT encode(sha256(convert_to(body, 'UTF8')), 'hex') FROM "${this.schema}".turns WHERE number = $1), ` +
          `(SELECT revision FROM "${this.schema}".head)::float8 FROM "${this.schema}".meta`,
        values: [number],
      },
      ms,
    );
    const [log, digest, revision] = row ?? [];
    if (this.log !== null && log !== this.log) {
      throw new StoreError('corrupt', `${connection.shown}: the log there is another one than the log before`);
    }
    // A standby may be a moment behind.
    const lags = isStandby && (revision as number) < number;
    if (latest !== null && !lags && digest !== latest.digest) {
      throw new StoreError(
        'corrupt',
        `${connection.shown}: turn ${number}, which was appended or read before, is not in the log there: this server ` +
          'took over without it; promote the standby that is ahead, or find out what was lost and start again',
        number,
      );
    }
    if (!isStandby && timeline < this.timeline) {
      throw new StoreError('io', `${connection.shown}: an earlier primary; another server was promoted since`);
    }
    this.log = log;
    this.timeline = Math.max(this.timeline, timeline);
  }
}

export function headStatement(schema: string): Statement {
  return { name: 'head', text: `SELECT revision::float8, epoch::float8 FROM "${schema}".head`, values: [] };
}

/**
 * The head, once everything that can be seen is durable: an append that still waits for its standbys holds the row, and
 * this commit comes after those before it.
 */
export function settleStatement(schema: string): Statement {
  return {
    name: 'settle',
    text: `UPDATE "${schema}".head SET revision = revision RETURNING revision::float8, epoch::float8`,
    values: [],
  };
}

export function pageStatement(schema: string, after: Revision): Statement {
  return {
    name: 'page',
    text:
      'SELECT number::float8, body, hash FROM ' +
      '(SELECT number, body, hash, sum(octet_length(body)) OVER (ORDER BY number) AS bytes ' +
      `FROM (SELECT number, body, hash FROM "${schema}".turns WHERE number > $1 ORDER BY number LIMIT ${PAGE_TURNS}) AS next) ` +
      `AS sized WHERE bytes - octet_length(body) < ${PAGE_BYTES} ORDER BY number`,
    values: [after],
  };
}

/** A turn as a page has it. */
export function storedOf([number, text, hash]: Row): Stored {
  return { number: number as number, text: text as string, hash: hash as Buffer };
}

export function hashStatement(schema: string, turn: Revision): Statement {
  return { name: 'hash', text: `SELECT hash FROM "${schema}".turns WHERE number = $1`, values: [turn] };
}

/** Saves nothing, and answers no row, where the snapshot is ahead of the log. */
export function saveStatement(schema: string, { turn, version }: Snapshot, state: Buffer): Statement {
  return {
    name: 'save',
    text:
      `INSERT INTO "${schema}".snapshots (turn, version, digest, state) SELECT $1::bigint, $2::integer, $3::bytea, ` +
      `$4::bytea WHERE $1::bigint <= (SELECT revision FROM "${schema}".head) ON CONFLICT (turn) DO UPDATE SET ` +
      'version = excluded.version, digest = excluded.digest, state = excluded.state RETURNING turn::float8',
    values: [turn, version, Buffer.from(sha256(state), 'hex'), state],
  };
}

export function pruneStatement(schema: string, kept: number): Statement {
  return {
    name: 'prune',
    text:
      `DELETE FROM "${schema}".snapshots WHERE turn NOT IN ` +
      `(SELECT turn FROM "${schema}".snapshots ORDER BY turn DESC LIMIT $1)`,
    values: [kept],
  };
}

/** The latest snapshot before the turn `before` that is not ahead of the log. */
export function snapshotStatement(schema: string, before: number): Statement {
  return {
    name: 'snapshot',
    text:
      `SELECT turn::float8, version, digest, state FROM "${schema}".snapshots WHERE turn < $1 AND turn <= ` +
      `(SELECT revision FROM "${schema}".head) ORDER BY turn DESC LIMIT 1`,
    values: [before],
  };
}

/** null: it is damaged. */
export function snapshotOf(row: Row): Snapshot | null {
  const [turn, version, digest, state] = row as [number, number, Buffer, Buffer];
  return sha256(state) === digest.toString('hex') ? { turn, version, state: state.toString('utf8') } : null;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
