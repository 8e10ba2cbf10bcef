/**
 * Turns as events: one turn, one event. A turn is JSON, to be read by any tool, as long as it fits into one append;
 * a larger one is compressed. Its id is a digest of its text: a turn tried again has the same id, and damage shows.
 */

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Epoch } from '../../engine/index.js';
import type { Stored } from './chain.js';
import type { Linked } from './chained.js';
import { StoreError } from './errors.js';
import type { EsdbEvent, NewEvent } from './esdb-client.js';
import { PARTS_MAX, PART_BYTES_MAX } from './parts.js';

/** A server takes 1 MiB in one append unless told otherwise; a little of it is for what goes around the data. */
export const EVENT_BYTES_MAX = 1024 * 1024 - 16 * 1024;
/** What is unpacked is never larger. */
export const UNPACKED_BYTES_MAX = PARTS_MAX * PART_BYTES_MAX;
const TURN_TYPE = 'Turn';
const HASH = /^[0-9a-f]{64}$/;
/** What is written now; 1 had neither a format nor a hash. */
const FORMAT = 2;

export const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** The event of a turn; `epoch` is that of the log after it. */
export async function eventOf(stream: string, { turn, text, hash }: Linked, epoch: Epoch): Promise<NewEvent> {
  const id = eventId(stream, turn.number, text);
  const metadata = { turn: turn.number, epoch, format: FORMAT, hash: hash.toString('hex') };
  const event = { id, type: TURN_TYPE, metadata };
  // 1. As JSON, if it fits and will be read back to the letter.
  const bytes = Buffer.byteLength(text);
  if (bytes <= EVENT_BYTES_MAX) {
    const data = JSON.parse(text) as unknown;
    if (JSON.stringify(data) === text) return { ...event, contentType: 'application/json', data };
  }
  // 2. Else compressed.
  if (bytes > UNPACKED_BYTES_MAX) throw tooLarge(turn.number, bytes, `${UNPACKED_BYTES_MAX} bytes`);
  const packed = await compress(text);
  if (packed.length > EVENT_BYTES_MAX) {
    throw tooLarge(turn.number, packed.length, `${EVENT_BYTES_MAX} bytes when compressed, so that one append holds it`);
  }
  return { ...event, contentType: 'application/octet-stream', data: packed };
}

export interface StoredTurn extends Stored {
  /** That of the log after the turn. */
  readonly epoch: Epoch;
}

/** The turn of an event of `stream`. Throws a StoreError where it is damaged or is no turn. */
export async function turnOf(shown: string, stream: string, event: EsdbEvent): Promise<StoredTurn> {
  const number = Number(event.revision) + 1;
  const damaged = (detail: string) =>
    new StoreError('corrupt', `${shown}: turn ${number} is damaged: ${detail}`, number);
  const { epoch, format = 1, hash } = Object(event.metadata) as Record<string, unknown>;
  if (event.type !== TURN_TYPE || !Number.isSafeInteger(epoch)) {
    throw damaged('the event was not written by Leasehold');
  }
  if (Number.isSafeInteger(format) && (format as number) > FORMAT) {
    const detail = `turn ${number} is written in format ${String(format)}; this version reads ${FORMAT}`;
    throw new StoreError('version', `${shown}: ${detail}`, number);
  }
  if (format === FORMAT ? typeof hash !== 'string' || !HASH.test(hash) : format !== 1 || hash !== undefined) {
    throw damaged('what is noted beside it is not what Leasehold notes');
  }
  try {
    const text = event.isJson ? JSON.stringify(event.data) : await unpack(event.data);
    if (eventId(stream, number, text) !== event.id.toLowerCase()) throw damaged('its text is not the one written');
    return { number, text, hash: format === 1 ? null : Buffer.from(hash as string, 'hex'), epoch: epoch as Epoch };
  } catch (error) {
    throw error instanceof StoreError ? error : damaged((error as Error).message);
  }
}

/** The id of the event at the turn's place: a UUID made of a SHA-256 of what is stored, and where. */
export function eventId(stream: string, number: number, content: string | Buffer): string {
  const digest = createHash('sha256').update(`leasehold\0${stream}\0${number}\0`, 'utf8').update(content).digest();
  // Marked as version 5 (made from a name): the client refuses versions that it has not heard of.
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Compressed bytes as text. Rejects where they are not, or where they swell too much. */
export async function unpack(data: unknown): Promise<string> {
  if (!(data instanceof Uint8Array)) throw new Error('it holds no bytes');
  return (await decompress(data, { maxOutputLength: UNPACKED_BYTES_MAX })).toString('utf8');
}

function tooLarge(turn: number, bytes: number, limit: string): StoreError {
  return new StoreError(
    'too-large',
    `turn ${turn} has ${bytes} bytes; in this store a turn has at most ${limit}`,
    turn,
  );
}
