/** `leasehold diff`: what has changed between two instants. */

import type { Command } from 'commander';
import { examples } from './examples.js';
import { remote, type RemoteOptions } from './options.js';

export function diffCommand(program: Command): void {
  const command = remote(program.command('diff'))
    .description('what has changed between two instants: policy, nodes, leases')
    .argument('<from>', 'the earlier one: the number of a turn, or a time: "yesterday 14:00", "2h ago"')
    .argument('[to]', 'the later one; default: now')
    .action(async (from: string, to: string | undefined, options: RemoteOptions) =>
      (await import('./diff-actions.js')).diff(from, to, options),
    );
  examples(command, {
    'leasehold diff 1': 'since the first turn of the log',
    'leasehold diff "1h ago" -o json': 'in the last hour, with all members before and after',
  });
}
