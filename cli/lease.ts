/** `leasehold lease …` and its short forms: submit, ls, show, why, wait, and what changes a lease. */

import { type Command, Option } from 'commander';
import { changeCommands } from './change.js';
import { CliError, EXIT } from './errors.js';
import { examples } from './examples.js';
import type { LeaseFilters, ShowOptions, WaitOptions } from './lease-actions.js';
import { changing, collect, collectPair, decimal, FORMATS_OF_ONE, mebibytes, money, nodeNames } from './options.js';
import { type PastOptions, pastOption, remote, type RemoteOptions, wholeNumber } from './options.js';
import type { SubmitOptions } from './submit.js';

export function leaseCommands(program: Command): void {
  const lease = program.command('lease').description('ask for leases, look at them, change them');
  usageCommand(lease.command('usage'));
  for (const [parent, list] of [
    [lease, 'list'],
    [program, 'ls'],
  ] as const) {
    submitCommand(parent.command('submit'));
    listCommand(parent.command(list), list === 'list' ? 'lease list' : list);
    showCommand(parent.command('show'));
    changeCommands(parent);
    whyCommand(parent.command('why'));
    waitCommand(parent.command('wait'));
  }
}

function submitCommand(command: Command): void {
  requestOptions(changing(command, FORMATS_OF_ONE))
    .description('ask for a lease')
    .option('--every <time>', 'with --at and --times: a series of leases, one every so often')
    .option('--times <number>', 'how many leases the series has', wholeNumber(1, 366))
    .option('--commit <quote>', 'hold the service to that quote: see leasehold quote')
    .option('--wait', 'wait until it runs')
    .option('--timeout <time>', 'wait no longer than this')
    .option('--idempotency-key <key>', 'asking again with the same key gives the first answer again (kept for 7 days)')
    .action(async (options: RemoteOptions & SubmitOptions) => {
      mustFit(options);
      await (await import('./submit.js')).submit(options);
    });
  examples(command, {
    'leasehold submit --vms 4 --cpu 2 --memory 4GiB --duration 2h': 'four VMs for two hours, as soon as there is room',
    'leasehold submit --cpu 1 --duration 30m --at "tomorrow 9:00" --tz Europe/Paris': 'at an instant, or not at all',
    'leasehold submit --cpu 1 --duration 1h --by +8h': 'to be done within eight hours',
    'leasehold submit --cpu 1 --duration 1h --wait --timeout 5m': 'wait until it runs, five minutes at most',
    'leasehold submit --cpu 1 --duration 1h --after LEASE:end': 'when another one has ended',
    'leasehold submit --cpu 1 --duration 1h --at +2h --dry-run': 'what would follow; nothing is asked for',
  });
}

/** How much of it, and for how long. */
export function sizeOptions(command: Command): Command {
  return command
    .option('--vms <number>', 'how many VMs', wholeNumber(1, 1_000_000), 1)
    .option('--cpu <number>', 'cpus of each VM', decimal)
    .option('--memory <size>', 'memory of each VM: 4GiB, 512MiB', mebibytes)
    .option('--disk <size>', 'disk of each VM: 100GiB', mebibytes)
    .option('--resource <name=amount>', 'another resource of the site; may be given again', collectPair)
    .requiredOption('--duration <time>', 'for how long: 2h, 1h30m, 1d, PT90M, or seconds')
    .option('--where <expression>', 'what must be true of its nodes: \'memory >= 65536 && site == "lyon"\'');
}

/** What is asked for. */
export function requestOptions(command: Command): Command {
  return sizeOptions(command)
    .addOption(
      new Option('--at <time>', 'begin exactly then, or not at all: "tomorrow 9:00", +2h, 2026-11-23T08:00Z').conflicts(
        ['now', 'before', 'by'],
      ),
    )
    .addOption(new Option('--now', 'begin at once, or not at all').conflicts(['before', 'by']))
    .addOption(new Option('--before <time>', 'give up when it has not begun by then').conflicts('by'))
    .option('--by <time>', 'be done by then')
    .option('--not-before <time>', 'with --by: do not begin earlier')
    .option('--max-cpu <number>', 'so many cpus a VM may have later without being stopped', decimal)
    .option('--max-memory <size>', 'so much memory a VM may have later without being stopped', mebibytes)
    .option('--name <name>', 'a name for people')
    .option('--user <name>', 'for whom')
    .option('--image <name>', 'disk image of the VMs')
    .option('--ssh-key <file>', 'who may log in: public keys, one a line; may be given again', collect)
    .option('--user-data <file>', 'for the guest, word for word: #cloud-config, a script')
    .option('--network <name>', 'a network of the site')
    .option('--template <file>', 'hardware, as a <domain> of libvirt with what may be said of it')
    .addOption(new Option('--firmware <kind>', 'what boots the VMs; bios if left out').choices(['bios', 'efi']))
    .option('--cpu-model <name>', 'their processor: host-model, host-passthrough, maximum, or as QEMU calls it')
    .option('--full-disk', 'disks that are copies of the image, in place of what keeps only what differs from it')
    .option('--board <name>', 'the board that they are on, as QEMU calls it: q35')
    .option(
      '--ready <probe>',
      'a VM counts as started when its agent answers (agent), it calls (callback), or a port is open (tcp:22)',
    )
    .option(
      '--ready-timeout <time>',
      'with --ready: the start has failed when so long none became ready; 5m if left out',
    )
    .option(
      '--ready-at-least <number>',
      'with --ready: so many VMs are enough then; all if left out',
      wholeNumber(1, 1_000_000),
    )
    .option('--label <name=value>', 'a label; may be given again', collectPair)
    .option('--rank <expression>', "nodes of a higher rank come first: '-(vms * 50 + cpuFree)'")
    .option('--on <nodes>', 'only these nodes, by name or number, the first ones first: rack1,rack2,17', nodeNames)
    .option('--priority <number>', 'of leases that wait, more is served first', wholeNumber(0, 1000))
    .option('--max-rate <rate>', 'pay at most so much per VM-hour', money)
    .option('--not-preemptible', 'never suspend it for others')
    .option('--warn <time>', 'say so long before its end that it ends; may be given again', collect)
    .addOption(
      new Option('--on-node-lost <policy>', 'what becomes of it when a node that it has VMs on is lost').choices([
        'wait',
        'restart',
        'migrate',
        'delete',
      ]),
    )
    .option('--hold', 'do not consider it before it is released')
    .option('--after <lease[:start|end]>', 'begin after that lease has ended, or started; may be given again', collect);
}

