/**
 * Snapshots in a stream beside the log: compressed, in as many events as one append each takes, void until the last is
 * there. The server drops all but the last two. The log can do without them.
 */

import { createHash } from 'node:crypto';
import type { Revision, Snapshot } from '../../engine/index.js';
import { StoreError } from './errors.js';
import type { EsdbEvent, ExpectedEnd } from './esdb-client.js';
import type { Connection } from './esdb-connection.js';
import { EVENT_BYTES_MAX, UNPACKED_BYTES_MAX, compress, eventId, unpack } from './esdb-events.js';
import type { EsdbTarget } from './esdb-url.js';
import { PARTS_MAX } from './parts.js';

const PART_TYPE = 'SnapshotPart';
/** How far back a whole snapshot is looked for. */
const PARTS_SEARCHED = 4 * PARTS_MAX;
/** So often another scheduler may come between. */
const TRIES = 3;

interface Part {
  readonly turn: number;
  readonly version: number;
  readonly part: number;
  readonly of: number;
  /** SHA-256 of the state. */
  readonly digest: string;
}

interface Found {
  readonly snapshot: Snapshot;
  /** Where its first part is. */
  readonly first: bigint;
}

export class EsdbSnapshots {
  constructor(
    private readonly target: EsdbTarget,
    private readonly connection: Connection,
  ) {}

  /** The latest one that is whole and not ahead of a log of `revision` turns. */
  async latest(revision: Revision): Promise<Snapshot | null> {
    return (await this.search(revision)).found?.snapshot ?? null;
  }

  async save(snapshot: Snapshot, revision: Revision): Promise<void> {
    const { shown } = this.target;
    const packed = await this.pack(snapshot);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      // 1. An older one than the latest is of no use.
      const { found, end } = await this.search(revision);
      if (found !== null && found.snapshot.turn > snapshot.turn) return;
      // 2. The one before stays until this one is whole.
      const next = end === null ? 0n : end + 1n;
      const parts = Math.ceil(packed.length / EVENT_BYTES_MAX);
      await keepLast(this.connection, this.target.snapshots, Number(next - (found?.first ?? next)) + parts);
      if (await this.write(snapshot, packed, parts, end ?? 'no_stream')) return;
    }
    throw new StoreError('io', `${shown}: another scheduler writes snapshots at the same time; this one is not kept`);
  }

  private async pack({ turn, state }: Snapshot): Promise<Buffer> {
    const { shown } = this.target;
    const bytes = Buffer.byteLength(state);
    const packed = bytes <= UNPACKED_BYTES_MAX ? await compress(state) : null;
    if (packed !== null && packed.length <= PARTS_MAX * EVENT_BYTES_MAX) return packed;
    const detail = `the snapshot of turn ${turn} has ${bytes} bytes; at most ${UNPACKED_BYTES_MAX} are kept`;
    throw new StoreError('too-large', `${shown}: ${detail}`);
  }

  /** False: somebody else wrote between. */
  private async write(
    { turn, version, state }: Snapshot,
    packed: Buffer,
    of: number,
    end: ExpectedEnd,
  ): Promise<boolean> {
    const stream = this.target.snapshots;
    const digest = sha256(state);
    let expected = end;
    for (let part = 1; part <= of; part++) {
      const data = packed.subarray((part - 1) * EVENT_BYTES_MAX, part * EVENT_BYTES_MAX);
      const metadata: Part = { turn, version, part, of, digest };
      const id = eventId(
        stream,
        expected === 'no_stream' ? 1 : Number(expected) + 2,
        Buffer.from(JSON.stringify(metadata)),
      );
      const event = { id, type: PART_TYPE, contentType: 'application/octet-stream' as const, data, metadata };
      const stored = await this.connection.appendUntilKnown(stream, event, expected);
      if (stored === 'conflict') return false;
      expected = stored;
    }
    return true;
  }

  /** The latest whole snapshot that is not ahead of the log, and the revision of the stream's last event. */
  private search(revision: Revision): Promise<{ found: Found | null; end: bigint | null }> {
    return this.connection.persist('read the snapshots', async () => {
      let end: bigint | null = null;
      let parts: Uint8Array[] = [];
      let last: Part | null = null;
      for await (const event of this.connection.read(this.target.snapshots, 'end', 'backwards', PARTS_SEARCHED)) {
        end ??= event.revision;
        const part = partOf(event);
        // 1. From the last part back to the first, without a gap; else it begins with this one, if it is a last one.
        if (last === null || part === null || !follows(part, last, parts.length)) {
          parts = [];
          last = part !== null && part.part === part.of && part.turn <= revision ? part : null;
        }
        if (last === null) continue;
        parts.push(event.data as Uint8Array);
        if (parts.length < last.of) continue;
        // 2. Whole. A damaged one is passed over.
        const state = await unpack(Buffer.concat(parts.reverse())).catch(() => null);
        const { turn, version, digest } = last;
        if (state !== null && sha256(state) === digest) {
          return { found: { snapshot: { turn, version, state }, first: event.revision }, end };
        }
        last = null;
      }
      return { found: null, end };
    });
  }
}

/** Sets how many events the server keeps of the stream; leaves what else its metadata says. */
export async function keepLast(connection: Connection, stream: string, count: number): Promise<void> {
  const name = `$$${stream}`;
  const { metadata, end } = await connection.persist('read the stream', () => metadataOf(connection, stream));
  if (metadata.$maxCount === count) return;
  const data = { ...metadata, $maxCount: count };
  const id = eventId(name, end === null ? 1 : Number(end) + 2, JSON.stringify(data));
  const event = { id, type: '$metadata', contentType: 'application/json' as const, data, metadata: {} };
  // In a conflict another scheduler has just done the same.
  await connection.appendUntilKnown(name, event, end ?? 'no_stream');
}

/** What the metadata of a stream says, and the revision of the event that says it. One try. */
export async function metadataOf(
  connection: Connection,
  stream: string,
): Promise<{ metadata: Readonly<Record<string, unknown>>; end: bigint | null }> {
  for await (const { data, revision } of connection.read(`$$${stream}`, 'end', 'backwards', 1)) {
    const metadata = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
    return { metadata, end: revision };
  }
  return { metadata: {}, end: null };
}

function partOf({ type, data, metadata }: EsdbEvent): Part | null {
  const { turn, version, part, of, digest } = Object(metadata) as Record<string, unknown>;
  if (type !== PART_TYPE || !(data instanceof Uint8Array) || typeof digest !== 'string') return null;
  if (!isCount(turn) || !isCount(version) || !isCount(part) || !isCount(of)) return null;
  return of <= PARTS_MAX && part >= 1 && part <= of ? { turn, version, part, of, digest } : null;
}

/** Whether `part` is the one before the `count` last ones of the snapshot that `last` ends. */
function follows(part: Part, last: Part, count: number): boolean {
  const same = part.turn === last.turn && part.digest === last.digest && part.of === last.of;
  return same && part.part === last.of - count;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
