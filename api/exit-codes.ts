/** Which exit code an error means, and what to do about it. By name, since errors also come from other threads. */

export const EXIT_FAILURE = 1;
export const EXIT_BUG = 70;

/** What is told beside the message of an error. */
export interface Ending {
  readonly exitCode: number;
  readonly hint: string;
}

const DAMAGED: Ending = { exitCode: 65, hint: 'The log is damaged: restore it from a backup. Nothing was written.' };
const TRUNCATED: Ending = {
  exitCode: 66,
  hint: 'The log is not complete: restore it from a backup. Nothing was written.',
};
const DISK: Ending = {
  exitCode: 74,
  hint: 'See to the disk, then start again: the service goes on from the last turn that the log holds.',
};
const LOCKED: Ending = {
  exitCode: 75,
  hint: 'One service at a time writes a data directory: stop the other, or choose another with --data-dir.',
};
const UNUSABLE: Ending = { exitCode: 78, hint: 'Nothing was written.' };
const OTHER_VERSION: Ending = {
  exitCode: 78,
  hint: 'Use the version of Leasehold that wrote it. Nothing was written.',
};
const NOT_FOUND: Ending = { exitCode: 3, hint: 'Is the path right, and may it be read?' };

const BY_NAME: Readonly<Record<string, Ending>> = {
  'StoreError full': DISK,
  'StoreError io': DISK,
  'StoreError corrupt': DAMAGED,
  'StoreError short': TRUNCATED,
  'StoreError version': OTHER_VERSION,
  'StoreError locked': LOCKED,
  'StoreError path': UNUSABLE,
  'LogError truncated': TRUNCATED,
  'LogError malformed': DAMAGED,
  'LogError gap': DAMAGED,
  'LogError version': OTHER_VERSION,
  'LogError unreadable': NOT_FOUND,
  CodecError: DAMAGED,
  JournalError: DISK,
  ClusterError: {
    exitCode: 7,
    hint: 'Start it with `leasehold cluster`, and name it with --cluster as it was named with --listen.',
  },
  StaleWriterError: LOCKED,
  UnknownOutcomeError: DISK,
  UnknownRulesError: { exitCode: 78, hint: 'Use the version of Leasehold that wrote the log.' },
  ConfigError: UNUSABLE,
  KeysError: UNUSABLE,
};

/** Null: nobody has foreseen it, so it is a mistake of ours. */
export function endingOf(error: unknown): Ending | null {
  if (!(error instanceof Error)) return null;
  const { name, code } = error as Error & { code?: unknown };
  return BY_NAME[`${name} ${String(code)}`] ?? BY_NAME[name] ?? null;
}
