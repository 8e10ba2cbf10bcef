/** The log as a stream of turns: old ones from the store, recent ones from memory, coming ones as they are folded. */

import { setImmediate as pause, setTimeout as sleep } from 'node:timers/promises';
import { encodeTurn, type Turn } from '../engine/index.js';
import { failpoint } from '../adapters/failpoint.js';
import type { EventFilter } from './event-filter.js';
import type { FollowerView } from './follower.js';

export interface FeedSources {
  readonly follower: FollowerView;
  /** Turns later than `after`, from the store. */
  readonly history: (after: number) => AsyncIterable<Turn>;
}

export type PartFilter = Pick<EventFilter, 'partOf'>;

export interface FeedOptions {
  readonly after: number;
  /** Goes on with turns that are yet to come. */
  readonly follow: boolean;
  /** What is wanted of the turns; null: all of it. */
  readonly filter: PartFilter | null;
  /** How often a feed that follows gives a sign of life. */
  readonly heartbeatMs: number;
  /** What many are told at the same time is made once. */
  readonly shared: SharedPart;
  /** So long it waits for more turns, to tell them together. */
  readonly gatherMs: () => number;
  readonly signal: AbortSignal;
}

/** Turns as they were logged, as far as they are wanted. `upTo`: there is nothing else up to this turn. */
export interface FeedPart {
  readonly turns: readonly { readonly number: number; readonly text: string }[];
  readonly upTo: number;
}

/** A part holds about so much text, or goes past so many turns that nobody wants: reading these takes time, too. */
const PART_LETTERS = 16 * 1024;
const PASSED_MAX = 64;

/** Every turn later than `after`, once and in order. Reads as fast as its reader takes. */
export async function* feed(sources: FeedSources, options: FeedOptions): AsyncGenerator<FeedPart> {
  const { follower } = sources;
  const { signal, follow, heartbeatMs, gatherMs } = options;
  let last = options.after;
  while (!signal.aborted) {
    // 1. What memory has forgotten comes from the store.
    if (last + 1 < follower.recent.first) {
      for await (const part of inParts(encoded(sources.history(last)), options.filter)) {
        if (signal.aborted) return;
        yield part;
        last = part.upTo;
        if (last + 1 >= follower.recent.first) break;
      }
    }
    // 2. What memory holds.
    for await (const part of inParts(remembered(follower, last), options.filter)) {
      yield part;
      last = part.upTo;
      if (signal.aborted) return;
    }
    if (last < follower.head) continue;
    if (!follow) return;
    // 3. What is yet to come.
    await follower.later(last, signal, heartbeatMs);
    if (follower.head === last && !signal.aborted) yield { turns: [], upTo: last };
    else if (gatherMs() > 0) await sleep(gatherMs());
  }
}

interface Told {
  readonly number: number;
  readonly text: string;
}

async function* encoded(turns: AsyncIterable<Turn>): AsyncGenerator<Told> {
  for await (const turn of turns) yield { number: turn.number, text: encodeTurn(turn) };
}

function* remembered({ recent }: FollowerView, after: number): Generator<Told> {
  for (let number = after + 1; ; number++) {
    const text = recent.get(number);
    if (text === undefined) return;
    yield { number, text };
  }
}

/** Turns that belong to one part are told together. Turns that nobody wants make a part now and then, too. */
async function* inParts(
  turns: Iterable<Told> | AsyncIterable<Told>,
  filter: PartFilter | null,
): AsyncGenerator<FeedPart> {
  let part: Told[] = [];
  let letters = 0;
  let upTo = 0;
  for await (const { number, text } of turns) {
    const wanted = filter === null ? text : filter.partOf(text);
    if (wanted !== null) part.push({ number, text: wanted });
    letters += wanted?.length ?? PART_LETTERS / PASSED_MAX;
    upTo = number;
    if (letters < PART_LETTERS) continue;
    yield { turns: part, upTo };
    part = [];
    letters = 0;
  }
  if (letters > 0) yield { turns: part, upTo };
}

/** One turn a line; an empty line is a sign of life, and where the stream stays open the first: it has begun. */
export async function* asNdjson(parts: AsyncIterable<FeedPart>, options: FeedOptions): AsyncGenerator<string> {
  if (options.follow) yield '\n';
  const quiet = new Quiet(options.heartbeatMs);
  for await (const { turns } of parts) {
    if (turns.length > 0) yield turns.map(({ text }) => `${text}\n`).join('');
    else if (options.follow && quiet.isLong()) yield '\n';
    else {
      await options.shared.pause();
      continue;
    }
    quiet.broken();
  }
}

/**
 * Server-sent events: the id is the number of the turn, so a client that reconnects says where it stopped. Where a filter
 * leaves nothing to tell, an id without data moves that place on.
 */
export async function* asServerSentEvents(
  parts: AsyncIterable<FeedPart>,
  options: FeedOptions,
): AsyncGenerator<string | Buffer> {
  yield 'retry: 1000\n\n';
  const quiet = new Quiet(options.heartbeatMs);
  for await (const { turns, upTo } of parts) {
    if (turns.length > 0) {
      failpoint('stream-flush');
      const text = () => turns.map(({ number, text }) => `id: ${number}\nevent: turn\ndata: ${text}\n\n`).join('');
      yield options.filter === null ? options.shared.of(turns[0]!.number, upTo, text) : text();
    } else if (quiet.isLong()) yield options.filter === null ? ': alive\n\n' : `: alive\nid: ${upTo}\n\n`;
    else {
      await options.shared.pause();
      continue;
    }
    quiet.broken();
  }
}

/** What many streams share. The part that was told last: with a thousand of them it is the next one's, too. */
export class SharedPart {
  private key = '';
  private bytes: Buffer = Buffer.alloc(0);
  private turn: Promise<void> = Promise.resolve();

  /** While much is passed over others get their turn: of all that pass over something, one goes on at a time. */
  pause(): Promise<void> {
    this.turn = this.turn.then(() => pause());
    return this.turn;
  }

  of(first: number, last: number, text: () => string): Buffer {
    const key = `${first}-${last}`;
    if (key !== this.key) this.bytes = Buffer.from(text(), 'utf8');
    this.key = key;
    return this.bytes;
  }
}

/** How long nothing has been told. A wait that ends a little early is long enough. */
class Quiet {
  private since = performance.now();

  constructor(private readonly longMs: number) {}

  isLong(): boolean {
    return performance.now() - this.since >= this.longMs * 0.9;
  }

  broken(): void {
    this.since = performance.now();
  }
}
