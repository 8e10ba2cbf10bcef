/** The commands that change a lease: cancel, hold, release, suspend, resume, extend, shrink. */

import { type Command, Option } from 'commander';
import { CliError, EXIT } from './errors.js';
import { examples } from './examples.js';
import type { EndOptions } from './lease-changes.js';
import { FORMATS_OF_ONE, remote, type RemoteOptions } from './options.js';

type Plain = 'cancel' | 'hold' | 'release' | 'suspend' | 'resume';

export function changeCommands(parent: Command): void {
  const cancel = plain(parent, 'cancel', 'cancel a lease; if it runs, it is stopped').option('--yes', 'do not ask');
  examples(cancel, { 'leasehold cancel LEASE --yes': 'without being asked whether you mean it' });
  const hold = plain(parent, 'hold', 'pass a waiting lease over until it is released');
  examples(hold, { 'leasehold hold LEASE': 'it keeps its place in the queue' });
  const release = plain(parent, 'release', 'let a lease that is on hold begin when it can');
  examples(release, { 'leasehold release LEASE': 'it is considered again' });
  const suspend = plain(parent, 'suspend', 'save a lease that runs, until it is resumed');
  examples(suspend, { 'leasehold suspend LEASE': 'its nodes are free for others once it is saved' });
  const resume = plain(parent, 'resume', 'let a suspended lease come back when it can');
  examples(resume, { 'leasehold resume LEASE': 'it waits for its return' });
  extendCommand(parent.command('extend'));
  shrinkCommand(parent.command('shrink'));
}

function plain(parent: Command, name: Plain, description: string): Command {
  return remote(parent.command(name), FORMATS_OF_ONE)
    .description(description)
    .argument('<lease>', 'its id')
    .action(async (id: string, options: RemoteOptions) => (await import('./lease-changes.js'))[name](id, options));
}

function extendCommand(command: Command): void {
  endOptions(remote(command, FORMATS_OF_ONE))
    .description('make a lease longer, or, with a duration, shorter')
    .argument('<lease>', 'its id')
    .argument('[duration]', 'how long it lasts all in all, what has run included: 3h, 1d, PT90M')
    .action(async (id: string, duration: string | undefined, options: RemoteOptions & EndOptions) => {
      const changes = await import('./lease-changes.js');
      if (duration === undefined) return changes.moveEnd(id, 'extend', options);
      if (options.by === undefined && options.until === undefined) return changes.extend(id, duration, options);
      throw new CliError('say it once', 'Give a duration, --by or --until.', EXIT.usage);
    });
  examples(command, {
    'leasehold extend LEASE --by 30m': 'half an hour more',
    'leasehold extend LEASE 3h': 'three hours in all',
  });
}

function shrinkCommand(command: Command): void {
  endOptions(remote(command, FORMATS_OF_ONE))
    .description('make a lease shorter')
    .argument('<lease>', 'its id')
    .action(async (id: string, options: RemoteOptions & EndOptions) =>
      (await import('./lease-changes.js')).moveEnd(id, 'shrink', options),
    );
  examples(command, { 'leasehold shrink LEASE --by 30m': 'half an hour less' });
}

function endOptions(command: Command): Command {
  return command
    .addOption(new Option('--by <time>', 'by so much: 30m, 2h').conflicts('until'))
    .option('--until <time>', 'until then, "tomorrow 9:00": leases that run, and advance leases');
}
