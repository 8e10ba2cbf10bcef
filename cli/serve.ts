/** `leasehold serve`: runs the service. */

import { type Command, Option } from 'commander';
import { collect, timeScale, wholeNumber } from './options.js';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly store?: string;
  readonly anchor?: string;
  readonly personalKeys?: string;
  readonly checkpoints?: string;
  readonly checkpointKey?: string;
  readonly checkpointTurns: number;
  readonly checkpointSeconds: number;
  readonly nodes?: readonly string[];
  readonly site?: string;
  readonly policy?: string;
  readonly cluster?: string;
  readonly advertise?: string;
  readonly tokenFile?: string;
  readonly timeScale: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly rateLimit: number;
}

export function serveCommand(program: Command): void {
  program
    .command('serve')
    .description('run the service: HTTP API, scheduler, durable log, simulated cluster in real time')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0: any that is free', wholeNumber(0, 65_535), 8080)
    .option('--data-dir <dir>', 'where the log and the admin token are kept', '.leasehold')
    .addOption(
      new Option('--store <url>', 'where the log is: postgresql://…, esdb://… (default: in the data directory)').env(
        'LEASEHOLD_STORE',
      ),
    )
    .option('--personal-keys <dir>', 'encrypt names and labels of leases in the log, with a key for each project')
    .option('--anchor <file>', 'where the log is anchored, best on another disk (default: in the data directory)')
    .option(
      '--checkpoints <file>',
      'where signed checkpoints are written, best on another disk (default: in the data directory)',
    )
    .option(
      '--checkpoint-key <file>',
      'the key that signs them (default: in the data directory; made at the first start)',
    )
    .option('--checkpoint-turns <number>', 'a checkpoint after so many turns', wholeNumber(1, 1_000_000), 1024)
    .option('--checkpoint-seconds <number>', 'and after so long, if there are new turns', wholeNumber(1, 86_400), 60)
    .option('--nodes <classes>', 'nodes of a new log, such as "8x cpu=8,memory=32GiB"; may be given again', collect)
    .addOption(new Option('--site <file>', 'site description of a new log (YAML)').conflicts('nodes'))
    .option('--policy <file>', 'policy of a new log (YAML)')
    .option(
      '--cluster <address>',
      'machines of a `leasehold cluster`: unix:/path, tcp://127.0.0.1:7070 (default: own ones)',
    )
    .option('--advertise <url>', 'where clients reach this service, told by others (default: where it listens)')
    .option('--token-file <file>', 'the admin token that all services of a log share (default: in the data directory)')
    .option('--time-scale <factor>', 'seconds of scheduling in a second of the clock', timeScale, 1)
    .addOption(
      new Option('--log-level <level>', 'what to log on stderr')
        .choices(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
        .default('warn'),
    )
    .option('--rate-limit <number>', 'requests a second from one address', wholeNumber(1, 1_000_000), 5000)
    .action(async (options: Options) => {
      const { serve } = await import('../api/main.js');
      await serve({
        ...options,
        store: options.store ?? null,
        anchor: options.anchor ?? null,
        personalKeys: options.personalKeys ?? null,
        checkpoints: options.checkpoints ?? null,
        checkpointKey: options.checkpointKey ?? null,
        nodes: options.nodes ?? [],
        site: options.site ?? null,
        policy: options.policy ?? null,
        cluster: options.cluster ?? null,
        advertise: options.advertise ?? null,
        tokenFile: options.tokenFile ?? null,
      });
    });
}
