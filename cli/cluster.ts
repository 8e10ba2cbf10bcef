/** `leasehold cluster`: runs the simulated machines as a process of their own. */

import { type Command, Option } from 'commander';
import { timeScale, wholeNumber } from './options.js';

interface Options {
  readonly listen: string;
  readonly journal: string;
  readonly orders?: string;
  readonly timeScale: number;
  readonly bootMs: number;
  readonly stopMs: number;
}

export function clusterCommand(program: Command): void {
  program
    .command('cluster')
    .description('run the simulated machines as a process of their own, for services that take over from each other')
    .addOption(
      new Option(
        '--listen <address>',
        'where services reach it: unix:/path, or tcp://127.0.0.1:7070',
      ).makeOptionMandatory(),
    )
    .addOption(new Option('--journal <file>', 'where the machines are kept').makeOptionMandatory())
    .option('--orders <file>', 'note every order there, and what became of it, a line of JSON each')
    .option('--time-scale <factor>', 'seconds of scheduling in a second of the clock', timeScale, 1)
    .option('--boot-ms <number>', 'how long a VM takes to start', wholeNumber(0, 3_600_000), 0)
    .option('--stop-ms <number>', 'how long a VM takes to stop', wholeNumber(0, 3_600_000), 0)
    .action(async (options: Options) => {
      const { serveCluster } = await import('../api/cluster-process.js');
      await serveCluster({ ...options, orders: options.orders ?? null });
    });
}
