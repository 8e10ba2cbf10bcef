/** The commands, put together. Each loads what it needs when it runs: none waits for another's libraries. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { accountingCommand } from './accounting.js';
import { auditCommand } from './audit.js';
import { clusterCommand } from './cluster.js';
import { completionCommand } from './completion.js';
import { EXIT, report } from './errors.js';
import { configCommand } from './config.js';
import { eventsCommand } from './events.js';
import { haizeaCommands } from './haizea.js';
import { leaseCommands } from './lease.js';
import { logCommands } from './log.js';
import { nodeCommands } from './node.js';
import { policyCommands } from './policy.js';
import { serveCommand } from './serve.js';
import { simulateCommand } from './simulate.js';
import { workloadCommands } from './workload.js';

/** Runs the command line `argv` (without node and script) and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await programme().parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error);
    // Commander has printed what is wrong; help and version are no errors.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

export function programme(): Command {
  const program = new Command('leasehold')
    .description('Leases virtual machines: a service, a simulator and an auditor around one scheduler.')
    .version(version(), '-V, --version')
    .showHelpAfterError('Run it with --help to see what there is.')
    .exitOverride()
    .addHelpText('after', EXIT_CODES);
  serveCommand(program);
  configCommand(program);
  clusterCommand(program);
  leaseCommands(program);
  nodeCommands(program);
  policyCommands(program);
  eventsCommand(program);
  simulateCommand(program);
  workloadCommands(program);
  accountingCommand(program);
  auditCommand(program);
  logCommands(program);
  haizeaCommands(program);
  completionCommand(program);
  return program;
}

const EXIT_CODES = `
Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 refused, 5 conflict, 6 not authorised, 7 unreachable,
65 log corrupt, 66 log truncated, 67 replay differs, 68 bad signature, 70 bug, 74 disk failed, 75 in use by another process,
78 bad or unsafe configuration, 124 wait timed out.`;

function version(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<
        string,
        string
      >;
      if (name === 'leasehold' && version !== undefined) return version;
    } catch {
      // The sources and the compiled files lie at different depths: the other place has it.
    }
  }
  return 'unknown';
}
