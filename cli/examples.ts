/**
 * Examples of a command: shown by --help and in the manual, and run by the tests. `LEASE` stands for a lease's id, `TOKEN`
 * for a token's, `WEBHOOK` for a webhook's.
 */

import type { Command } from 'commander';

export interface Example {
  readonly line: string;
  readonly about: string;
}

const known = new WeakMap<Command, readonly Example[]>();

/** Adds examples: what to type, and what that does. */
export function examples(command: Command, lines: Readonly<Record<string, string>>): Command {
  const list = Object.entries(lines).map(([line, about]) => ({ line, about }));
  known.set(command, list);
  return command.addHelpText('after', () => {
    const shown = list.map(({ line, about }) => `  # ${about}\n  ${line}`);
    return `\nExamples:\n${shown.join('\n\n')}`;
  });
}

export function examplesOf(command: Command): readonly Example[] {
  return known.get(command) ?? [];
}
