/** Asks before what cannot be undone: people at a terminal are asked, scripts are taken at their word. */

import { CliError, EXIT } from './errors.js';

export async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true || !process.stdin.isTTY || !process.stderr.isTTY) return;
  const { createInterface } = await import('node:readline/promises');
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  dialogue.once('SIGINT', () => process.exit(EXIT.interrupted));
  const answer = await dialogue.question(`${question} [y/N] `);
  dialogue.close();
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new CliError('nothing was changed', 'Answer y, or give --yes.', EXIT.failure);
}
