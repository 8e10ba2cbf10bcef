/** Signs of life in a stream of their own, of which the server keeps the last event only. */

import type { Beats, Epoch, Head } from '../../engine/index.js';
import { StoreError } from './errors.js';
import type { EsdbEvent } from './esdb-client.js';
import type { Connection } from './esdb-connection.js';
import { eventId } from './esdb-events.js';
import { keepLast } from './esdb-snapshots.js';
import type { EsdbTarget } from './esdb-url.js';

const BEAT_TYPE = 'Beat';
const BEAT_BYTES_MAX = 4096;
/** So often another service may come between. */
const TRIES = 5;

export class EsdbBeats implements Beats {
  private kept = false;

  /** `head`: where the log ends; rejects when the store is closed. */
  constructor(
    private readonly target: EsdbTarget,
    private readonly connection: Connection,
    private readonly head: () => Promise<Head>,
  ) {}

  async beat(text: string, epoch: Epoch): Promise<Head> {
    if (Buffer.byteLength(text) > BEAT_BYTES_MAX) {
      throw new StoreError('too-large', `a sign of life has at most ${BEAT_BYTES_MAX} bytes`);
    }
    const { connection, target } = this;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const head = await this.head();
      if (head.epoch > epoch) return head;
      if (!this.kept) await keepLast(connection, target.beats, 1);
      this.kept = true;
      const last = await this.latest();
      const number = last === null ? 1 : Number(last.revision) + 2;
      const data = { text, epoch };
      const id = eventId(target.beats, number, JSON.stringify(data));
      const event = { id, type: BEAT_TYPE, contentType: 'application/json' as const, data, metadata: {} };
      const stored = await connection.appendUntilKnown(target.beats, event, last?.revision ?? 'no_stream');
      if (stored !== 'conflict') return head;
    }
    throw new StoreError('io', `${target.shown}: others give signs of life at the same time`);
  }

  async last(): Promise<{ readonly text: string | null; readonly head: Head }> {
    const head = await this.head();
    const data = (await this.latest())?.data;
    const text = typeof data === 'object' && data !== null && 'text' in data ? data.text : null;
    return { text: typeof text === 'string' ? text : null, head };
  }

  private latest(): Promise<EsdbEvent | null> {
    return this.connection.persist('read the signs of life', async () => {
      for await (const event of this.connection.read(this.target.beats, 'end', 'backwards', 1)) return event;
      return null;
    });
  }
}
