/** Mistakes in settings as one error: all of them, a line each. */

import { CONFIGURATION, USAGE } from '../../simulations/input-error.js';
import type { Mistake } from './sources.js';

/** More are counted. */
const SHOWN_MAX = 50;

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly hint: string;
  /** What is only written wrong on the command line is a mistake in usage. */
  readonly exitCode: number;

  constructor(readonly mistakes: readonly Mistake[]) {
    super(textOf(mistakes));
    this.hint = 'Nothing was written. `leasehold config check` looks at all of it without starting anything.';
    this.exitCode = mistakes.every(({ exitCode }) => exitCode === USAGE) ? USAGE : CONFIGURATION;
  }
}

function textOf(mistakes: readonly Mistake[]): string {
  const count = mistakes.length === 1 ? 'a setting is wrong' : `${mistakes.length} settings are wrong`;
  const lines = mistakes.slice(0, SHOWN_MAX).map(({ place, problem, hint }) => `  ${place}: ${problem}. ${hint}`);
  const more = mistakes.length > SHOWN_MAX ? [`  and ${mistakes.length - SHOWN_MAX} more`] : [];
  return [count, ...lines, ...more].join('\n');
}
