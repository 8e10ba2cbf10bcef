/**
 * Gets the images that are registered, as long as this service leads: those that are new, and those that another service had.
 * What became of each is a note in the log.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { failpoint } from '../../adapters/failpoint.js';
import { ImageError, type ImageProgress, type ImageRepository, type WantedImage } from '../../adapters/image-port.js';
import { changeNote } from '../access/keep.js';
import type { RouteDeps } from '../deps.js';
import type { Follower, TurnListener } from '../follower.js';
import { Places } from '../../adapters/places.js';
import type { ImageKeeperPort } from './keeper-port.js';
import {
  contentsInUse,
  imageNames,
  imageNote,
  type ImageNote,
  imageOfKey,
  type ImageResult,
  type ImageUse,
  isReady,
  keyOfImage,
  readImage,
  writtenImage,
} from './image-notes.js';

export interface ImageKeeperDeps extends Pick<RouteDeps, 'submit'> {
  readonly follower: Follower;
  readonly isLeader: () => boolean;
  readonly repository: ImageRepository;
  readonly limits: ImageKeeperPort['limits'];
  /** For the service's own log. */
  readonly warn: (about: { readonly image: string }, detail: string) => void;
}

interface Running {
  readonly attempt: string;
  readonly ending: AbortController;
  readonly done: Promise<void>;
  /** Null: it waits for its turn. */
  progress: ImageProgress | null;
}

/** What went wrong on the way is tried again so often, and what nobody needs is looked for. */
const LOOK_MS = 10 * 60_000;
/** A result that the log does not take is offered again so often. */
const NOTE_MS = 2_000;
/** What a VM has written, and could not be read, is read again. Its lease waits for that. */
const SAVE_AGAIN_MS = 15_000;

export class ImageKeeper implements ImageKeeperPort {
  readonly limits: ImageKeeperPort['limits'];
  private readonly running = new Map<string, Running>();
  private readonly places: Places;
  private readonly closing = new AbortController();
  private readonly timer: NodeJS.Timeout;
  /** Removing what nobody needs; nothing is fetched meanwhile. */
  private sweeping: Promise<void> = Promise.resolve();
  private leads = false;

  constructor(private readonly deps: ImageKeeperDeps) {
    this.limits = deps.limits;
    this.places = new Places(deps.limits.atOnce);
    deps.follower.turnListeners.push(this.listener);
    this.timer = setInterval(() => this.lookAgain(), LOOK_MS).unref();
  }

  get takesDisks(): boolean {
    return this.deps.repository.takesDisks;
  }

  sourceOf(text: string): string {
    return this.deps.repository.sourceOf(text);
  }

  progress(name: string): ImageProgress | null {
    return this.running.get(name)?.progress ?? null;
  }

  /** The service leads by now, or does no longer. O(notes) where that is new. */
  look(): void {
    const leads = this.deps.isLeader() && !this.closing.signal.aborted;
    if (leads === this.leads) return;
    this.leads = leads;
    if (leads) this.lookAgain();
    else for (const { ending } of this.running.values()) ending.abort();
  }

  async close(): Promise<void> {
    this.closing.abort();
    clearInterval(this.timer);
    this.look();
    await Promise.all([...this.running.values()].map(({ done }) => done));
    await this.sweeping;
  }

  private readonly listener: TurnListener = {
    before() {},
    after: ({ inputs }) => {
      if (!this.leads) return;
      for (const input of inputs) {
        const name = input.type === 'NoteKept' ? imageOfKey(input.key) : null;
        if (name !== null) void this.consider(name);
      }
    },
  };

  private lookAgain(): void {
    if (!this.leads) return;
    for (const name of imageNames(this.deps.follower.state.notes)) void this.consider(name);
    this.sweep();
  }

  /** Begins, or ends, what is to be done about an image. */
  private async consider(name: string): Promise<void> {
    const note = imageNote(this.deps.follower.state.notes, name);
    const known = this.running.get(name);
    if (known !== undefined && known.attempt !== note?.attempt) known.ending.abort();
    if (note === null) return this.sweep();
    if (known !== undefined) return;
    const { result } = note;
    if (result !== null && !isReady(result)) return;
    if (note.use?.save === undefined && result !== null && (await this.deps.repository.has(result.sha256))) return;
    if (this.leads && !this.running.has(name)) this.begin(name, note);
  }

  private begin(name: string, note: ImageNote): void {
    const ending = new AbortController();
    const running: Running = {
      attempt: note.attempt,
      ending,
      progress: null,
      done: Promise.resolve().then(() => this.run(name, note, running)),
    };
    this.running.set(name, running);
  }