function mustFit(options: SubmitOptions): void {
  const wrong = (message: string, hint: string): CliError => new CliError(message, hint, EXIT.usage);
  const both = 'Give both, or neither.';
  if (options.timeout !== undefined && options.wait !== true) throw wrong('--timeout belongs to --wait', both);
  if (options.times !== undefined && options.every === undefined) throw wrong('--times belongs to --every', both);
  if (options.notBefore !== undefined && options.by === undefined) throw wrong('--not-before belongs to --by', both);
  if (options.every !== undefined && options.wait === true)
    throw wrong('--wait is for one lease, not for a series', 'Leave one of them out.');
}

function listCommand(command: Command, name: string): void {
  pastOption(remote(command))
    .description('list leases, the latest first')
    .option('--state <states>', 'only these states, with commas: waiting,active')
    .addOption(
      new Option('--kind <kind>', 'only this kind').choices(['best-effort', 'immediate', 'advance', 'deadline']),
    )
    .option('--name <name>', 'only leases of this name')
    .option('--user <name>', 'only leases of this user')
    .option('--project <name>', 'only leases of this project')
    .option('--label <name=value>', 'only leases with this label; may be given again', collect)
    .option('--node <number>', 'only leases with VMs on this node, now or before', wholeNumber(1, 1_000_000))
    .option('--from <time>', 'only leases that were not over then, or are planned to reach it')
    .option('--to <time>', 'only leases asked for before then')
    .option('--limit <number>', 'at most so many', wholeNumber(1, 1_000_000), 1000)
    .option('-w, --watch', 'show it again whenever something has changed')
    .action(async (options: RemoteOptions & LeaseFilters) => (await import('./lease-actions.js')).list(options));
  examples(command, {
    [`leasehold ${name} --state waiting,active --sort submitted`]: 'what waits and what runs, the oldest first',
    [`leasehold ${name} -o csv --columns id,user,start,until`]: 'for a spreadsheet',
    [`leasehold ${name} --state waiting -o name`]: 'only the ids, for other commands',
    [`leasehold ${name} --as-of 3`]: 'as it was after turn 3 of the log',
  });
}

function showCommand(command: Command): void {
  pastOption(remote(command))
    .description('show a lease')
    .argument('<lease>', 'its id')
    .option('-w, --watch', 'show it again whenever something has changed')
    .action(async (id: string, options: RemoteOptions & ShowOptions) =>
      (await import('./lease-actions.js')).show(id, options),
    );
  examples(command, {
    'leasehold show LEASE': 'with times on the clock on your wall',
    'leasehold show LEASE -o json': 'as the API has it',
  });
}

function whyCommand(command: Command): void {
  pastOption(remote(command, ['table', 'json', 'ndjson', 'yaml']))
    .description('why a lease waits, was refused, was moved or was preempted')
    .argument('<lease>', 'its id')
    .action(async (id: string, options: RemoteOptions & PastOptions) =>
      (await import('./lease-actions.js')).why(id, options),
    );
  examples(command, { 'leasehold why LEASE': 'what holds it back, who is in the way, and its story' });
}

function waitCommand(command: Command): void {
  remote(command, FORMATS_OF_ONE)
    .description('wait until a lease is in a state; exit 124 where that takes too long, 1 where it cannot be any more')
    .argument('<lease>', 'its id')
    .option('--for <goal>', 'state=active, state=done,failed, or over: ended one way or another', 'state=active')
    .option('--timeout <time>', 'wait no longer than this: 10m')
    .action(async (id: string, options: RemoteOptions & WaitOptions) =>
      (await import('./lease-actions.js')).wait(id, options),
    );
  examples(command, { 'leasehold wait LEASE --for state=active,done --timeout 10m': 'until it runs, or has run' });
}

function usageCommand(command: Command): void {
  remote(command)
    .description('what the VMs of a lease use, as it was measured last')
    .argument('<lease>', 'the id of the lease')
    .option('-w, --watch', 'show it again every 10 s')
    .action(async (id: string, options: RemoteOptions & { readonly watch?: boolean }) =>
      (await import('./usage.js')).ofLease(id, options),
    );
  examples(command, { 'leasehold lease usage LEASE': 'processors, memory, disk and network of each' });
}
