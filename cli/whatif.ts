/** `leasehold whatif`: what would become of everything, were some of it otherwise. */

import type { Command } from 'commander';
import { examples } from './examples.js';
import { collect, collectPair, pastOption, remote, type RemoteOptions } from './options.js';
import type { WhatIfOptions } from './whatif-actions.js';

export function whatIfCommand(program: Command): void {
  const command = pastOption(remote(program.command('whatif')))
    .description('say what would go otherwise with another policy, other nodes, or leases less')
    .option('--policy <knob=value>', 'a knob of the policy; may be given again', collectPair)
    .option('--add <nodes>', 'more nodes: "8x cpu=8,memory=32GiB"; may be given again', collect)
    .option('--drain <node>', 'a node that takes no new VMs; may be given again', collect)
    .option('--remove <node>', 'a node that leaves; may be given again', collect)
    .option('--without <lease>', 'a lease that is cancelled; may be given again', collect)
    .option('--horizon <time>', 'look no further than this: 2d; default: until all leases are over')
    .action(async (options: RemoteOptions & WhatIfOptions) => (await import('./whatif-actions.js')).whatIf(options));
  examples(command, {
    'leasehold whatif --drain 3': 'which leases begin or end later without node 3',
    'leasehold whatif --policy backfilling=conservative --horizon 2d': 'another policy, over two days',
  });
}
