/** `leasehold workload …`: convert, generate, annotate, stats. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import type {
  AnnotateOptions,
  ConvertOptions,
  GenerateOptions,
  ModelOptions,
  StatsOptions,
} from './workload-actions.js';
import { READABLE, WRITABLE } from '../simulations/workload-tools/format-names.js';
import { outputOption, siteOptions, wholeNumber } from './options.js';

const SEED_MAX = 2 ** 32 - 1;

export function workloadCommands(program: Command): void {
  const workload = program.command('workload').description('convert, generate, annotate and measure workloads');
  convertCommand(workload.command('convert'));
  generateCommands(workload.command('generate').description('draw a workload at random, the same for the same seed'));
  annotateCommand(workload.command('annotate'));
  statsCommand(workload.command('stats'));
}

function convertCommand(command: Command): void {
  source(command)
    .description('write a workload in another format, and tell what could not be carried over')
    .addOption(toOption())
    .addOption(outOption())
    .option('--from-time <time>', 'only leases submitted from then on: 2d, or DD:HH:MM:SS')
    .option('--length <time>', 'only leases submitted within that time')
    .option('--queues <names>', 'only leases of these queues, with commas')
    .option('--memory <size>', 'memory of each VM: 512MiB, 2GiB, or MiB as a number')
    .option('--scale <number>', 'divide VMs by this; at least one of a lease stays', wholeNumber(1, 1_000_000))
    .addOption(outputOption(['table', 'json']))
    .action(async (file: string, options: ConvertOptions) =>
      (await import('./workload-actions.js')).convertWorkload(file, options),
    );
}

function generateCommands(generate: Command): void {
  drawn(generate.command('leases'))
    .description("leases of distributions, from a configuration of Haizea's lwf-generate (INI) or the same in YAML")
    .argument('<config>', 'what to draw')
    .action(async (config: string, options: GenerateOptions) =>
      (await import('./workload-actions.js')).generateFromConfig(config, options),
    );
  model(generate.command('lublin'))
    .description('batch jobs of the model of Lublin and Feitelson (2003)')
    .action(async (options: ModelOptions) => (await import('./workload-actions.js')).generateLublin(options));
  model(generate.command('downey'))
    .description('batch jobs of the model of Downey (1997)')
    .option('--load <share>', 'work that arrives, as a share of the machine: 0.7', share, 0.7)
    .action(async (options: ModelOptions & { readonly load: number }) =>
      (await import('./workload-actions.js')).generateDowney(options),
    );
}

function annotateCommand(command: Command): void {
  command
    .description("draw annotations (LWFA): starts, deadlines, users' rates and images for the leases of a workload")
    .argument('[workload]', 'in any format that convert reads')
    .requiredOption('--config <file>', "configuration of Haizea's lwf-annotate (INI), or the same in YAML")
    .addOption(outOption())
    .addOption(fromOption())
    .option('--procs <number>', 'processors of the machine, for SWF', wholeNumber(1, 1_000_000))
    .option(
      '--count <number>',
      'without a workload: so many annotations, for leases in order',
      wholeNumber(1, 1_000_000),
    )
    .option('--seed <number>', 'where the configuration has none', wholeNumber(0, SEED_MAX), 1)
    .action(async (file: string | undefined, options: AnnotateOptions) =>
      (await import('./workload-actions.js')).annotateWorkload(file, options),
    );
}

function statsCommand(command: Command): void {
  source(command)
    .description('counts, utilisation and percentiles of a workload')
    .option('--length <time>', 'the time that utilisation is of; if left out, from the first submission to the last')
    .addOption(outputOption(['table', 'json', 'yaml']))
    .action(async (file: string, options: StatsOptions) =>
      (await import('./workload-actions.js')).printStats(file, options),
    );
}

/** A workload to read, and where it is to run. */
function source(command: Command): Command {
  command
    .argument('<workload>', 'SWF, LWF, YAML, CSV, Batsim JSON, sacct or OAR JSON; - for stdin (with --from)')
    .addOption(fromOption());
  return siteOptions(command, 'so many processors');
}

function drawn(command: Command): Command {
  return command
    .addOption(outOption())
    .addOption(toOption())
    .option('--seed <number>', 'the same seed draws the same workload', wholeNumber(0, SEED_MAX), 1)
    .addOption(outputOption(['table', 'json']));
}

function model(command: Command): Command {
  return drawn(command)
    .option('--jobs <number>', 'how many', wholeNumber(1, 1_000_000), 10_000)
    .option('--procs <number>', 'processors of the machine', wholeNumber(1, 1_000_000), 128);
}

function fromOption(): Option {
  return new Option('--from <format>', 'its format, where the name does not tell').choices(READABLE);
}

function outOption(): Option {
  return new Option('--out <file>', 'where to write; - for stdout').default('-');
}

function toOption(): Option {
  return new Option('--to <format>', 'the format to write, where the name does not tell').choices(WRITABLE);
}

function share(text: string): number {
  const value = /^\d{1,3}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= 100) return value;
  throw new InvalidArgumentError('Give a number above 0, such as 0.7.');
}
