/** The commands, put together. Each loads what it needs when it runs: none waits for another's libraries. */

import { Command, CommanderError, Option } from 'commander';
import { accessCommands } from './access.js';
import { version } from '../api/version.js';
import { accountingCommand } from './accounting.js';
import { auditCommand } from './audit.js';
import { clusterCommand } from './cluster.js';
import { completionCommand } from './completion.js';
import { contextCommands } from './context.js';
import { DryRunAnswer } from './dry-run.js';
import { EXIT, report } from './errors.js';
import { configCommand } from './config.js';
import { diagCommand } from './diag.js';
import { eventsCommand } from './events.js';
import { EXIT_MEANINGS } from './exit-meanings.js';
import { haizeaCommands } from './haizea.js';
import { imageCommands } from './image.js';
import { networkCommands } from './network.js';
import { leaseCommands } from './lease.js';
import { logCommands } from './log.js';
import { diffCommand } from './diff.js';
import { docsCommand } from './manual.js';
import { maintenanceCommands } from './maintenance.js';
import { nodeCommands } from './node.js';
import type { Printing } from './output.js';
import { policyCommands } from './policy.js';
import { quoteCommand } from './quote.js';
import { serveCommand } from './serve.js';
import { simulateCommand } from './simulate.js';
import { slotsCommand } from './slots.js';
import { webhookCommands } from './webhook.js';
import { whatIfCommand } from './whatif.js';
import { workloadCommands } from './workload.js';

/** Runs the command line `argv` (without node and script) and returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let options = {};
  const program = programme().hook('preAction', (_, action) => {
    options = action.optsWithGlobals();
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof DryRunAnswer) return tried(error, options as Printing);
    if (!(error instanceof CommanderError)) return report(error);
    // Commander has printed what is wrong; help and version are no errors.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

export function programme(): Command {
  const program = new Command('leasehold')
    .description('Leases virtual machines: a service, a simulator and an auditor around one scheduler.')
    .version(version(), '-V, --version')
    .addOption(
      new Option('--color <when>', 'colours: always, never, or on a terminal (auto; also NO_COLOR, FORCE_COLOR)')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .configureOutput({ outputError: (text, say) => say(text.replace(/^error: /, 'leasehold: ')) })
    .showHelpAfterError('Run it with --help to see what there is.')
    .exitOverride()
    .hook('preAction', (_, action) => obeyColour(action.optsWithGlobals().color))
    .addHelpText('after', EXIT_CODES);
  program.commandsGroup('Leases:');
  leaseCommands(program);
  quoteCommand(program);
  slotsCommand(program);
  program.commandsGroup('The service:');
  serveCommand(program);
  configCommand(program);
  clusterCommand(program);
  nodeCommands(program);
  maintenanceCommands(program);
  imageCommands(program);
  networkCommands(program);
  policyCommands(program);
  accessCommands(program);
  whatIfCommand(program);
  eventsCommand(program);
  webhookCommands(program);
  diffCommand(program);
  diagCommand(program);
  program.commandsGroup('Its log:');
  auditCommand(program);
  logCommands(program);
  program.commandsGroup('Simulations:');
  simulateCommand(program);
  workloadCommands(program);
  accountingCommand(program);
  haizeaCommands(program);
  program.commandsGroup('This program:');
  contextCommands(program);
  completionCommand(program);
  docsCommand(program);
  return program;
}

async function tried({ answer }: DryRunAnswer, printing: Printing): Promise<number> {
  const { printDryRun } = await import('./dry-run-actions.js');
  return printDryRun(answer, printing).then(() => EXIT.ok, report);
}

/** As if the environment said it, which is where everything looks that has colours. */
function obeyColour(when: unknown): void {
  if (when === 'auto' || when === undefined) return;
  process.env.NO_COLOR = when === 'never' ? '1' : '';
  process.env.FORCE_COLOR = when === 'never' ? '0' : '1';
}

const EXIT_CODES = `
Exit codes:
${Object.entries(EXIT_MEANINGS)
  .map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`)
  .join('\n')}

Begin with: leasehold submit --help. Every command has --help, with examples.`;
