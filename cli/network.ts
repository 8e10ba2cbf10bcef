/** `leasehold network …`: what VMs are on. */

import { type Command, Option } from 'commander';
import { confirm } from './confirm.js';
import { examples } from './examples.js';
import type { AddOptions } from './network-actions.js';
import { changing, collect, FORMATS_OF_ONE, remote, type RemoteOptions, wholeNumber } from './options.js';

/** Every command reads this file: nothing is loaded for it. */
const KINDS: readonly AddOptions['kind'][] = ['nat', 'isolated', 'own', 'bridge'];

export function networkCommands(program: Command): void {
  const network = program.command('network').description('networks of VMs: register, list and remove them');
  const added = changing(network.command('add'), FORMATS_OF_ONE)
    .description('register a network; hosts make it when the first VM needs it')
    .argument('<name>', 'what leases call it')
    .addOption(new Option('--kind <kind>', 'what it is').choices(KINDS).default('nat'))
    .option('--range <subnet>', 'what VMs have their addresses of: 10.77.0.0/24')
    .option('--bridge <name>', 'of every host, for the kind bridge')
    .option('--open-vswitch', 'the bridge is one of Open vSwitch')
    .option('--vlan <number>', 'of the bridge', wholeNumber(1, 4094))
    .option('--gateway <address>', 'of a bridge with a range')
    .option('--nameserver <address>', 'of a bridge with a range; may be given again', collect)
    .action(async (name: string, options: AddOptions) => (await actions()).add(name, options));
  examples(added, {
    'leasehold network add lab --range 10.77.0.0/24': 'VMs reach what their host reaches',
    'leasehold network add alone --kind own --range 10.80.0.0/16': 'each lease has one to itself, without a way out',
    'leasehold network add campus --kind bridge --bridge br0': 'what is there on every host',
  });
  const listed = remote(network.command('list').alias('ls'))
    .description('list networks')
    .action(async (options: RemoteOptions) => (await actions()).list(options));
  examples(listed, { 'leasehold network list': 'what there is, and how many addresses are in use' });
  const shown = remote(network.command('show'), FORMATS_OF_ONE)
    .description('show a network')
    .argument('<network>', 'the name of the network')
    .action(async (name: string, options: RemoteOptions) => (await actions()).show(name, options));
  examples(shown, { 'leasehold network show lab': 'its range, and who is on it' });
  const removed = changing(network.command('remove').alias('rm'), FORMATS_OF_ONE)
    .description('remove a network that no lease is on')
    .argument('<network>', 'the name of the network')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: RemoteOptions & { readonly yes?: boolean }) => {
      await confirm(`Remove the network ${name}?`, options.yes);
      await (await actions()).remove(name, options);
    });
  examples(removed, { 'leasehold network remove lab --yes': 'without being asked' });
}

function actions() {
  return import('./network-actions.js');
}
