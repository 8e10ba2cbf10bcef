/**
 * Appending to the log in PostgreSQL: what is asked for while one append is on its way goes with the next, in one
 * statement and one commit. Each turn has an answer of its own.
 */

import type { Appended, Epoch, Revision } from '../../engine/index.js';
import type { Linked } from './chained.js';
import { StoreError } from './errors.js';
import { claimOf } from './fence.js';
import { PARTS_MAX, PART_BYTES_MAX, tooLarge } from './parts.js';
import type { Row, Statement } from './postgres-connection.js';

const BATCH_TURNS = 256;
const BATCH_BYTES = 4 * 1024 * 1024;
const WAITING_MAX = 4096;

interface Waiting {
  readonly number: Revision;
  readonly epoch: Epoch;
  readonly claim: Epoch | null;
  readonly body: Buffer;
  /** The hash before it, and its own. */
  readonly link: Buffer;
  readonly answer: (appended: Appended) => void;
}

/** Sends the statement, once. Throws a StoreError: then nobody knows whether it was carried out. */
export type Send = (statement: Statement, bytes: number) => Promise<readonly Row[]>;

export class PostgresAppends {
  private readonly waiting: Waiting[] = [];
  private sending: Promise<void> | null = null;

  /** `onDurable`: the turn is; `onUnknown`: what was on its way may be in the log or not. */
  constructor(
    private readonly schema: string,
    private readonly send: Send,
    private readonly onDurable: (number: Revision, body: Buffer) => void,
    private readonly onUnknown: () => void,
  ) {}

  append({ turn, text, before, hash }: Linked, expected: Revision, epoch: Epoch): Promise<Appended> {
    const claim = claimOf(turn, expected);
    const body = Buffer.from(text, 'utf8');
    const link = Buffer.concat([before, hash]);
    if (body.length > PARTS_MAX * PART_BYTES_MAX) throw tooLarge(turn.number, body.length);
    if (this.waiting.length >= WAITING_MAX) return Promise.resolve(unknown(`${WAITING_MAX} appends wait already`));
    return new Promise((answer) => {
      this.waiting.push({ number: turn.number, epoch, claim, body, link, answer });
      this.sending ??= this.sendAll();
    });
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await this.sending;
  }

  private async sendAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      try {
        this.answer(batch, await this.send(this.statement(batch), sizeOf(batch)));
      } catch (error) {
        // What waits behind them builds on them: it is not sent, and is as unknown as they are.
        this.onUnknown();
        const detail = error instanceof StoreError ? error.message : String(error);
        for (const { answer } of [...batch, ...this.waiting.splice(0)]) answer(unknown(detail));
      }
    }
    this.sending = null;
  }

  private takeBatch(): Waiting[] {
    let count = 0;
    for (let bytes = 0; count < this.waiting.length && count < BATCH_TURNS; count++) {
      bytes += this.waiting[count]!.body.length;
      if (bytes > BATCH_BYTES && count > 0) break;
    }
    return this.waiting.splice(0, count);
  }

  private answer(batch: readonly Waiting[], rows: readonly Row[]): void {
    if (rows.length !== batch.length) throw new StoreError('io', 'the server answered for other turns than were sent');
    for (const [index, { number, body, answer }] of batch.entries()) {
      const [appended, revision, epoch] = rows[index] as [boolean, number, number];
      if (appended) {
        this.onDurable(number, body);
        answer({ outcome: 'appended', revision: number });
      } else {
        answer({ outcome: 'refused', head: { revision, epoch } });
      }
    }
  }

  private statement(batch: readonly Waiting[]): Statement {
    return {
      name: 'append',
      text: `SELECT * FROM "${this.schema}".append($1, $2, $3, $4, $5, $6)`,
      values: [
        batch.map(({ number }) => number),
        batch.map(({ epoch }) => epoch),
        batch.map(({ claim }) => claim),
        batch.map(({ body }) => body.length),
        batch.length === 1 ? batch[0]!.body : Buffer.concat(batch.map(({ body }) => body)),
        Buffer.concat(batch.map(({ link }) => link)),
      ],
    };
  }
}

function sizeOf(batch: readonly Waiting[]): number {
  return batch.reduce((bytes, { body }) => bytes + body.length, 0);
}

function unknown(detail: string): Appended {
  return { outcome: 'unknown', detail };
}
