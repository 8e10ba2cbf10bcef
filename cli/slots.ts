/** `leasehold slots`: when there would be room. */

import type { Command } from 'commander';
import { examples } from './examples.js';
import { sizeOptions } from './lease.js';
import { remote, type RemoteOptions, wholeNumber } from './options.js';
import type { SlotsOptions } from './slots-actions.js';

export function slotsCommand(program: Command): void {
  const command = sizeOptions(remote(program.command('slots')))
    .description('when so many VMs could run for so long: free room over time')
    .option('--from <time>', 'look at beginnings from then on: "tomorrow 9:00", +2h; default: now')
    .option('--to <time>', 'look at beginnings before then; default: a week later')
    .option('--limit <number>', 'at most so many spans of time', wholeNumber(1, 100), 10)
    .action(async (options: RemoteOptions & SlotsOptions) => (await import('./slots-actions.js')).slots(options));
  examples(command, {
    'leasehold slots --vms 4 --cpu 8 --duration 2h': 'when four VMs of 8 cpus could run for two hours',
    'leasehold slots --cpu 1 --duration 1h --from "tomorrow 9:00" --limit 1': 'the first time from tomorrow on',
  });
}
