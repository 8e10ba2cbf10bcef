/** What the command line tells when something cannot be done: what, where, what to do, and the exit code. */

import { endingOf } from '../api/exit-codes.js';

/** Exit codes, as promised to scripts. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  conflict: 5,
  notAuthorised: 6,
  unreachable: 7,
  bug: 70,
  configuration: 78,
  timedOut: 124,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** An error meant for the user: printed without a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly hint: string | null,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** An error of another room that is meant for the user: it says so by its shape. */
interface Explained {
  readonly exitCode: number;
  readonly hint?: string | null;
}

/** Prints `error` on stderr and returns the exit code for it. Anything unforeseen is our mistake. */
export function report(error: unknown): number {
  const ending = isExplained(error) ? error : endingOf(error);
  if (ending !== null) {
    process.stderr.write(`leasehold: ${printable((error as Error).message)}\n`);
    if (typeof ending.hint === 'string' && ending.hint !== '') process.stderr.write(`  ${printable(ending.hint)}\n`);
    return ending.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`leasehold: this is a bug, please report it with the lines below\n${printable(text)}\n`);
  return EXIT.bug;
}

function isExplained(error: unknown): error is Explained {
  return error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number';
}

/**
 * Text from elsewhere may hold characters that move the cursor, change colours or turn the direction of what follows:
 * they are shown instead. Line breaks stay.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
