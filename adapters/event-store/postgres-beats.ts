/** Signs of life in PostgreSQL: a table of one row beside the log, over a connection of its own, so that none waits. */

import type { Beats, Epoch, Head } from '../../engine/index.js';
import { StoreError } from './errors.js';
import type { PostgresConnection, Row, Statement } from './postgres-connection.js';
import { type PostgresSession, isPassing } from './postgres-session.js';

export const BEAT_BYTES_MAX = 4096;

export class PostgresBeats implements Beats {
  /** `session`: its connections were prepared by `prepareBeats`. `ms`: how long a statement may take. */
  constructor(
    private readonly schema: string,
    private readonly session: PostgresSession,
    private readonly ms: number,
  ) {}

  async beat(text: string, epoch: Epoch): Promise<Head> {
    if (Buffer.byteLength(text) > BEAT_BYTES_MAX) {
      throw new StoreError('too-large', `a sign of life has at most ${BEAT_BYTES_MAX} bytes`);
    }
    const s = `"${this.schema}"`;
    const [row] = await this.ask({
      name: 'beat',
      text:
        `WITH beaten AS (INSERT INTO ${s}.beat (text) SELECT $1::text FROM ${s}.head WHERE epoch <= $2::bigint ` +
        'ON CONFLICT (one) DO UPDATE SET text = excluded.text) ' +
        `SELECT revision::float8, epoch::float8 FROM ${s}.head`,
      values: [text, epoch],
    });
    const [revision, current] = row as [number, number];
    return { revision, epoch: current };
  }

  async last(): Promise<{ readonly text: string | null; readonly head: Head }> {
    const s = `"${this.schema}"`;
    const [row] = await this.ask({
      name: 'last-beat',
      text: `SELECT (SELECT text FROM ${s}.beat), revision::float8, epoch::float8 FROM ${s}.head`,
      values: [],
    });
    const [text, revision, epoch] = row as [string | null, number, number];
    return { text, head: { revision, epoch } };
  }

  private async ask(statement: Statement): Promise<readonly Row[]> {
    const rows = await this.session.query(statement, this.ms, 'again');
    if (rows.length === 0) throw new StoreError('corrupt', `the schema ${this.schema}: the row of the head is missing`);
    return rows;
  }
}

/** Makes the table where it is missing. It is no part of the log's format: whoever only reads the log needs none. */
export async function prepareBeats(connection: PostgresConnection, schema: string): Promise<void> {
  const find = `SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = '${schema}' AND relname = 'beat'`;
  if ((await connection.script(find)).length > 0) return;
  try {
    await connection.script(
      `CREATE TABLE "${schema}".beat (one boolean PRIMARY KEY DEFAULT true CHECK (one), text text NOT NULL) ` +
        'WITH (fillfactor = 10)',
    );
  } catch (error) {
    // Another service may have made it in the same moment.
    if ((await connection.script(find)).length === 0 || isPassing(error)) throw error;
  }
}
