/** `leasehold lease …` and its short forms: submit, ls, show, cancel, hold, release, extend, why. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError, EXIT } from './errors.js';
import type { LeaseFilters, SubmitOptions } from './lease-actions.js';
import type { EndOptions } from './lease-changes.js';
import { collect, collectPair, remote, type RemoteOptions, wholeNumber } from './options.js';
import { FORMATS } from './output.js';

export function leaseCommands(program: Command): void {
  const lease = program.command('lease').description('ask for leases, and look at them');
  for (const [parent, list] of [
    [lease, 'list'],
    [program, 'ls'],
  ] as const) {
    submitCommand(parent.command('submit'));
    listCommand(parent.command(list));
    showCommand(parent.command('show'));
    changeCommand(parent.command('cancel'), 'cancel a lease; if it runs, it is stopped');
    changeCommand(parent.command('hold'), 'pass a waiting lease over until it is released');
    changeCommand(parent.command('release'), 'let a lease that is on hold begin when it can');
    changeCommand(parent.command('suspend'), 'save a lease that runs, until it is resumed');
    changeCommand(parent.command('resume'), 'let a suspended lease come back when it can');
    extendCommand(parent.command('extend'));
    shrinkCommand(parent.command('shrink'));
    whyCommand(parent.command('why'));
  }
}

function submitCommand(command: Command): void {
  remote(command, ['table', 'json', 'ndjson', 'yaml'])
    .description('ask for a lease')
    .option('--vms <number>', 'how many VMs', wholeNumber(1, 1_000_000), 1)
    .option('--cpu <number>', 'cpus of each VM', decimal)
    .option('--memory <size>', 'memory of each VM: 4GiB, 512MiB', mebibytes)
    .option('--disk <size>', 'disk of each VM: 100GiB', mebibytes)
    .option('--resource <name=amount>', 'another resource of the site; may be given again', collectPair)
    .requiredOption('--duration <time>', 'for how long: 2h, 1h30m, PT90M, or seconds')
    .addOption(new Option('--at <time>', 'begin exactly then, or not at all (RFC 3339)').conflicts(['now', 'before']))
    .addOption(new Option('--now', 'begin at once, or not at all').conflicts('before'))
    .option('--before <time>', 'give up when it has not begun by then (RFC 3339)')
    .option('--name <name>', 'a name for people')
    .option('--user <name>', 'for whom')
    .option('--image <name>', 'disk image of the VMs')
    .option('--label <name=value>', 'a label; may be given again', collectPair)
    .option('--where <expression>', 'what must be true of its nodes: \'memory >= 65536 && site == "lyon"\'')
    .option('--rank <expression>', "nodes of a higher rank come first: '-(vms * 50 + cpuFree)'")
    .option('--on <nodes>', 'only these nodes, by name or number, the first ones first: rack1,rack2,17', nodeNames)
    .option('--priority <number>', 'of leases that wait, more is served first', wholeNumber(0, 1000))
    .option('--max-rate <rate>', 'pay at most so much per VM-hour', money)
    .option('--not-preemptible', 'never suspend it for others')
    .option('--hold', 'do not consider it before it is released')
    .option('--after <lease[:start|end]>', 'begin after that lease has ended, or started; may be given again', collect)
    .option('--every <time>', 'with --at and --times: a series of leases, one every so often')
    .option('--times <number>', 'how many leases the series has', wholeNumber(1, 366))
    .option('--wait', 'wait until it runs')
    .option('--timeout <time>', 'wait no longer than this')
    .action(async (options: RemoteOptions & SubmitOptions) => {
      if (options.timeout !== undefined && options.wait !== true) {
        throw new CliError('--timeout belongs to --wait', 'Give both, or neither.', EXIT.usage);
      }
      if (options.every !== undefined && options.wait === true) {
        throw new CliError('--wait is for one lease, not for a series', 'Leave one of them out.', EXIT.usage);
      }
      if (options.times !== undefined && options.every === undefined) {
        throw new CliError('--times belongs to --every', 'Give both, or neither.', EXIT.usage);
      }
      await (await import('./lease-actions.js')).submit(options);
    });
}

function listCommand(command: Command): void {
  remote(command)
    .description('list leases, the latest first')
    .option('--state <states>', 'only these states, with commas: waiting,active')
    .addOption(
      new Option('--kind <kind>', 'only this kind').choices(['best-effort', 'immediate', 'advance', 'deadline']),
    )
    .option('--user <name>', 'only leases of this user')
    .option('--limit <number>', 'at most so many', wholeNumber(1, 1_000_000), 1000)
    .action(async (options: RemoteOptions & LeaseFilters) => (await import('./lease-actions.js')).list(options));
}

function showCommand(command: Command): void {
  remote(command)
    .description('show a lease')
    .argument('<lease>', 'its id')
    .action(async (id: string, options: RemoteOptions) => (await import('./lease-actions.js')).show(id, options));
}

function changeCommand(command: Command, description: string): void {
  remote(command, ['table', 'json', 'ndjson', 'yaml'])
    .description(description)
    .argument('<lease>', 'its id')
    .action(async (id: string, options: RemoteOptions) => {
      const changes = await import('./lease-changes.js');
      await changes[command.name() as 'cancel' | 'hold' | 'release' | 'suspend' | 'resume'](id, options);
    });
}

function extendCommand(command: Command): void {
  endOptions(remote(command, ['table', 'json', 'ndjson', 'yaml']))
    .description('make a lease longer, or, with a duration, shorter')
    .argument('<lease>', 'its id')
    .argument('[duration]', 'how long it lasts all in all, what has run included: 3h, PT90M')
    .action(async (id: string, duration: string | undefined, options: RemoteOptions & EndOptions) => {
      const changes = await import('./lease-changes.js');
      if (duration === undefined) return changes.moveEnd(id, 'extend', options);
      if (options.by === undefined && options.until === undefined) return changes.extend(id, duration, options);
      throw new CliError('say it once', 'Give a duration, --by or --until.', EXIT.usage);
    });
}

function shrinkCommand(command: Command): void {
  endOptions(remote(command, ['table', 'json', 'ndjson', 'yaml']))
    .description('make a lease shorter')
    .argument('<lease>', 'its id')
    .action(async (id: string, options: RemoteOptions & EndOptions) =>
      (await import('./lease-changes.js')).moveEnd(id, 'shrink', options),
    );
}

function endOptions(command: Command): Command {
  return command
    .addOption(new Option('--by <time>', 'by so much: 30m, 2h').conflicts('until'))
    .option('--until <time>', 'until then (RFC 3339): leases that run, and advance leases');
}

function whyCommand(command: Command): void {
  remote(
    command,
    FORMATS.filter((format) => format !== 'csv'),
  )
    .description('why a lease waits, was refused, was moved or was preempted')
    .argument('<lease>', 'its id')
    .action(async (id: string, options: RemoteOptions) => (await import('./lease-actions.js')).why(id, options));
}

/** What is a number is the number of a node. */
function nodeNames(text: string): (string | number)[] {
  const nodes = text.split(',').map((node) => (/^\d{1,7}$/.test(node) ? Number(node) : node));
  if (nodes.includes('')) throw new InvalidArgumentError('Give names or numbers with commas: rack1,rack2,17.');
  return nodes;
}

function decimal(text: string): number {
  if (/^\d{1,7}(\.\d{1,3})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a number with at most three decimals.');
}

function money(text: string): number {
  if (/^\d{1,4}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give an amount with at most six decimals.');
}

const UNITS: Readonly<Record<string, number>> = { MiB: 1, GiB: 1024, TiB: 1024 * 1024 };

function mebibytes(text: string): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(MiB|GiB|TiB)$/.exec(text) ?? [];
  const size = number === undefined ? Number.NaN : Number(number) * UNITS[unit!]!;
  if (Number.isSafeInteger(size)) return size;
  throw new InvalidArgumentError('Give a size with its unit: 512MiB, 4GiB, 1TiB.');
}
