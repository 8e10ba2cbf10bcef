/** What can go wrong with a store, by code. Being out-written is no error: see `Appended`. */

/**
 * `full`: no space left; nothing was written, later appends may succeed. `io`: the disk or the server failed; what
 * it holds is unknown. `corrupt`: the log is damaged or not ours. `short`: the log ends before its anchor. `version`:
 * another version of Leasehold wrote it. `locked`: another process writes it. `path`: it cannot be opened or created there.
 * `too-large`: the turn is larger than any store takes. `closed`: the store was closed before.
 */
export type StoreErrorCode =
  | 'full'
  | 'io'
  | 'corrupt'
  | 'short'
  | 'version'
  | 'locked'
  | 'path'
  | 'too-large'
  | 'closed';

export class StoreError extends Error {
  override readonly name = 'StoreError';

  /** `turn`: the first bad turn, where a turn is at fault. */
  constructor(
    readonly code: StoreErrorCode,
    message: string,
    readonly turn: number | null = null,
  ) {
    super(message);
  }
}

/** The store error for a failed operation on the file `path`; `fallback` where the system's code says nothing more. */
export function fileError(path: string, error: unknown, fallback: StoreErrorCode): StoreError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError('full', `${path}: no space left on the disk; free some and try again (${message})`);
  }
  return new StoreError(fallback, `${path}: ${message}`);
}

/** The error of every call on a closed store. */
export function closedError(): StoreError {
  return new StoreError('closed', 'the event store is closed');
}
