/** What an EventStoreDB keeps, and its rules for appending and reading: enough of them for the tests of the store. */

import { EventEmitter } from 'node:events';

export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly custom: Uint8Array;
}

export interface Recorded extends Proposed {
  readonly stream: string;
  readonly revision: number;
  /** Its place among all events. */
  readonly position: number;
}

/** A number: the stream's last revision. */
export type Expected = number | 'no-stream' | 'any' | 'stream-exists';

export type AppendAnswer =
  | { readonly kind: 'stored'; readonly revision: number; readonly position: number }
  /** `current`: the stream's last revision, null where there is no stream. */
  | { readonly kind: 'wrong-version'; readonly current: number | null }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'deleted' };

interface Stream {
  readonly events: Recorded[];
  /** For good. */
  deleted: boolean;
}

/** Shared by the nodes of a cluster. Emits `appended` with the event. */
export class EsdbData extends EventEmitter<{ appended: [Recorded] }> {
  /** How many bytes the server takes in one append. */
  appendBytesMax = 1024 * 1024;
  private readonly streams = new Map<string, Stream>();
  private position = 0;

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  append(name: string, expected: Expected, proposed: readonly Proposed[]): AppendAnswer {
    const stream = this.streams.get(name) ?? { events: [], deleted: false };
    if (stream.deleted) return { kind: 'deleted' };
    if (proposed.reduce((sum, { data, custom }) => sum + data.length + custom.length, 0) > this.appendBytesMax) {
      return { kind: 'too-large' };
    }
    const last = stream.events.length - 1;
    const current = this.visible(name).length === 0 ? -1 : last;
    if (!fits(expected, current, last)) return again(stream, expected, proposed) ?? wrongVersion(current);
    this.streams.set(name, stream);
    for (const event of proposed) {
      const recorded = { ...event, stream: name, revision: stream.events.length, position: this.position++ };
      stream.events.push(recorded);
      this.emit('appended', recorded);
    }
    return { kind: 'stored', revision: stream.events.length - 1, position: this.position - 1 };
  }

  /** The events of a stream that its metadata lets be read. */
  visible(name: string): readonly Recorded[] {
    const events = this.streams.get(name)?.events ?? [];
    const metadata = name.startsWith('$$') ? undefined : this.streams.get(`$$${name}`)?.events.at(-1);
    if (metadata === undefined) return events;
    const { $maxCount, $tb } = JSON.parse(Buffer.from(metadata.data).toString('utf8')) as Record<string, number>;
    const from = Math.max($maxCount === undefined ? 0 : events.length - $maxCount, $tb ?? 0);
    return events.slice(from);
  }

  isDeleted(name: string): boolean {
    return this.streams.get(name)?.deleted === true;
  }

  /** As an operator does: by metadata, or for good. */
  setMetadata(name: string, metadata: Readonly<Record<string, unknown>>): void {
    this.append(`$$${name}`, 'any', [proposedJson('$metadata', metadata)]);
  }

  tombstone(name: string): void {
    const stream = this.streams.get(name) ?? { events: [], deleted: true };
    stream.deleted = true;
    this.streams.set(name, stream);
  }

  /** As if only the first `count` events had ever been: a server restored from an old backup. */
  forget(name: string, count: number): void {
    this.streams.get(name)!.events.splice(count);
  }

  /** Changes an event where it lies, as a disk may. */
  damage(name: string, revision: number, change: (event: Recorded) => Partial<Recorded>): void {
    const { events } = this.streams.get(name)!;
    events[revision] = { ...events[revision]!, ...change(events[revision]!) };
  }
}

export function proposedJson(type: string, data: unknown, metadata: unknown = {}): Proposed {
  const id = crypto.randomUUID();
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value), 'utf8');
  return { id, type, contentType: 'application/json', data: bytes(data), custom: bytes(metadata) };
}

/** `current`: what readers see as the end; `last`: what was ever written. They differ after a soft deletion. */
function fits(expected: Expected, current: number, last: number): boolean {
  if (expected === 'any') return true;
  if (expected === 'stream-exists') return current >= 0;
  if (expected === 'no-stream') return current < 0;
  return expected === last;
}

/** The same ids after the same end are an append repeated; null: they are not there. */
function again(stream: Stream, expected: Expected, proposed: readonly Proposed[]): AppendAnswer | null {
  if (expected === 'stream-exists' || expected === 'any') return null;
  const from = expected === 'no-stream' ? 0 : expected + 1;
  const stored = stream.events.slice(from, from + proposed.length);
  if (stored.length < proposed.length || stored.some(({ id }, i) => id !== proposed[i]!.id)) return null;
  return { kind: 'stored', revision: from + stored.length - 1, position: stored.at(-1)!.position };
}

function wrongVersion(current: number): AppendAnswer {
  return { kind: 'wrong-version', current: current < 0 ? null : current };
}