  /** Never rejects. */
  private async run(name: string, note: ImageNote, running: Running): Promise<void> {
    const { signal } = running.ending;
    try {
      const result = await this.places.within(signal, () => this.obtain(name, note, running));
      if (result !== null && note.use?.save !== undefined) await this.save(name, note.use, result, signal);
      else if (result !== null) await this.keep(name, note.attempt, result, signal);
    } catch (error) {
      // Nobody wants it any more.
      if (!signal.aborted) this.deps.warn({ image: name }, `its result could not be kept: ${(error as Error).message}`);
    } finally {
      this.running.delete(name);
    }
    // Another attempt may have been asked for meanwhile.
    const now = imageNote(this.deps.follower.state.notes, name);
    const isToBeSaved = now?.use?.save !== undefined && note.use?.save === undefined;
    if (this.leads && now !== null && (now.attempt !== note.attempt || isToBeSaved)) await this.consider(name);
    if (note.use?.save !== undefined) setTimeout(() => this.leads && void this.consider(name), SAVE_AGAIN_MS).unref();
    this.sweep();
  }

  /** Null: what the log says of it stays. */
  private async obtain(name: string, note: ImageNote, running: Running): Promise<ImageResult | null> {
    await this.sweeping;
    const wanted = wantedBy(note);
    const tell = (progress: ImageProgress): void => {
      running.progress = progress;
    };
    tell({ bytes: 0, total: null });
    try {
      const held = await this.deps.repository.obtain(wanted, running.ending.signal, tell);
      if (wanted.disk !== undefined) failpoint('image-saved');
      return { sha256: held.sha256, bytes: held.bytes, virtualBytes: held.virtualBytes };
    } catch (error) {
      running.ending.signal.throwIfAborted();
      const told =
        error instanceof ImageError ? error : new ImageError('source-failed', 'it could not be kept on disk');
      this.deps.warn({ image: name }, told === error ? told.message : `${told.message}: ${(error as Error).message}`);
      // Leases may name it, and another service may have it: this one tries again later.
      return isReady(note.result) && wanted.disk === undefined ? null : { code: told.code, detail: told.message };
    }
  }

  /** What a VM has written is the image from now on; or why it is not yet. */
  private async save(name: string, { lease, vm, run }: ImageUse, result: ImageResult, signal: AbortSignal) {
    await this.change(name, signal, (note) => {
      const { use, ...rest } = note;
      if (use?.save === undefined || use.lease !== lease || use.vm !== vm || use.run !== run) return note;
      if (isReady(result)) return { ...rest, result };
      return { ...rest, use: { ...use, save: { ...use.save, failure: result } } };
    });
  }

  /** In the log, when it takes it; unless another attempt was begun meanwhile. */
  private async keep(name: string, attempt: string, result: ImageResult, signal: AbortSignal): Promise<void> {
    await this.change(name, signal, (note) => (note.attempt === attempt ? { ...note, result } : note));
  }

  private async change(name: string, signal: AbortSignal, change: (note: ImageNote) => ImageNote): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        await changeNote(this.deps, keyOfImage(name), (text) =>
          text === null ? null : writtenImage(change(readImage(text))),
        );
        return;
      } catch {
        await pause(NOTE_MS, undefined, { signal });
      }
    }
  }

  /** Removes what neither an image nor a lease names. What is on its way has no name yet: it is waited for. */
  private sweep(): void {
    if (!this.leads || this.running.size > 0) return;
    const { state } = this.deps.follower;
    const wanted = contentsInUse(state);
    for (const name of imageNames(state.notes)) {
      const result = imageNote(state.notes, name)?.result ?? null;
      if (isReady(result)) wanted.add(result.sha256);
    }
    this.sweeping = this.sweeping
      .then(() => this.deps.repository.keepOnly((sha256) => wanted.has(sha256)))
      .catch((error: Error) => this.deps.warn({ image: '' }, `images could not be removed: ${error.message}`));
  }
}

/** What was there once must be the same; what a VM has written over it may be anything. */
function wantedBy({ source, format, sha256, result, use }: ImageNote): WantedImage {
  if (!isReady(result)) return { source, format, sha256 };
  if (use?.save === undefined) return { source, format, sha256: result.sha256 };
  const { lease, vm, save } = use;
  const disk = { lease, vm, uri: save.uri, base: { sha256: result.sha256, format } };
  return { source, format, sha256: null, disk };
}
