/** The commands that change a lease: cancel, hold, release, approve, reject, suspend, resume, migrate, move-disks, resize, confirm, revert, reboot …, extend, shrink. */

import { type Command, Option } from 'commander';
import { CliError, EXIT } from './errors.js';
import { examples } from './examples.js';
import type {
  ActOptions,
  EndOptions,
  MoveOptions,
  RecoverOptions,
  RejectOptions,
  ResizeOptions,
} from './lease-changes.js';
import { changing, collect, collectPair, decimal, FORMATS_OF_ONE, mebibytes, type RemoteOptions } from './options.js';

type Plain = 'cancel' | 'hold' | 'release' | 'approve' | 'suspend' | 'resume' | 'confirm' | 'revert';

export function changeCommands(parent: Command): void {
  const cancel = plain(parent, 'cancel', 'cancel a lease; if it runs, it is stopped').option('--yes', 'do not ask');
  examples(cancel, { 'leasehold cancel LEASE --yes': 'without being asked whether you mean it' });
  const hold = plain(parent, 'hold', 'pass a waiting lease over until it is released');
  examples(hold, { 'leasehold hold LEASE': 'it keeps its place in the queue' });
  const release = plain(parent, 'release', 'let a lease that is on hold begin when it can');
  examples(release, { 'leasehold release LEASE': 'it is considered again' });
  const approve = plain(parent, 'approve', 'approve a lease that waits for that');
  examples(approve, { 'leasehold approve LEASE': 'it begins when it can' });
  rejectCommand(parent.command('reject'));
  const suspend = plain(parent, 'suspend', 'save a lease that runs, until it is resumed');
  examples(suspend, { 'leasehold suspend LEASE': 'its nodes are free for others once it is saved' });
  const resume = plain(parent, 'resume', 'let a suspended lease come back when it can');
  examples(resume, { 'leasehold resume LEASE': 'it waits for its return' });
  migrateCommand(parent.command('migrate'));
  moveDisksCommand(parent.command('move-disks'));
  resizeCommand(parent.command('resize'));
  const confirm = plain(parent, 'confirm', 'let VMs keep the size that they would go back from');
  examples(confirm, { 'leasehold confirm LEASE': 'after `leasehold resize --revert-after`' });
  const revert = plain(parent, 'revert', 'let VMs go back to the size that they had');
  examples(revert, { 'leasehold revert LEASE': 'now; there is room for it' });
  recoverCommand(parent.command('recover'));
  for (const [act, description, example] of ACTS) {
    const command = changing(parent.command(act), FORMATS_OF_ONE)
      .description(description)
      .argument('<lease>', 'its id')
      .option('--vm <numbers>', 'only these VMs: 1,3-4')
      .action(async (id: string, options: RemoteOptions & ActOptions) =>
        (await import('./lease-changes.js')).act(id, act, options),
      );
    examples(command, example);
  }
  extendCommand(parent.command('extend'));
  shrinkCommand(parent.command('shrink'));
}

const ACTS = [
  ['reboot', 'ask the guests of a lease that runs to reboot', { 'leasehold reboot LEASE --vm 1': 'only VM 1' }],
  ['reset', 'reset VMs of a lease that runs; guests are not asked', { 'leasehold reset LEASE': 'all of them' }],
  [
    'pause',
    'let VMs stand still; the time of their lease runs on',
    { 'leasehold pause LEASE': 'until they are unpaused' },
  ],
  ['unpause', 'let paused VMs go on', { 'leasehold unpause LEASE': 'all that are paused' }],
] as const;

function plain(parent: Command, name: Plain, description: string): Command {
  return changing(parent.command(name), FORMATS_OF_ONE)
    .description(description)
    .argument('<lease>', 'its id')
    .action(async (id: string, options: RemoteOptions) => (await import('./lease-changes.js'))[name](id, options));
}

