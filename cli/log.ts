/** `leasehold log`: what is done with the file in which a log is kept. */

import type { Command } from 'commander';

export function logCommands(program: Command): void {
  program
    .command('log')
    .description('the file in which a service keeps its log')
    .command('anchor')
    .description('accept a log as it is, if it is whole: its lost anchor is made anew')
    .argument('<store>', 'leasehold.db of a service that is not running')
    .option('--anchor <file>', 'where the anchor is; default: beside the store')
    .action(async (store: string, { anchor }: { readonly anchor?: string }) => {
      const { anchorAnew } = await import('../adapters/event-store/sqlite.js');
      const { turn, hash } = await anchorAnew(store, anchor);
      const { write } = await import('./output.js');
      await write(`turn ${turn}, ${hash.toString('hex')}\n`);
    });
}
