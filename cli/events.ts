/** `leasehold events`: the log as it is, one turn a line. */

import type { Command } from 'commander';
import { remote, type RemoteOptions, wholeNumber } from './options.js';

export function eventsCommand(program: Command): void {
  remote(program.command('events'), [])
    .description('print the log, one turn a line (NDJSON), as `leasehold audit` reads it')
    .option('-f, --follow', 'go on with turns as they happen; without --after, only with those')
    .option('--after <turn>', 'only turns after this one', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .action(async (options: Omit<RemoteOptions, 'output'> & { readonly follow?: boolean; readonly after?: number }) => {
      const { Client } = await import('./client.js');
      const { write } = await import('./output.js');
      const query = new URLSearchParams();
      if (options.follow === true) query.set('follow', 'true');
      if (options.after !== undefined) query.set('after', String(options.after));
      for await (const line of new Client(options).lines(`v1/events?${query.toString()}`)) await write(`${line}\n`);
    });
}