function rejectCommand(command: Command): void {
  changing(command, FORMATS_OF_ONE)
    .description('reject a lease that waits for an approval')
    .argument('<lease>', 'its id')
    .option('--reason <text>', 'why, for its user')
    .action(async (id: string, options: RemoteOptions & RejectOptions) =>
      (await import('./lease-changes.js')).reject(id, options),
    );
  examples(command, { 'leasehold reject LEASE --reason "too long: a day at most"': 'its user sees why' });
}

function recoverCommand(command: Command): void {
  changing(command, FORMATS_OF_ONE)
    .description('get a lease going that is stuck')
    .argument('<lease>', 'its id')
    .addOption(
      new Option(
        '--how <how>',
        'send its orders again, begin anew in the queue, cancel it, or take its orders as carried out',
      )
        .choices(['retry', 'recreate', 'delete', 'force'])
        .default('retry'),
    )
    .action(async (id: string, options: RemoteOptions & RecoverOptions) =>
      (await import('./lease-changes.js')).recover(id, options),
    );
  examples(command, {
    'leasehold recover LEASE --how recreate': 'stop it, and begin anew',
    'leasehold recover LEASE --how delete': 'give it up',
  });
}

function migrateCommand(command: Command): void {
  changing(command, FORMATS_OF_ONE)
    .description('move a lease that runs to other nodes, without stopping it')
    .argument('<lease>', 'its id')
    .option('--to <node>', 'by its number or name: nowhere else; may be given again', collect)
    .option('--vm <numbers>', 'only these VMs: 1,3-4')
    .action(async (id: string, options: RemoteOptions & MoveOptions) =>
      (await import('./lease-changes.js')).migrate(id, options),
    );
  examples(command, {
    'leasehold migrate LEASE': 'off its nodes, to where it fits',
    'leasehold migrate LEASE --vm 1 --to 3': 'its first VM to node 3',
  });
}

function moveDisksCommand(command: Command): void {
  changing(command, FORMATS_OF_ONE)
    .description('move disks of VMs that run to another directory of their hosts')
    .argument('<lease>', 'its id')
    .requiredOption('--to <name>', 'NAME of the label disks-NAME of their nodes, or vm-dir')
    .option('--vm <numbers>', 'only these VMs: 1,3-4')
    .action(async (id: string, options: RemoteOptions & { readonly to: string; readonly vm?: string }) =>
      (await import('./lease-changes.js')).moveDisks(id, options),
    );
  examples(command, {
    'leasehold move-disks LEASE --to ssd': 'to the directory that the label disks-ssd names',
    'leasehold move-disks LEASE --to vm-dir': 'back to where they began',
  });
}

function resizeCommand(command: Command): void {
  changing(command, FORMATS_OF_ONE)
    .description('make the VMs of a lease larger or smaller')
    .argument('<lease>', 'its id')
    .option('--cpu <number>', 'cpus of each VM', decimal)
    .option('--memory <size>', 'memory of each VM: 4GiB, 512MiB', mebibytes)
    .option('--disk <size>', 'disk of each VM: 100GiB', mebibytes)
    .option('--resource <name=amount>', 'another resource of the site; may be given again', collectPair)
    .option('--cold', 'its VMs may be stopped for it, and begin again')
    .option('--revert-after <duration>', 'they go back so long after it is done, unless that is confirmed before')
    .action(async (id: string, options: RemoteOptions & ResizeOptions) =>
      (await import('./lease-changes.js')).resize(id, options),
    );
  examples(command, {
    'leasehold resize LEASE --cpu 4': 'the rest stays as it is',
    'leasehold resize LEASE --memory 8GiB --cold': 'also if its VMs have to be stopped for it',
    'leasehold resize LEASE --cpu 0.5 --revert-after 10m': 'and back, unless you confirm it within ten minutes',
  });
}

function extendCommand(command: Command): void {
  endOptions(changing(command, FORMATS_OF_ONE))
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
  endOptions(changing(command, FORMATS_OF_ONE))
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
