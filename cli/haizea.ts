/** `leasehold haizea …`: what is done with the files of Haizea beside simulating. */

import type { Command } from 'commander';
import { printable } from './errors.js';
import { outputOption } from './options.js';
import { type Column, FORMATS, type Format } from './output.js';

interface Options {
  readonly out: string;
  readonly output: Format;
}

export function haizeaCommands(program: Command): void {
  program
    .command('haizea')
    .description("work with Haizea's files")
    .command('expand')
    .description('write one configuration a run from a configuration of many ([multi] and profiles)')
    .argument('<config>', "Haizea's multi-configuration file")
    .requiredOption('--out <dir>', 'write the configurations there, as NAME.conf')
    .addOption(outputOption(FORMATS))
    .action(expand);
}

async function expand(config: string, { out, output }: Options): Promise<void> {
  const { writeExpanded } = await import('../simulations/haizea/expand.js');
  const runs = await writeExpanded(config, out);
  const { printList } = await import('./output.js');
  await printList(runs, COLUMNS, output);
}

const COLUMNS: readonly Column<{ readonly name: string; readonly file: string }>[] = [
  { title: 'run', value: ({ name }) => name },
  { title: 'file', value: ({ file }) => printable(file) },
];
