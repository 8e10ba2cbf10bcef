/** `leasehold quote`: what would become of a lease, before it is asked for. */

import type { Command } from 'commander';
import { examples } from './examples.js';
import { requestOptions } from './lease.js';
import { FORMATS_OF_ONE, remote, type RemoteOptions } from './options.js';
import type { SubmitOptions } from './submit.js';

export function quoteCommand(program: Command): void {
  const command = requestOptions(remote(program.command('quote'), FORMATS_OF_ONE))
    .description('when a lease would begin, where, at what price, and what else could be had')
    .action(async (options: RemoteOptions & SubmitOptions) => (await import('./quote-actions.js')).quote(options));
  examples(command, {
    'leasehold quote --vms 4 --cpu 8 --duration 2h': 'when four VMs could begin, and what could be had at once instead',
    'leasehold quote --cpu 1 --duration 30m --at +2h': 'whether that could be had just then, and who would make room',
  });
}
