/**
 * Brings what a source has into a file: within limits, again where it broke off, and from there where the source can. A try
 * that goes on is only one of the very thing that the first one was about.
 */

import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { ImageError, type ImageLimits, type ImageProgress } from '../image-port.js';

/** What a source answers. */
export interface Opened {
  /** Where its bytes begin: as asked for, or 0. */
  readonly from: number;
  /** Of the whole; null: it does not say. */
  readonly total: number | null;
  /** Changes when the thing changes; null: it does not say, and nothing can be gone on with. */
  readonly validator: string | null;
  /** Errors are ImageErrors, or what a broken connection brings. */
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * `from` > 0: only if what is there is still what `validator` was of; else from the beginning. When `signal` is aborted,
 * whatever is open is closed.
 */
export type Open = (from: number, validator: string | null, signal: AbortSignal) => Promise<Opened>;

export interface Fetched {
  readonly sha256: string;
  readonly bytes: number;
}

/** Throws an ImageError, or the reason of `signal`. O(bytes), constant memory. */
export async function fetchInto(
  file: FileHandle,
  open: Open,
  limits: ImageLimits,
  signal: AbortSignal,
  tell: (progress: ImageProgress) => void,
): Promise<Fetched> {
  const late = AbortSignal.timeout(limits.deadlineMs);
  const fetching = new Fetching(file, limits, AbortSignal.any([signal, late]), tell);
  for (let tries = 1; ; tries++) {
    try {
      return await fetching.attempt(open);
    } catch (error) {
      signal.throwIfAborted();
      if (late.aborted) throw new ImageError('too-slow', `it was not there after ${limits.deadlineMs / 1000} s`);
      const told = asImageError(error);
      if (told.again === 'no') throw told;
      if (tries >= limits.triesMax) throw new ImageError(told.code, `${told.message}, ${tries} times`);
      if (told.again === 'anew') fetching.forget();
      await pause(limits.pauseMs * 2 ** (tries - 1), undefined, { signal });
    }
  }
}

class Fetching {
  private have = 0;
  private validator: string | null = null;
  private hash = createHash('sha256');

  constructor(
    private readonly file: FileHandle,
    private readonly limits: ImageLimits,
    private readonly signal: AbortSignal,
    private readonly tell: (progress: ImageProgress) => void,
  ) {}

  async attempt(open: Open): Promise<Fetched> {
    // What cannot be recognised again is begun again.
    if (this.validator === null) this.forget();
    const ending = new AbortController();
    const opened = await open(this.have, this.validator, AbortSignal.any([this.signal, ending.signal]));
    const { from, total, validator } = opened;
    if (from !== this.have) this.forget();
    if (this.have === 0) await this.file.truncate(0);
    this.validator = validator;
    try {
      if ((total ?? 0) > this.limits.bytesMax) throw this.tooLarge();
      await this.take(opened);
    } finally {
      ending.abort();
    }
    if (total !== null && this.have < total)
      throw new ImageError('source-failed', `it broke off after ${this.have} of ${total} bytes`, 'yes');
    if (total !== null && this.have > total)
      throw new ImageError('source-failed', `there were more than the ${total} bytes that were announced`, 'anew');
    await this.file.datasync();
    return { sha256: this.hash.copy().digest('hex'), bytes: this.have };
  }

  /** The next try begins from the beginning. */
  forget(): void {
    this.have = 0;
    this.validator = null;
    this.hash = createHash('sha256');
  }

  private async take({ bytes, total }: Opened): Promise<void> {
    const iterator = bytes[Symbol.asyncIterator]();
    const { stallMs, stallBytes } = this.limits;
    let before = this.have;
    let stalled: (error: Error) => void = () => {};
    const stall = new Promise<never>((_, reject) => {
      stalled = reject;
    });
    stall.catch(() => {});
    const watch = setInterval(() => {
      const came = this.have - before;
      before = this.have;
      if (came >= stallBytes) return;
      stalled(new ImageError('too-slow', `only ${came} bytes came in ${stallMs / 1000} s`, 'yes'));
    }, stallMs);
    const aborted = (): void => stalled(this.signal.reason as Error);
    this.signal.addEventListener('abort', aborted, { once: true });
    try {
      for (;;) {
        this.signal.throwIfAborted();
        const { done, value } = await Promise.race([iterator.next(), stall]);
        if (done === true) return;
        if (this.have + value.length > this.limits.bytesMax) throw this.tooLarge();
        await this.write(value);
        this.tell({ bytes: this.have, total });
      }
    } finally {
      clearInterval(watch);
      this.signal.removeEventListener('abort', aborted);
      // What waits for its source for ever is not waited for.
      void Promise.resolve(iterator.return?.()).catch(() => {});
    }
  }

  private async write(chunk: Buffer): Promise<void> {
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await this.file.write(chunk, done, chunk.length - done, this.have + done);
      done += bytesWritten;
    }
    this.hash.update(chunk);
    this.have += chunk.length;
  }

  private tooLarge(): ImageError {
    return new ImageError('too-large', `it has more than ${this.limits.bytesMax} bytes`);
  }
}

/** What the file system and the network say, in our words: theirs name addresses and paths. */
function asImageError(error: unknown): ImageError {
  if (error instanceof ImageError) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code))
    return new ImageError('no-room', 'there is no room for it in the data directory');
  const known = /^[A-Z][A-Z0-9_]{2,48}$/.test(code) ? ` (${code})` : '';
  return new ImageError('source-failed', `it could not be read${known}`, 'yes');
}
