/** `leasehold events`: the log as it is, one turn a line. */

import type { Command } from 'commander';
import { examples } from './examples.js';
import { remote, type RemoteOptions, wholeNumber } from './options.js';

interface EventsOptions extends RemoteOptions {
  readonly follow?: boolean;
  readonly after?: number;
}

export function eventsCommand(program: Command): void {
  const command = remote(program.command('events'), [])
    .description(
      'print the log, one turn a line (NDJSON), as `leasehold audit` reads it; or what of it you may hear of',
    )
    .option('-f, --follow', 'go on with turns as they happen; without --after, only with those')
    .option('--after <turn>', 'only turns after this one', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .action(run);
  examples(command, {
    'leasehold events --after 1': 'all turns but the first',
    'leasehold events > turns.ndjson': 'a copy of the log, for `leasehold audit turns.ndjson`',
  });
}

async function run(options: EventsOptions): Promise<void> {
  const { Client } = await import('./client.js');
  const { interruptible } = await import('./interrupt.js');
  const { write } = await import('./output.js');
  const { turnsAfter } = await import('./turn-stream.js');
  const client = new Client(options);
  const { after, follow } = options;
  if (follow !== true) {
    const query = after === undefined ? '' : `?after=${after}`;
    for await (const line of client.lines(`v1/events${query}`)) await write(`${line}\n`);
    return;
  }
  const from = after ?? (await client.head());
  await interruptible(
    () => '',
    async () => {
      for await (const { text } of turnsAfter(client, from)) await write(`${text}\n`);
    },
  );
}
